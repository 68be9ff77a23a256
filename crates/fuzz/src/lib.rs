//! Property-tests an upload endpoint.
//!
//! `strategy` generates cases, `attempt` runs a case against the target, and [`uptake_oracle`] predicts which answers the
//! contract allows. A failure is repeated, shrunk to a minimal case (`shrink`), drawn (`diagram`) and written as a
//! scenario (`scenario`) that `uptake check` replays. This crate knows no command line, starts no server and prints
//! nothing; it reports events to a listener.

mod attempt;
mod batch;
mod body;
mod case;
mod client;
mod config;
mod contract;
mod describe;
mod diagram;
mod error;
mod event;
mod findings;
mod interrupt;
mod mismatch;
mod outcome;
mod property;
mod protocol;
mod run;
mod scenario;
mod schedule;
mod shrink;
mod simpler;
mod strategy;
mod subject;
mod test_case;
mod worker;
mod yaml;

pub use config::{Bounds, FuzzConfig};
pub use error::FuzzError;
pub use event::{FuzzEvent, Listener};
pub use property::{Property, UnknownProperty};
pub use run::fuzz;
pub use subject::{least_segment, needed_secrets};
