//! What can keep a reference server from starting. Whatever a caller does wrong is an answer, never one of these.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a reference server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// An address is taken, or not this machine's.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Segments have no place to go.
    #[error("cannot keep segments in {}: {source}", folder.display())]
    Storage {
        /// The folder asked for.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another server uses the folder.
    #[error("another server uses {}; two servers cannot share a folder", folder.display())]
    StoreTaken {
        /// The folder asked for.
        folder: PathBuf,
    },
    /// What is in the folder cannot be trusted, or is not a server's.
    #[error("cannot use the store in {}: {why}", folder.display())]
    StoreDamaged {
        /// The folder asked for.
        folder: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The store could not be written to as the server started.
    #[error("cannot continue with the data in {}: {why}", folder.display())]
    Unfinished {
        /// The folder asked for.
        folder: PathBuf,
        /// What went wrong.
        why: String,
    },
    /// A certificate or its key cannot be used.
    #[error("cannot use {}: {why}", file.display())]
    Certificate {
        /// The file at fault.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// No certificate could be made.
    #[error("cannot make a certificate: {0}")]
    SelfSigned(String),
    /// An empty key would let everybody in.
    #[error("the API key must not be empty")]
    EmptyKey,
    /// A name that no planted defect has.
    #[error(
        "unknown defect `{name}`{}; `uptake serve --list-defects` lists them",
        similar.map(|name| format!(": did you mean `{name}`?")).unwrap_or_default()
    )]
    UnknownDefect {
        /// The name that was given.
        name: String,
        /// The name that may have been meant.
        similar: Option<&'static str>,
    },
}
