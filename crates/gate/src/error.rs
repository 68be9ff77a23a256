//! What can be wrong with what a gate is told.

use thiserror::Error;

use uptake_yaml::Problems;

/// A waiver file or a report that cannot be used.
#[derive(Debug, Error)]
pub enum GateError {
    /// The file cannot be read.
    #[error("cannot read {path}: {why}")]
    Unreadable {
        /// The path, as it was given.
        path: String,
        /// What the system says.
        why: String,
    },
    /// The file says what makes no sense.
    #[error(transparent)]
    Problems(#[from] Problems),
}

/// The text of a file.
pub(super) fn text(path: &std::path::Path) -> Result<String, GateError> {
    std::fs::read_to_string(path)
        .map_err(|error| GateError::Unreadable { path: path.display().to_string(), why: error.to_string() })
}
