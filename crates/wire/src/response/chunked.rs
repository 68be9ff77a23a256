//! The chunked transfer coding (RFC 9112, section 7.1), byte by byte.

use super::limits::CHUNK_OVERHEAD;
use super::{Bound, ResponseError};

/// A chunked body under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunked {
    state: State,
    /// Bytes of size lines that no data has justified yet.
    overhead: usize,
    trailers: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A chunk's size, of which so many digits were read.
    Size {
        size: u64,
        digits: u8,
    },
    /// White space or an extension after the size.
    Extension {
        size: u64,
    },
    /// The LF that ends the size line.
    SizeLf {
        size: u64,
    },
    /// So many bytes of data are to come.
    Data(u64),
    /// The CR, then the LF after the data.
    DataCr,
    DataLf,
    /// The first byte of a trailer field, or of the empty line.
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    /// The LF of the empty line.
    LastLf,
    Done,
}

/// What the coding wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wants {
    /// More of the lines between data.
    Line,
    /// So many bytes of data; [`Chunked::took`] tells how many there were.
    Data(u64),
    /// Nothing: the body has ended.
    Nothing,
}

const NO_CRLF: &str = "a line of the chunked coding does not end with CRLF";

impl Chunked {
    pub(super) fn new() -> Self {
        Self { state: State::Size { size: 0, digits: 0 }, overhead: 0, trailers: 0 }
    }

    pub(super) fn wants(&self) -> Wants {
        match self.state {
            State::Data(left) => Wants::Data(left),
            State::Done => Wants::Nothing,
            _ => Wants::Line,
        }
    }

    /// So many bytes of data were taken.
    pub(super) fn took(&mut self, count: u64) {
        if let State::Data(left) = self.state {
            self.state = if left == count { State::DataCr } else { State::Data(left - count) };
        }
    }

    /// Consumes lines up to the next data or the end. Says how many bytes it took.
    pub(super) fn lines(&mut self, input: &[u8], max_trailers: usize) -> Result<usize, ResponseError> {
        for (at, byte) in input.iter().enumerate() {
            if self.wants() != Wants::Line {
                return Ok(at);
            }
            self.state = self.step(*byte)?;
            if matches!(self.state, State::TrailerName | State::TrailerValue | State::TrailerLf) {
                self.trailers += 1;
                if self.trailers > max_trailers {
                    return Err(ResponseError::Exceeded(Bound::Trailers(max_trailers)));
                }
            } else {
                self.overhead += 1;
                if self.overhead > CHUNK_OVERHEAD {
                    return Err(ResponseError::Exceeded(Bound::ChunkLines(CHUNK_OVERHEAD)));
                }
            }
        }
        Ok(input.len())
    }

    fn step(&mut self, byte: u8) -> Result<State, ResponseError> {
        Ok(match (self.state, byte) {
            (State::Size { size, digits }, digit) if digit.is_ascii_hexdigit() => {
                if digits == 16 {
                    return Err(ResponseError::malformed("a chunk size has more than 16 digits"));
                }
                let digit = char::from(digit).to_digit(16).unwrap_or_default();
                State::Size { size: size << 4 | u64::from(digit), digits: digits + 1 }
            }
            (State::Size { size, digits: 1.. }, b' ' | b'\t' | b';') => State::Extension { size },
            (State::Size { size, digits: 1.. } | State::Extension { size }, b'\r') => State::SizeLf { size },
            (State::Size { .. }, other) => {
                return Err(ResponseError::in_bytes("a chunk size is not hexadecimal", &[other]));
            }
            (State::Extension { .. }, b'\n') => {
                return Err(ResponseError::malformed("a chunk's size line does not end with CRLF"));
            }
            (extension @ State::Extension { .. }, _) => extension,
            (State::SizeLf { size: 0 }, b'\n') => State::TrailerStart,
            (State::SizeLf { size }, b'\n') => {
                // A chunk justifies its line, and each of its bytes two more (as Go's reader has it).
                let justified =
                    usize::try_from(size.saturating_mul(2)).unwrap_or(usize::MAX).saturating_add(16);
                self.overhead = self.overhead.saturating_sub(justified);
                State::Data(size)
            }
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => State::Size { size: 0, digits: 0 },
            (State::DataCr | State::DataLf, _) => {
                return Err(ResponseError::malformed("a chunk is longer than its size"));
            }
            (State::SizeLf { .. }, _) => {
                return Err(ResponseError::malformed(NO_CRLF));
            }
            (State::Data(_) | State::Done, _) => self.state,
            (trailer, byte) => trailer_step(trailer, byte)?,
        })
    }
}

/// A step through the trailer section: fields as in a head, and an empty line.
fn trailer_step(state: State, byte: u8) -> Result<State, ResponseError> {
    Ok(match state {
        State::TrailerStart if byte == b'\r' => State::LastLf,
        State::TrailerStart | State::TrailerName if is_token(byte) => State::TrailerName,
        State::TrailerName if byte == b':' => State::TrailerValue,
        State::TrailerValue if byte == b'\r' => State::TrailerLf,
        State::TrailerValue if matches!(byte, b' '..=b'~' | b'\t' | 0x80..) => State::TrailerValue,
        State::TrailerLf if byte == b'\n' => State::TrailerStart,
        State::LastLf if byte == b'\n' => State::Done,
        State::TrailerLf | State::LastLf => return Err(ResponseError::malformed(NO_CRLF)),
        _ => return Err(ResponseError::in_bytes("a trailer is not a header field", &[byte])),
    })
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
