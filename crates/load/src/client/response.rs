//! Reads HTTP/1.1 responses from a transport, and keeps only what is wanted of them.
//!
//! The crate `wire` parses; this module owns the buffer and waits for bytes.

use std::io;
use std::time::Instant;

use uptake_wire::response::{Ending, Event, Head, Limits, RequestKind, ResponseError, ResponseParser};

use super::exchange::{ExchangeError, ResponseBody};
use super::transport::{Transport, broken};
use crate::failure::ErrorClass;

/// Received bytes that have not been used yet.
pub(super) struct ResponseReader {
    /// Grows up to the longest head that is accepted.
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    limits: Limits,
}

/// The head of a final response.
pub(super) struct ResponseHead {
    pub(super) status: u16,
    /// When the first byte of it came.
    pub(super) first_byte: Instant,
    /// Whether the connection can be reused.
    pub(super) is_persistent: bool,
    /// The header fields, if they are wanted.
    pub(super) headers: Vec<(String, String)>,
    parser: ResponseParser,
}

/// Room for the heads that servers commonly send.
const INITIAL_BUFFER: usize = 4 << 10;

impl ResponseReader {
    pub(super) fn new(limits: Limits) -> Self {
        Self { buffer: vec![0; INITIAL_BUFFER.min(limits.head)], at: 0, end: 0, limits }
    }

    fn unread(&self) -> &[u8] {
        &self.buffer[self.at..self.end]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.at == self.end
    }

    /// How many bytes have been received and not used.
    pub(super) fn len(&self) -> usize {
        self.end - self.at
    }

    /// Takes what has been received, without waiting. Returns whether a final response has begun.
    pub(super) fn peek(&mut self, read: impl FnOnce(&mut [u8]) -> io::Result<usize>) -> io::Result<bool> {
        self.make_room();
        if self.end == self.buffer.len() {
            // More interim responses than are accepted: that is reported when they are read.
            return Ok(true);
        }
        match read(&mut self.buffer[self.end..]) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => self.end += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        Ok(!self.is_empty() && self.has_response())
    }

    /// Whether the received bytes begin a final response. Interim responses are skipped.
    fn has_response(&mut self) -> bool {
        let mut parser = ResponseParser::new(RequestKind::Other, self.limits);
        let mut at = self.at;
        loop {
            match parser.next(&self.buffer[at..self.end]) {
                Ok((consumed, Event::Interim(_))) => at += consumed,
                Ok((_, Event::NeedMore)) => return false,
                // What is no response is reported when it is read.
                Ok(_) | Err(_) => return true,
            }
        }
    }

    fn make_room(&mut self) {
        if self.at == self.end {
            (self.at, self.end) = (0, 0);
        } else if self.end == self.buffer.len() {
            if self.at > 0 {
                self.buffer.copy_within(self.at..self.end, 0);
                (self.at, self.end) = (0, self.end - self.at);
            } else if self.buffer.len() < self.limits.head {
                let longer = (2 * self.buffer.len()).min(self.limits.head);
                self.buffer.resize(longer, 0);
            }
        }
    }

    /// Reads more. Returns whether the connection is still open.
    async fn more(&mut self, transport: &mut Transport) -> Result<bool, ExchangeError> {
        self.make_room();
        let count = transport.read(&mut self.buffer[self.end..]).await.map_err(|error| broken(&error))?;
        self.end += count;
        Ok(count > 0)
    }

    /// Reads up to the head of a final response. That nothing came at all is [`ExchangeError::Stale`].
    pub(super) async fn read_head(
        &mut self,
        transport: &mut Transport,
        kind: RequestKind,
        wanted: ResponseBody,
    ) -> Result<ResponseHead, ExchangeError> {
        let mut parser = ResponseParser::new(kind, self.limits);
        let mut first_byte = Instant::now();
        let mut has_begun = !self.is_empty();
        loop {
            let (consumed, event) = parser.next(self.unread()).map_err(|error| invalid(&error))?;
            let (head, is_interim) = match event {
                Event::Head(head) => {
                    let headers = if wanted == ResponseBody::Keep { fields(&head) } else { Vec::new() };
                    (Some((head.status, head.is_persistent, headers)), false)
                }
                event => (None, matches!(event, Event::Interim(_))),
            };
            self.at += consumed;
            if let Some((status, is_persistent, headers)) = head {
                return Ok(ResponseHead { status, first_byte, is_persistent, headers, parser });
            }
            if is_interim {
                first_byte = Instant::now();
                continue;
            }
            let begins = self.is_empty();
            if !self.more(transport).await? {
                let is_stale = !has_begun && parser.ending(self.unread()) == Ending::BeforeHead;
                let error = if is_stale { ExchangeError::Stale } else { ExchangeError::Failed };
                return Err(error(ErrorClass::Closed));
            }
            has_begun = true;
            if begins {
                first_byte = Instant::now();
            }
        }
    }

