//! The figures of a load run while it goes on, for Prometheus and for receivers of OTLP.
//!
//! [`Metrics`] holds what was measured so far, a second at a time; [`serve`] shows it at an address, and [`Pushing`] sends it to a
//! receiver, both within bounds. Nothing here is on the path of a sample. The feature `telemetry` adds native histograms for
//! Prometheus, and OTLP: without it, [`OtlpReceiver::new`] says so.

mod described;
mod exponential;
mod exposition;
mod figures;
mod histogram;
#[cfg(feature = "telemetry")]
mod otlp;
#[cfg(not(feature = "telemetry"))]
#[path = "otlp_missing.rs"]
mod otlp;
mod otlp_error;
mod server;

pub use figures::Metrics;
pub use otlp::{OtlpReceiver, Pushing};
pub use otlp_error::OtlpError;
pub use server::{Serving, serve};
