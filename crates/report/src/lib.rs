//! Renders results as text: one file for each format, each a function of the result alone.
//!
//! This crate depends on `uptake-outcome` only. It decides no verdict and prints nothing: callers get the text, and
//! [`Outputs`] writes the files that the command line names.

mod capacity;
mod certificate;
mod ctrf;
mod destination;
mod error;
mod facts;
mod figures;
mod format;
mod fuzz;
mod github;
mod har;
mod html;
mod json;
mod junit;
pub mod load;
mod markdown;
mod matrix;
#[cfg(test)]
mod matrix_sample;
mod outputs;
#[cfg(test)]
mod sample;
mod sarif;
mod sentence;
mod servers;
mod stored;
mod terminal;
mod text;

pub use capacity::{capacity_json, capacity_schema};
pub use certificate::{certificate_json, certificate_schema, read_certificate};
pub use ctrf::ctrf;
pub use destination::{Destination, Location};
pub use error::ReportError;
pub use format::{
    CheckFormat, ComparisonFormat, Format, FuzzFormat, LintFormat, LoadFormat, MatrixFormat, ServersFormat,
};
pub use fuzz::{fuzz_json, fuzz_schema, fuzz_sentence, fuzz_terminal, read_fuzz};
pub use github::github;
pub use har::har;
pub use html::{
    Compared, ComparedGroup, capacity_html, check_html, comparison_html, fuzz_html, load_html, matrix_html,
    servers_html,
};
pub use json::{events_schema, json, schema};
pub use junit::junit;
pub use markdown::markdown;
pub use matrix::{matrix_json, matrix_record, matrix_schema, read_matrix};
pub use outputs::Outputs;
pub use sarif::sarif;
pub use sentence::sentence;
pub use servers::{Badge, badge, read_servers, servers_json, servers_schema};
pub use terminal::{
    Style, capacity_sentence, capacity_terminal, comparison_terminal, forecast_terminal, load_sentence,
    load_terminal, matrix_sentence, matrix_terminal, servers_sentence, servers_terminal, terminal,
};
