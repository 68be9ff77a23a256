//! A slice: a range of some content.

use super::{Algorithm, Content, PayloadError};

/// `len` bytes of `content`, from `from` on. Cloning it copies no bytes.
#[derive(Debug, Clone)]
pub struct Slice {
    content: Content,
    from: u64,
    len: u64,
}

/// How much is read at a time where a slice is read from end to end.
const STRIDE: u64 = 64 * 1024;

impl Slice {
    pub(super) fn new(content: Content, from: u64, len: u64) -> Slice {
        Slice { content, from, len }
    }

    /// The content that it is a slice of.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// Where it begins in the content.
    pub fn from(&self) -> u64 {
        self.from
    }

    /// How many bytes it has.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Fills `buffer` with the bytes that begin at `offset` of this slice.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), PayloadError> {
        let end = offset.saturating_add(buffer.len() as u64);
        if end > self.len {
            return Err(PayloadError::OutOfRange { from: offset, end, size: self.len });
        }
        self.content.read_at(self.from.saturating_add(offset), buffer)
    }

    /// The digest of the slice, made piece by piece.
    pub fn digest(&self, algorithm: Algorithm) -> Result<Vec<u8>, PayloadError> {
        let mut digest = algorithm.start();
        let mut buffer = vec![0; usize::try_from(STRIDE.min(self.len)).expect("a stride fits into memory")];
        let mut at = 0;
        while at < self.len {
            let step = usize::try_from(STRIDE.min(self.len - at)).expect("a stride fits into memory");
            self.read_at(at, &mut buffer[..step])?;
            digest.update(&buffer[..step]);
            at += step as u64;
        }
        Ok(digest.finish())
    }
}
