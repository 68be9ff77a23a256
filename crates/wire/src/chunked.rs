//! The chunked transfer coding, taken off as it comes (RFC 9112, section 7.1).

use bytes::{Buf as _, BytesMut};

/// A body in the chunked coding, under way.
#[derive(Debug, Default)]
pub(super) struct Unchunker {
    state: State,
}

#[derive(Debug, Default)]
enum State {
    /// A chunk's size is next.
    #[default]
    Size,
    /// So many bytes of the chunk are still to come.
    Data(u64),
    /// The line's end after a chunk's data is next.
    DataEnd,
    /// Trailers, or the empty line that ends everything, are next.
    Trailer,
    /// There is no more.
    Done,
}

/// A line that is longer than this is none.
const LINE: usize = 16 * 1024;

impl Unchunker {
    /// Moves what is whole from `from` into `to`. Says whether the body has ended.
    pub(super) fn take(&mut self, from: &mut BytesMut, to: &mut Vec<u8>) -> Result<bool, String> {
        loop {
            self.state = match self.state {
                State::Size => match line(from)? {
                    None => return Ok(false),
                    Some(line) => match size(&line)? {
                        0 => State::Trailer,
                        size => State::Data(size),
                    },
                },
                State::Data(left) => {
                    if from.is_empty() {
                        return Ok(false);
                    }
                    let step = usize::try_from(left).unwrap_or(usize::MAX).min(from.len());
                    to.extend_from_slice(&from[..step]);
                    from.advance(step);
                    match left - step as u64 {
                        0 => State::DataEnd,
                        left => State::Data(left),
                    }
                }
                State::DataEnd => match line(from)? {
                    None => return Ok(false),
                    Some(line) if line.is_empty() => State::Size,
                    Some(_) => return Err("a chunk is longer than it says".to_owned()),
                },
                State::Trailer => match line(from)? {
                    None => return Ok(false),
                    Some(line) if line.is_empty() => State::Done,
                    Some(_) => State::Trailer,
                },
                State::Done => return Ok(true),
            }
        }
    }
}

/// The next line without its end, once it is there.
fn line(from: &mut BytesMut) -> Result<Option<BytesMut>, String> {
    let Some(end) = from.iter().position(|byte| *byte == b'\n') else {
        return if from.len() > LINE {
            Err("a line between chunks does not end".to_owned())
        } else {
            Ok(None)
        };
    };
    let mut line = from.split_to(end + 1);
    line.truncate(end);
    match line.split_last() {
        Some((b'\r', _)) => {
            line.truncate(end - 1);
            Ok(Some(line))
        }
        _ => Err("a line between chunks does not end with CRLF".to_owned()),
    }
}

/// A chunk's size; what follows it after a semicolon is not heeded.
fn size(line: &[u8]) -> Result<u64, String> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let text =
        std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
    text.and_then(|text| u64::from_str_radix(text, 16).ok())
        .ok_or_else(|| format!("`{}` is no chunk size", line.escape_ascii()))
}
