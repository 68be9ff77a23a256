//! Why a run could not begin, or its results not be kept.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use uptake_wire::WireError;

/// Why a run could not begin, or its results not be kept.
#[derive(Debug, Error)]
pub enum FuzzError {
    /// Tokens cannot be made.
    #[error("the target has no `api-key`, and without one no upload token can be made")]
    NoKey,
    /// The client cannot be set up.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// A scenario could not be kept.
    #[error("the counterexample was not written to {path}: {source}")]
    Write {
        /// Where to.
        path: PathBuf,
        /// What the system response.
        source: io::Error,
    },
}
