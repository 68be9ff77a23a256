//! Why figures cannot be pushed. No error has the value of a header.

use thiserror::Error;

/// A receiver that cannot be used, known before anything is sent.
#[derive(Debug, Error)]
pub enum OtlpError {
    /// The build has no OTLP.
    #[error(
        "this build has no OTLP: released binaries have it, a build from source needs --features telemetry"
    )]
    NotBuilt,
    /// A variable or an option that cannot be followed.
    #[error("{name}: {reason}")]
    Setting {
        /// Its name.
        name: &'static str,
        /// What to do.
        reason: String,
    },
}
