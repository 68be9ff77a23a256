//! Content: bytes that are made or read when they are needed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::{PayloadError, Seed, read_exact_at};

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
    Seeded(Seed),
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
            Source::Seeded { seed, .. } => Origin::Seeded(*seed),
            Source::File { path, .. } => Origin::File(path.clone()),
            Source::Text(bytes) => Origin::Text(bytes.clone()),
        }
    }

    /// Fills `buffer` with the bytes that begin at `offset`.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), PayloadError> {
        let size = self.len();
        let end = offset.saturating_add(buffer.len() as u64);
        let beyond = PayloadError::OutOfRange { from: offset, end, size };
        if end > size {
            return Err(beyond);
        }
        match &*self.0 {
            Source::Seeded { seed, .. } => seed.fill(offset, buffer),
            Source::File { path, file, .. } => read_exact_at(file, buffer, offset)
                .map_err(|source| PayloadError::Read { path: path.clone(), source })?,
            Source::Text(bytes) => {
                let from = usize::try_from(offset).ok();
                let there = from.and_then(|from| bytes.get(from..)?.get(..buffer.len()));
                buffer.copy_from_slice(there.ok_or(beyond)?);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::{Content, Origin};
    use crate::{PayloadError, Seed};

    fn read(content: &Content, from: u64, len: usize) -> Result<Vec<u8>, PayloadError> {
        let mut bytes = vec![0; len];
        content.read_at(from, &mut bytes)?;
        Ok(bytes)
    }

    #[test]
    fn text_and_files_are_read_by_position() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"0123456789").unwrap();
        for content in [Content::text("0123456789"), Content::file(file.path()).unwrap()] {
            assert_eq!(content.len(), 10);
            assert_eq!(read(&content, 3, 4).unwrap(), b"3456");
            assert_eq!(read(&content, 0, 10).unwrap(), b"0123456789");
            assert_eq!(read(&content, 10, 0).unwrap(), b"");
        }
        assert_eq!(Content::file(file.path()).unwrap().origin(), Origin::File(file.path().to_path_buf()));
    }

    #[test]
    fn nothing_is_read_beyond_the_end() {
        for content in [Content::text("0123456789"), Content::seeded(Seed(1), 10)] {
            for (from, len) in [(5, 6), (10, 1), (u64::MAX, 1)] {
                let error = read(&content, from, len).unwrap_err();
                assert!(matches!(error, PayloadError::OutOfRange { size: 10, .. }), "{error}");
            }
        }
    }

    #[test]
    fn a_file_that_shrank_is_told() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(10).unwrap();
        let content = Content::file(file.path()).unwrap();
        file.as_file().set_len(5).unwrap();
        assert!(matches!(read(&content, 0, 10), Err(PayloadError::Read { .. })));
    }

    #[test]
    fn only_regular_files_are_content() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Content::file(folder.path()), Err(PayloadError::NotAFile { .. })));
        assert!(matches!(Content::file(folder.path().join("none")), Err(PayloadError::Open { .. })));
    }

    #[test]
    fn content_of_any_size_takes_no_room() {
        let content = Content::seeded(Seed(1), u64::MAX);
        assert_eq!(read(&content, u64::MAX - 16, 16).unwrap().len(), 16);
    }
}
