//! Content: bytes that are made or read when they are needed.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::{PayloadError, Seed, Slice};

/// A named run of bytes. Cloning it copies no bytes.
#[derive(Debug, Clone)]
pub struct Content(Arc<Source>);

#[derive(Debug)]
enum Source {
    Seeded { seed: Seed, size: u64 },
    File { path: PathBuf, file: File, size: u64 },
    Text(Bytes),
}

/// Where content comes from, for those who describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Made from a seed.
    Seeded,
    /// Read from this file.
    File(PathBuf),
    /// Given as it is.
    Text(Bytes),
}

impl Content {
    /// `size` bytes that look random and depend on the seed alone.
    pub fn seeded(seed: Seed, size: u64) -> Content {
        Content(Arc::new(Source::Seeded { seed, size }))
    }

    /// The bytes of a file, read by position as they are needed. The size is the one that the file has now.
    pub fn file(path: impl AsRef<Path>) -> Result<Content, PayloadError> {
        let path = path.as_ref().to_path_buf();
        let opened = File::open(&path).and_then(|file| Ok((file.metadata()?, file)));
        let (metadata, file) = opened.map_err(|source| PayloadError::Open { path: path.clone(), source })?;
        if !metadata.is_file() {
            return Err(PayloadError::NotAFile { path });
        }
        Ok(Content(Arc::new(Source::File { path, file, size: metadata.len() })))
    }

    /// Bytes that are short enough to be held.
    pub fn text(bytes: impl Into<Bytes>) -> Content {
        Content(Arc::new(Source::Text(bytes.into())))
    }

    /// How many bytes there are.
    #[expect(
        clippy::len_without_is_empty,
        reason = "content is measured, hardly ever asked whether it is empty"
    )]
    pub fn len(&self) -> u64 {
        match &*self.0 {
            Source::Seeded { size, .. } | Source::File { size, .. } => *size,
            Source::Text(bytes) => bytes.len() as u64,
        }
    }

    /// Where the bytes come from.
    pub fn origin(&self) -> Origin {
        match &*self.0 {
            Source::Seeded { .. } => Origin::Seeded,
            Source::File { path, .. } => Origin::File(path.clone()),
            Source::Text(bytes) => Origin::Text(bytes.clone()),
        }
    }

    /// Fills `buffer` with the bytes that begin at `offset`.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), PayloadError> {
        let size = self.len();
        let end = offset.saturating_add(buffer.len() as u64);
        if end > size {
            return Err(PayloadError::OutOfRange { from: offset, end, size });
        }
        match &*self.0 {
            Source::Seeded { seed, .. } => seed.fill(offset, buffer),
            Source::File { path, file, .. } => file
                .read_exact_at(buffer, offset)
                .map_err(|source| PayloadError::Read { path: path.clone(), source })?,
            Source::Text(bytes) => {
                let from = usize::try_from(offset).expect("within bytes that are held in memory");
                buffer.copy_from_slice(&bytes[from..from + buffer.len()]);
            }
        }
        Ok(())
    }

    /// The `len` bytes that begin at `from`. A slice that reaches beyond the content fails when it is read.
    pub fn slice(&self, from: u64, len: u64) -> Slice {
        Slice::new(self.clone(), from, len)
    }

    /// All of it.
    pub fn whole(&self) -> Slice {
        self.slice(0, self.len())
    }
}
