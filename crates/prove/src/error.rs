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
    /// The proxy between suite and server did not start.
    #[error("the proxy between suite and server did not start: {0}")]
    Interceptor(std::io::Error),
    /// A scenario could not be run behind the proxy that changes answers.
    #[error("the scenario “{scenario}” cannot run without a mutation: {why}")]
    Unmutated {
        /// The scenario.
        scenario: String,
        /// The reason.
        why: String,
    },
    /// A run ended by a fault of its own.
    #[error("a run ended early: {0}")]
    Broken(#[from] tokio::task::JoinError),
}
