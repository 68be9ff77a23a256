//! From a [`LoadRun`](uptake_outcome::load::LoadRun) to files: JSON, an interval log of `HdrHistogram`, CSV.

mod csv;
mod hlog;
mod json;
#[cfg(test)]
pub(crate) mod sample;

pub use csv::csv;
pub use hlog::hlog;
pub use json::{load_json, load_schema, read};
