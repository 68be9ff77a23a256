//! Why a suite cannot be used.

use thiserror::Error;

use super::files::FileError;
use uptake_yaml::Problems;

/// Why a suite cannot be used.
#[derive(Debug, Error)]
pub enum LoadError {
    /// Files that a person must fix.
    #[error(transparent)]
    Problems(#[from] Problems),
    /// A file that cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A path that leads to no suite.
    #[error("{path}: {why}")]
    NoSuite {
        /// The path as given.
        path: String,
        /// What is wrong with it.
        why: String,
    },
}
