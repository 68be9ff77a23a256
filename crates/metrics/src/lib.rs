//! The figures of a load run while it goes on, for Prometheus.
//!
//! [`Metrics`] holds what was measured so far, a second at a time; [`serve`] shows it at an address, within bounds. Nothing here is on
//! the path of a sample, and nothing is sent to anybody: Prometheus asks.

mod exposition;
mod histogram;
mod server;

pub use exposition::Metrics;
pub use server::{Serving, serve};
