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
const STRIDE: usize = 64 * 1024;

impl Content {
    /// The `len` bytes that begin at `from`. A slice that reaches beyond the content fails when it is read.
    pub fn slice(&self, from: u64, len: u64) -> Slice {
        Slice::new(self.clone(), from, len)
    }

    /// All of it.
    pub fn whole(&self) -> Slice {
        self.slice(0, self.len())
    }
}

impl Slice {
    fn new(content: Content, from: u64, len: u64) -> Slice {
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
        let mut buffer = vec![0; step(self.len)];
        let mut at = 0;
        while at < self.len {
            let now = &mut buffer[..step(self.len - at)];
            self.read_at(at, now)?;
            digest.update(now);
            at += now.len() as u64;
        }
        Ok(digest.finish())
    }
}

/// How much of what is left is read next.
fn step(left: u64) -> usize {
    usize::try_from(left).unwrap_or(STRIDE).min(STRIDE)
}

#[cfg(test)]
mod tests {
    use crate::{Algorithm, Content, PayloadError, Seed};

    #[test]
    fn a_slice_counts_from_its_own_beginning() {
        let slice = Content::text("0123456789").slice(2, 5);
        let mut bytes = [0; 3];
        slice.read_at(1, &mut bytes).unwrap();
        assert_eq!(&bytes, b"345");
        assert!(matches!(slice.read_at(3, &mut bytes), Err(PayloadError::OutOfRange { size: 5, .. })));
    }

    #[test]
    fn a_slice_beyond_its_content_fails_when_it_is_read() {
        let slice = Content::text("0123456789").slice(8, 5);
        assert!(slice.read_at(0, &mut [0; 5]).is_err());
        assert!(slice.digest(Algorithm::Md5).is_err());
    }

    #[test]
    fn a_digest_made_piece_by_piece_is_that_of_the_whole() {
        let slice = Content::seeded(Seed(5), 300_000).slice(77, 200_001);
        let mut bytes = vec![0; 200_001];
        slice.read_at(0, &mut bytes).unwrap();
        for algorithm in [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256, Algorithm::Crc32c] {
            assert_eq!(slice.digest(algorithm).unwrap(), algorithm.of(&bytes), "{algorithm}");
        }
    }
}
