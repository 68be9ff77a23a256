//! Where the bytes of segments go: to files, or to nothing. It knows neither videos nor rules.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tempfile::{TempDir, TempPath};
use tokio::io::AsyncWriteExt as _;

use super::config::Storage;
use super::defect::{Defect, Defects};
use super::error::ReferenceError;

/// The place for segments and finished files.
pub(super) enum Store {
    /// Nothing is kept.
    Nothing,
    /// Everything is kept in one folder.
    Folder {
        /// Where the files are.
        root: PathBuf,
        /// Held so that a temporary folder goes away with the server.
        _temporary: Option<TempDir>,
    },
}

/// A segment that is arriving. What was written is gone when it is dropped unfinished.
pub(super) enum Sink {
    /// To nothing.
    Nothing,
    /// To a file.
    File(tokio::fs::File, TempPath),
}

/// A segment that has arrived. Its file goes away with it.
#[derive(Debug)]
pub(super) enum Piece {
    /// It was not kept.
    Nothing,
    /// It is in a file.
    File(TempPath),
}

impl Store {
    pub(super) fn open(storage: &Storage) -> Result<Self, ReferenceError> {
        match storage {
            Storage::Discard => Ok(Self::Nothing),
            Storage::Temporary => {
                let folder = tempfile::Builder::new().prefix("uptake-").tempdir();
                let folder = folder
                    .map_err(|source| ReferenceError::Storage { folder: std::env::temp_dir(), source })?;
                Ok(Self::Folder { root: folder.path().to_owned(), _temporary: Some(folder) })
            }
            Storage::Directory(root) => {
                std::fs::create_dir_all(root)
                    .map_err(|source| ReferenceError::Storage { folder: root.clone(), source })?;
                Ok(Self::Folder { root: root.clone(), _temporary: None })
            }
        }
    }

    /// Opens a place for a segment that arrives.
    pub(super) async fn sink(&self) -> io::Result<Sink> {
        let Self::Folder { root, .. } = self else { return Ok(Sink::Nothing) };
        let root = root.clone();
        let file = blocking(move || tempfile::Builder::new().prefix(".segment-").tempfile_in(root)).await?;
        let (file, path) = file.into_parts();
        Ok(Sink::File(tokio::fs::File::from_std(file), path))
    }

    /// Puts segments together, one after the other, into the file of a video. The first one becomes that file; the
    /// others are copied behind it by the kernel, which shares their bytes where the file system can.
    pub(super) async fn assemble(
        &self,
        video: &str,
        pieces: Vec<Piece>,
        defects: Defects,
    ) -> io::Result<Option<PathBuf>> {
        let Self::Folder { root, .. } = self else { return Ok(None) };
        let whole = root.join(video);
        blocking(move || {
            let mut pieces = pieces.into_iter().filter_map(Piece::into_path).peekable();
            let Some(first) = pieces.next() else { return Ok(None) };
            first.persist(&whole)?;
            let mut file = OpenOptions::new().append(true).open(&whole)?;
            loop {
                if defects.has(Defect::ByteLostAtBorder) && pieces.peek().is_some() {
                    file.set_len(file.metadata()?.len().saturating_sub(1))?;
                }
                let Some(piece) = pieces.next() else { break };
                io::copy(&mut File::open(piece)?, &mut file)?;
            }
            if defects.has(Defect::StaleBytesAtEnd) {
                file.write_all(b"stale")?;
            }
            Ok(Some(whole))
        })
        .await
    }
}

impl Sink {
    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::File(file, _) => file.write_all(bytes).await,
        }
    }

    /// Everything has arrived.
    pub(super) async fn finish(self) -> io::Result<Piece> {
        match self {
            Self::Nothing => Ok(Piece::Nothing),
            Self::File(mut file, path) => {
                file.flush().await?;
                Ok(Piece::File(path))
            }
        }
    }
}

impl Piece {
    fn into_path(self) -> Option<TempPath> {
        match self {
            Self::Nothing => None,
            Self::File(path) => Some(path),
        }
    }
}

/// The SHA-256 of a file, in hexadecimal digits.
pub(super) async fn sha256(file: PathBuf) -> io::Result<String> {
    blocking(move || {
        let mut digest = Sha256::new();
        io::copy(&mut File::open(file)?, &mut digest)?;
        Ok(format!("{:x}", digest.finalize()))
    })
    .await
}

/// Removes the file of a video. One that is gone already is what was wanted.
pub(super) fn remove(file: &Path) {
    drop(std::fs::remove_file(file));
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}
