//! The content of a request, as it comes: without its transfer coding, piece by piece.

use std::io;
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use tokio::time::timeout;

use super::connection::Connection;
use super::head::{Framing, Head};
use super::response::interim;

/// The longest line of a chunk's size, or of a trailer.
const MOST_LINE: usize = 4096;
/// How much of a refused content is still read, so that the client reads the refusal.
const DRAINED: usize = 64 << 20;
/// How long that may take.
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// Where in its content a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// So many bytes are left.
    Length(u64),
    /// A chunk begins.
    ChunkHead,
    /// So many bytes of a chunk are left, and its line end.
    Chunk(u64),
    /// The line end of a chunk.
    ChunkEnd,
    /// Trailers follow.
    Trailers,
    End,
}

/// The content of the request that a connection is at.
pub(super) struct Body<'c> {
    connection: &'c mut Connection,
    state: State,
    /// Whether the client waits for 100.
    is_awaited: bool,
}

impl<'c> Body<'c> {
    pub(super) fn new(connection: &'c mut Connection, head: &Head) -> Self {
        let state = match head.framing {
            Framing::Length(0) => State::End,
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::ChunkHead,
        };
        Self { connection, state, is_awaited: state != State::End && head.expects_continue() }
    }

    /// Sends an interim response.
    pub(super) async fn interim(&mut self, status: u16, fields: &[(&str, &str)]) -> io::Result<()> {
        self.connection.write(&interim(status, fields.iter().copied())).await
    }

    /// Tells a client that waits to go on.
    async fn invite(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.is_awaited) { self.interim(100, &[]).await } else { Ok(()) }
    }

    /// The next bytes; none at the end. May be dropped while it waits, without a loss.
    pub(super) async fn next(&mut self) -> io::Result<Option<Bytes>> {
        self.invite().await?;
        loop {
            if let Some(found) = self.parse()? {
                return Ok(found);
            }
            self.connection.fill().await?;
        }
    }

    /// What the buffer has: bytes, the end, or nothing yet.
    fn parse(&mut self) -> io::Result<Option<Option<Bytes>>> {
        loop {
            match self.state {
                State::End => return Ok(Some(None)),
                State::Length(left) => {
                    let Some(bytes) = self.take(left) else { return Ok(None) };
                    let left = left - bytes.len() as u64;
                    self.state = if left == 0 { State::End } else { State::Length(left) };
                    return Ok(Some(Some(bytes)));
                }
                State::ChunkHead => {
                    let Some(line) = self.line()? else { return Ok(None) };
                    let size = chunk_size(&line).ok_or(io::ErrorKind::InvalidData)?;
                    self.state = if size == 0 { State::Trailers } else { State::Chunk(size) };
                }
                State::Chunk(left) => {
                    let Some(bytes) = self.take(left) else { return Ok(None) };
                    let left = left - bytes.len() as u64;
                    self.state = if left == 0 { State::ChunkEnd } else { State::Chunk(left) };
                    return Ok(Some(Some(bytes)));
                }
                State::ChunkEnd => {
                    let Some(line) = self.line()? else { return Ok(None) };
                    if !line.is_empty() {
                        return Err(io::ErrorKind::InvalidData.into());
                    }
                    self.state = State::ChunkHead;
                }
                State::Trailers => {
                    let Some(line) = self.line()? else { return Ok(None) };
                    if line.is_empty() {
                        self.state = State::End;
                    }
                }
            }
        }
    }

    fn take(&mut self, most: u64) -> Option<Bytes> {
        let buffer = self.connection.buffered();
        let length = usize::try_from(most).unwrap_or(usize::MAX).min(buffer.len());
        (length > 0).then(|| buffer.split_to(length).freeze())
    }

    /// A line without its end.
    fn line(&mut self) -> io::Result<Option<Bytes>> {
        let buffer = self.connection.buffered();
        let Some(at) = buffer.windows(2).take(MOST_LINE).position(|window| window == b"\r\n") else {
            let is_long = buffer.len() > MOST_LINE;
            return if is_long { Err(io::ErrorKind::InvalidData.into()) } else { Ok(None) };
        };
        let line = buffer.split_to(at).freeze();
        buffer.advance(2);
        Ok(Some(line))
    }

    /// Whether all of it was read.
    pub(super) fn is_finished(&self) -> bool {
        self.state == State::End
    }

    /// Writes the final response, and reads what is left of the content within limits: a client that finds its connection
    /// closed while it sends may never read the response. Says whether the connection can be used on.
    pub(super) async fn answer(mut self, response: &[u8]) -> bool {
        if self.connection.write(response).await.is_err() {
            return false;
        }
        if self.is_awaited {
            return false;
        }
        let drain = async {
            let mut left = DRAINED;
            while let Ok(Some(bytes)) = self.next().await {
                left = left.saturating_sub(bytes.len());
                if left == 0 {
                    return;
                }
            }
        };
        drop(timeout(DRAIN_TIME, drain).await);
        self.is_finished()
    }
}

fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(line).ok()?.split(';').next()?.trim_matches([' ', '\t']);
    let is_hex = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u64::from_str_radix(digits, 16).ok().filter(|_| is_hex)
}

#[cfg(test)]
mod tests {
    use super::chunk_size;

    #[test]
    fn the_size_of_a_chunk_is_hexadecimal() {
        assert_eq!(
            [b"1F".as_slice(), b"0;x=y", b"+1", b"", b"g"].map(chunk_size),
            [Some(31), Some(0), None, None, None]
        );
    }
}
