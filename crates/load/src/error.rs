//! Why a load run did not start, or did not come to its end.

use std::io;

use thiserror::Error;

use uptake_suite::BadSigningKey;
use uptake_wire::WireError;
use uptake_yaml::Problems;

/// Why there is no result.
#[derive(Debug, Error)]
pub enum LoadError {
    /// Mistakes in a plan.
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
    /// A flag with an invalid value, or one that does not go with the others.
    #[error("{0}")]
    Flag(String),
    /// A file to send that cannot be read.
    #[error("cannot read {path}: {why}")]
    File {
        /// Its path.
        path: String,
        /// What the system said.
        why: String,
    },
    /// The target profile lacks a credential that the plan needs.
    #[error("the target has no credential `{name}`, which is needed to {purpose}")]
    NoKey {
        /// Its name.
        name: String,
        /// What it is needed for.
        purpose: &'static str,
    },
    /// A key that cannot sign.
    #[error(transparent)]
    SigningKey(#[from] BadSigningKey),
    /// The suite does not say what an upload is.
    #[error("the suite `{0}` has no section `upload`, which says what an upload is: `load` needs it")]
    NoUpload(String),
    /// The client's settings are invalid.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The target cannot be reached.
    #[error("cannot reach the target: {0}")]
    Unreachable(String),
    /// The token for all uploads could not be created.
    #[error("cannot create the upload token: {0}")]
    NoToken(String),
    /// This machine did not provide what a run needs.
    #[error("cannot start the load: {0}")]
    Start(io::Error),
    /// This machine does not allow as many open files as the run may need.
    #[error(
        "this run may need {needed} open files, but this machine allows {allowed} (ulimit -n): raise that limit, or use fewer \
         uploaders, --max-in-flight or --parallel-segments"
    )]
    Descriptors {
        /// How many it may need.
        needed: u64,
        /// How many are allowed.
        allowed: u64,
    },
    /// The generator itself failed.
    #[error("internal error of the load generator: {0}")]
    Generator(String),
}
