//! Why a run folder cannot be used.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a run folder cannot be used.
#[derive(Debug, Error)]
pub enum RunFolderError {
    /// There is none.
    #[error("there is no run folder at {}", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error("cannot read {}: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// It was changed, or not written to its end.
    #[error("{} is damaged: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Another version of uptake wrote it.
    #[error("{} was written in format {found}; this uptake reads format {}", path.display(), super::format::FORMAT)]
    Version {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u64,
    },
    /// The key is not the one that it was sealed with.
    #[error("{} was sealed with another key: the target's API key is not the one of that run", path.display())]
    Key {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be written.
    #[error("cannot write {}: {why}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// Another process is at work on it.
    #[error("{} is in use: another uptake process is running it", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// There is nothing to derive a key from, and the folder's own key is gone.
    #[error("{} is missing: the target has no credential, so this run was sealed with that key", path.display())]
    NoKey {
        /// The file of the folder's own key.
        path: PathBuf,
    },
}

impl RunFolderError {
    pub(super) fn damaged(path: &Path, why: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), why: why.into() }
    }

    pub(super) fn write(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |why| Self::Write { path: path.clone(), why }
    }

    pub(super) fn read(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |why| match why.kind() {
            io::ErrorKind::NotFound => Self::Missing { path: path.clone() },
            _ => Self::Unreadable { path: path.clone(), why },
        }
    }
}
