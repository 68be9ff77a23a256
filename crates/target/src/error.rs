//! Why a target cannot be used.

use thiserror::Error;

use uptake_yaml::Problems;

/// Why a target cannot be used; each is for the user to mend.
#[derive(Debug, Error)]
pub enum TargetError {
    /// A profile that a person must fix.
    #[error(transparent)]
    Problems(#[from] Problems),
    /// A profile that cannot be read.
    #[error("cannot read the target profile {path}: {why}")]
    Unreadable {
        /// Its path.
        path: String,
        /// What the system said.
        why: String,
    },
    /// A credential that is not there.
    #[error("credential `{name}`: {why}")]
    Credential {
        /// Its name.
        name: String,
        /// Where it was looked for.
        why: String,
    },
    /// A URL that is none.
    #[error("invalid target `{url}`: {why}")]
    Url {
        /// As given.
        url: String,
        /// What is wrong.
        why: String,
    },
    /// Sizes of a profile and of a suite that do not go together.
    #[error(
        "the suite's and the profile's limits do not go together: the least segment is {least} bytes, the greatest {greatest}; \
         name both in the profile"
    )]
    NoSegmentFits {
        /// The least segment.
        least: u64,
        /// The greatest.
        greatest: u64,
    },
}
