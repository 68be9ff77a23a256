//! Why a load run did not begin, or did not come to its end.

use std::io;

use thiserror::Error;

use uptake_wire::WireError;
use uptake_yaml::Problems;

/// Why there is nothing to report.
#[derive(Debug, Error)]
pub enum LoadError {
    /// A plan that a person must fix.
    #[error(transparent)]
    Problems(#[from] Problems),
    /// A plan that cannot be read.
    #[error("cannot read the plan {path}: {why}")]
    Unreadable {
        /// Its path.
        path: String,
        /// What the system said.
        why: String,
    },
    /// A flag that means nothing, or that does not go with the others.
    #[error("{0}")]
    Flag(String),
    /// A file that is to be sent and cannot be read.
    #[error("cannot read {path}: {why}")]
    File {
        /// Its path.
        path: String,
        /// What the system said.
        why: String,
    },
    /// A target that needs a key, and has none.
    #[error("the target has no credential `api-key`, which is needed to {0}")]
    NoKey(&'static str),
    /// Whom to trust is not clear.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The target cannot be reached.
    #[error("the target is out of reach: {0}")]
    OutOfReach(String),
    /// The token for all uploads was not created.
    #[error("no token was created: {0}")]
    NoToken(String),
    /// This machine did not give what is needed to begin.
    #[error("the load cannot be started: {0}")]
    Start(io::Error),
    /// The generator itself failed.
    #[error("the generator failed: {0}")]
    Generator(String),
}
