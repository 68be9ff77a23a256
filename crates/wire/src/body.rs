//! A request's body: pieces that are made as they are sent, never whole in memory.

use bytes::Bytes;

use super::{BodySummary, FieldSummary};
use uptake_payload::{PayloadError, Slice};

/// A body. Cloning it copies no bytes.
#[derive(Debug, Clone, Default)]
pub struct Body {
    pieces: Vec<Piece>,
    summary: BodySummary,
}

/// A piece of a body.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    /// Bytes at hand.
    Bytes(Bytes),
    /// A range of some content.
    Slice(Slice),
}

impl Body {
    /// No body.
    pub fn empty() -> Body {
        Body::default()
    }

    /// A range of some content.
    pub fn content(slice: Slice) -> Body {
        let summary = BodySummary::of(&slice);
        Body { pieces: vec![Piece::Slice(slice)], summary }
    }

    pub(super) fn form(pieces: Vec<Piece>, fields: Vec<FieldSummary>) -> Body {
        let len = pieces.iter().map(Piece::len).sum();
        Body { pieces, summary: BodySummary::Form { fields, len } }
    }

    /// How many bytes it has.
    pub fn len(&self) -> u64 {
        self.summary.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What it is, in words: the text itself where it is short.
    pub fn describe(&self) -> String {
        self.summary.to_string()
    }

    /// What it is, for those who repeat it.
    pub fn summary(&self) -> &BodySummary {
        &self.summary
    }

    pub(super) fn reader(&self) -> BodyReader<'_> {
        BodyReader { pieces: &self.pieces, at: 0 }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Body {
        if bytes.is_empty() {
            return Body::empty();
        }
        Body { pieces: vec![Piece::Bytes(bytes.clone())], summary: BodySummary::Bytes(bytes) }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Body {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Body {
        Bytes::from(text).into()
    }
}

impl Piece {
    fn len(&self) -> u64 {
        match self {
            Piece::Bytes(bytes) => bytes.len() as u64,
            Piece::Slice(slice) => slice.len(),
        }
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> Result<(), PayloadError> {
        match self {
            Piece::Bytes(bytes) => {
                let at = usize::try_from(at).expect("within bytes that are held in memory");
                buffer.copy_from_slice(&bytes[at..at + buffer.len()]);
                Ok(())
            }
            Piece::Slice(slice) => slice.read_at(at, buffer),
        }
    }
}

/// Reads a body from its beginning to its end.
///
/// A buffer's worth is made (or read from the page cache) in about the time that the kernel takes to copy it, so it
/// happens right where it is written and not on a thread of its own.
pub(super) struct BodyReader<'a> {
    pieces: &'a [Piece],
    at: u64,
}

impl BodyReader<'_> {
    /// Fills the buffer with the next bytes; the caller asks for no more than there are.
    pub(super) fn fill(&mut self, mut buffer: &mut [u8]) -> Result<(), PayloadError> {
        while let Some(piece) = self.pieces.first()
            && !buffer.is_empty()
        {
            let left = piece.len() - self.at;
            let step = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            let (now, rest) = buffer.split_at_mut(step);
            piece.read_at(self.at, now)?;
            buffer = rest;
            self.at += step as u64;
            if self.at == piece.len() {
                self.pieces = &self.pieces[1..];
                self.at = 0;
            }
        }
        if buffer.is_empty() {
            Ok(())
        } else {
            Err(PayloadError::OutOfRange { from: 0, end: buffer.len() as u64, size: 0 })
        }
    }
}
