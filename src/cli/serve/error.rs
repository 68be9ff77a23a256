//! What can keep the reference server from running.

use std::io;
use std::path::PathBuf;

use super::units::Size;
use uptake_outcome::Exit;
use uptake_reference::{Protocol, ReferenceError};

/// What can keep the server from running.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum ServeError {
    /// It did not start.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// No segment but a last one would be accepted.
    #[error("--min-segment is {min} and --max-segment is {max}: the minimum must not be above the maximum")]
    Segments {
        /// The minimum, as typed or by default.
        min: Size,
        /// The maximum, as typed or by default.
        max: Size,
    },
    /// An option is for another protocol.
    #[error("{option} cannot be used with --protocol {protocol}")]
    Protocol {
        /// The option.
        option: &'static str,
        /// The protocol that was chosen.
        protocol: Protocol,
    },
    /// There is no such defect.
    #[error("invalid value for --defect: {0}")]
    Defect(String),
    /// A file of the profile would be lost.
    #[error("{} already exists; choose another name for --write-profile, or overwrite it with --force", .0.display())]
    Exists(PathBuf),
    /// The profile could not be written.
    #[error("cannot write {}: {source}", file.display())]
    Profile {
        /// The file that could not be written.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Nobody could be told where it listens.
    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
    /// It could not be stopped in an orderly way, so it was not started.
    #[error("cannot wait for signals: {0}")]
    Signal(io::Error),
}

impl ServeError {
    /// A server that cannot run as it was told to: what was told is wrong, or the machine is.
    pub(in crate::cli) fn exit(&self) -> Exit {
        match self {
            Self::Segments { .. }
            | Self::Protocol { .. }
            | Self::Defect(_)
            | Self::Exists(_)
            | Self::Profile { .. }
            | Self::Reference(
                ReferenceError::Certificate { .. }
                | ReferenceError::Storage { .. }
                | ReferenceError::EmptyKey,
            ) => Exit::BadInput,
            Self::Reference(_) | Self::Output(_) | Self::Signal(_) => Exit::CouldNotTest,
        }
    }
}
