//! What is sent: a block of seeded bytes that repeats, or a real file.
//!
//! All uploads share the block, so memory does not grow with them, and it is small enough to stay in the processor's cache. On
//! Linux, it is also in a memory file, from which the kernel sends without a copy.

use std::fs::File;
use std::io;
use std::path::Path;

use bytes::Bytes;

use uptake_payload::{Seed, read_exact_at};

/// Bytes to send.
#[derive(Debug)]
pub(crate) struct Content {
    source: Source,
    len: Option<u64>,
}

#[derive(Debug)]
enum Source {
    /// The block, with its beginning repeated after its end; and the same in a memory file.
    Block {
        bytes: Bytes,
        #[cfg(all(target_os = "linux", not(feature = "portable")))]
        memory: Option<File>,
    },
    /// A real file.
    File(File),
}

/// A range that the kernel can send.
#[cfg(all(target_os = "linux", not(feature = "portable")))]
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent<'c> {
    pub(super) file: &'c File,
    pub(super) offset: u64,
    pub(super) len: u64,
}

/// The length of the block: small enough for a second-level cache.
pub(crate) const BLOCK: u64 = 1 << 20;
/// The most bytes that are taken at once; any such range of the block is contiguous.
pub(super) const PIECE: usize = 64 << 10;

impl Content {
    /// Endless bytes that look random and depend on the seed alone: a block that repeats.
    pub(crate) fn seeded(seed: Seed) -> Self {
        let block = uptake_payload::Content::seeded(seed, BLOCK);
        let length = usize::try_from(BLOCK).expect("a block fits into memory");
        let mut bytes = vec![0; length + PIECE];
        block.read_at(0, &mut bytes[..length]).expect("the block has this length");
        bytes.copy_within(..PIECE, length);
        let source = Source::Block {
            // Without a memory file, the bytes are written in the ordinary way.
            #[cfg(all(target_os = "linux", not(feature = "portable")))]
            memory: memory(&bytes[..length]).ok(),
            bytes: bytes.into(),
        };
        Self { source, len: None }
    }

    /// A real file.
    pub(crate) fn file(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
        }
        Ok(Self { len: Some(metadata.len()), source: Source::File(file) })
    }

    /// How many bytes there are; `None` if there is no end.
    pub(crate) fn len(&self) -> Option<u64> {
        self.len
    }

    #[cfg(all(target_os = "linux", not(feature = "portable")))]
    /// A range that the kernel can send, if there is a file; it may be shorter than `most`.
    pub(super) fn extent(&self, at: u64, most: u64) -> Option<Extent<'_>> {
        match &self.source {
            Source::Block { memory, .. } => {
                let offset = at % BLOCK;
                Some(Extent { file: memory.as_ref()?, offset, len: most.min(BLOCK - offset) })
            }
            Source::File(file) => Some(Extent { file, offset: at, len: most }),
        }
    }

    /// Bytes, at most `most` and at most a piece. Those of the block are not copied.
    pub(crate) fn bytes(&self, at: u64, most: u64) -> io::Result<Bytes> {
        let most = usize::try_from(most).unwrap_or(PIECE).min(PIECE);
        match &self.source {
            Source::Block { bytes, .. } => {
                let offset = usize::try_from(at % BLOCK).expect("a block fits into memory");
                Ok(bytes.slice(offset..offset + most))
            }
            Source::File(file) => {
                let mut bytes = vec![0; most];
                read_exact_at(file, &mut bytes, at)?;
                Ok(bytes.into())
            }
        }
    }
}

#[cfg(all(target_os = "linux", not(feature = "portable")))]
fn memory(bytes: &[u8]) -> io::Result<File> {
    use rustix::fs::{MemfdFlags, memfd_create};
    use std::os::unix::fs::FileExt as _;
    let file = File::from(memfd_create("uptake-block", MemfdFlags::CLOEXEC)?);
    file.write_all_at(bytes, 0)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Content};
    use uptake_payload::Seed;

    #[cfg(all(target_os = "linux", not(feature = "portable")))]
    #[test]
    fn any_piece_is_the_same_from_memory_and_from_the_memory_file() {
        use super::PIECE;
        let content = Content::seeded(Seed(3));
        for at in [0, 1, BLOCK - 5, BLOCK, 3 * BLOCK + 4_096] {
            let bytes = content.bytes(at, PIECE as u64).expect("bytes");
            assert_eq!(bytes.len(), PIECE);
            let extent = content.extent(at, PIECE as u64).expect("a memory file");
            let mut sent = vec![0; usize::try_from(extent.len).expect("small")];
            uptake_payload::read_exact_at(extent.file, &mut sent, extent.offset).expect("readable");
            assert_eq!(bytes[..sent.len()], sent, "at {at}");
        }
    }

    #[test]
    fn the_block_repeats() {
        let content = Content::seeded(Seed(3));
        assert_eq!(content.bytes(7, 100).expect("bytes"), content.bytes(BLOCK + 7, 100).expect("bytes"));
        assert_ne!(content.bytes(7, 100).expect("bytes"), content.bytes(8, 100).expect("bytes"));
    }
}
