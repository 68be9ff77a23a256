//! From a [`Run`](uptake_outcome::Run) or a [`Matrix`](uptake_outcome::Matrix) to text: one file a format, each a
//! function of that value alone.
//!
//! The room reads `outcome` and nothing else of the house. It judges nothing, softens nothing, and prints nothing: the
//! texts go to whoever asked for them, and [`Outputs`] writes the files that were named on the command line.

mod destination;
mod error;
mod facts;
mod fuzz;
mod github;
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
mod sentence;
mod terminal;
mod text;

pub use destination::{Destination, Format, Location};
pub use error::ReportError;
pub use fuzz::{fuzz_json, fuzz_schema, fuzz_sentence, fuzz_terminal};
pub use github::github;
pub use json::{json, schema};
pub use junit::junit;
pub use markdown::markdown;
pub use matrix::{matrix_json, matrix_record, matrix_schema};
pub use outputs::Outputs;
pub use sentence::sentence;
pub use terminal::{
    Style, comparison_terminal, forecast_terminal, load_sentence, load_terminal, matrix_sentence,
    matrix_terminal, terminal,
};