    /// Reads a response to its end, and returns its body if it is wanted.
    pub(super) async fn read_body(
        &mut self,
        transport: &mut Transport,
        head: &mut ResponseHead,
        body: ResponseBody,
    ) -> Result<Vec<u8>, ExchangeError> {
        let mut kept = Vec::new();
        loop {
            let (consumed, event) =
                head.parser.next(&self.buffer[self.at..self.end]).map_err(|error| invalid(&error))?;
            let needs_more = match event {
                Event::End => {
                    self.at += consumed;
                    return Ok(kept);
                }
                Event::Data(data) => {
                    if body == ResponseBody::Keep {
                        kept.extend_from_slice(data);
                    }
                    false
                }
                _ => true,
            };
            self.at += consumed;
            if needs_more && !self.more(transport).await? {
                return match head.parser.ending(self.unread()) {
                    Ending::Complete => Ok(kept),
                    _ => Err(ExchangeError::Failed(ErrorClass::Closed)),
                };
            }
        }
    }
}

fn fields(head: &Head<'_>) -> Vec<(String, String)> {
    head.fields()
        .map(|(name, value)| (name.to_owned(), String::from_utf8_lossy(value).into_owned()))
        .collect()
}

fn invalid(error: &ResponseError) -> ExchangeError {
    ExchangeError::Failed(match error {
        error if error.is_tls() => ErrorClass::SpeaksTls,
        ResponseError::Malformed(_) => ErrorClass::Protocol,
        ResponseError::Exceeded(_) => ErrorClass::TooLarge,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::{TcpListener, TcpStream};

    /// The responses read from `bytes`, sent in small pieces and followed by the end of the connection.
    async fn read(bytes: &'static [u8], responses: usize) -> Result<Vec<(u16, String, bool)>, ExchangeError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let server = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.expect("a caller");
            for piece in bytes.chunks(7) {
                // Whoever reads may have enough before the end.
                let _ = socket.write_all(piece).await;
                tokio::task::yield_now().await;
            }
        });
        let mut transport = Transport::Plain(TcpStream::connect(address).await.expect("connected"));
        let mut reader = ResponseReader::new(Limits { head: 256, body: 100, ..Limits::default() });
        let mut read = Vec::new();
        for _ in 0..responses {
            let mut head = reader.read_head(&mut transport, RequestKind::Other, ResponseBody::Keep).await?;
            let body = reader.read_body(&mut transport, &mut head, ResponseBody::Keep).await?;
            read.push((head.status, String::from_utf8(body).expect("a string"), head.is_persistent));
        }
        server.await.expect("no panic");
        Ok(read)
    }

    #[tokio::test]
    async fn responses_of_every_framing_are_read_to_their_end() {
        let responses = read(
            b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nfirst\
              HTTP/1.1 100 Continue\r\n\r\n\
              HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nsec\r\n3;x=y\r\nond\r\n0\r\nTrailer: a\r\n\r\n\
              HTTP/1.1 204 No Content\r\n\r\n\
              HTTP/1.1 400 Bad\r\nConnection: keep-alive, Close\r\ncontent-length: 0\r\n\r\n\
              HTTP/1.1 200 OK\r\n\r\nto the end",
            5,
        )
        .await
        .expect("responses");
        let expected = [
            (201, "first", true),
            (200, "second", true),
            (204, "", true),
            (400, "", false),
            (200, "to the end", false),
        ];
        assert_eq!(responses, expected.map(|(status, body, is_kept)| (status, body.to_owned(), is_kept)));
    }

    #[tokio::test]
    async fn a_response_that_ends_early_is_told_from_one_that_never_began() {
        let closed = ExchangeError::Failed(ErrorClass::Closed);
        let cut = read(b"HTTP/1.1 201 Created\r\nContent-Length: 50\r\n\r\nfirst", 1).await;
        assert_eq!(cut.expect_err("cut"), closed);
        assert_eq!(read(b"", 1).await.expect_err("nothing"), ExchangeError::Stale(ErrorClass::Closed));
        assert_eq!(read(b"HTTP/1.1 100 Continue\r\n\r\n", 1).await.expect_err("interim"), closed);
        assert_eq!(read(b"HTTP/1.1 20", 1).await.expect_err("half a head"), closed);
    }

    #[tokio::test]
    async fn what_is_no_response_and_what_is_too_large_are_told_apart() {
        let protocol = ExchangeError::Failed(ErrorClass::Protocol);
        let too_large = ExchangeError::Failed(ErrorClass::TooLarge);
        assert_eq!(read(b"SSH-2.0-x\r\n", 1).await.expect_err("another protocol"), protocol);
        let body = b"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n\
            0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789!";
        assert_eq!(read(body, 1).await.expect_err("a long body"), too_large);
        let head = b"HTTP/1.1 200 OK\r\nX: 0123456789012345678901234567890123456789012345678901234567890123456789\r\n\
            Y: 01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567\r\n\
            Z: 01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567\r\n";
        assert_eq!(read(head, 1).await.expect_err("a long head"), too_large);
    }
}
