//! Why nothing could be measured.

use thiserror::Error;

use uptake_check::CheckError;
use uptake_reference::ReferenceError;

/// Why nothing could be measured.
#[derive(Debug, Error)]
pub enum ProveError {
    /// A reference server did not start.
    #[error("the reference server did not start: {0}")]
    Reference(#[from] ReferenceError),
    /// A run could not begin.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The address of a server that was started is no URL.
    #[error("the reference server's address cannot be used: {0}")]
    Address(#[from] url::ParseError),
    /// A run ended by a fault of its own.
    #[error("a run broke off: {0}")]
    Broken(#[from] tokio::task::JoinError),
}
