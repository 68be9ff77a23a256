//! Reads responses, and keeps only what is wanted of them.

use std::time::{Duration, Instant};

use super::exchange::{ExchangeError, ResponseBody};
use super::transport::{Transport, broken};
use crate::failure::ErrorClass;

/// Received bytes that have not been used yet.
pub(super) struct ResponseReader {
    buffer: Box<[u8]>,
    at: usize,
    end: usize,
}

/// A response: its status, and its body if it was wanted.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) first_byte: Instant,
    /// Whether the connection can be reused.
    pub(super) is_kept: bool,
}

enum Framing {
    Length(u64),
    Chunked,
    UntilClosed,
}

struct Head {
    status: u16,
    length: usize,
    framing: Framing,
    is_kept: bool,
}

/// The longest head that is accepted.
const MAX_HEAD: usize = 16 << 10;
const MAX_HEADERS: usize = 64;
/// The most of a body that is kept.
const MAX_BODY: usize = 1 << 20;

impl ResponseReader {
    pub(super) fn new() -> Self {
        Self { buffer: vec![0; MAX_HEAD].into_boxed_slice(), at: 0, end: 0 }
    }

    fn unread(&self) -> &[u8] {
        &self.buffer[self.at..self.end]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.at == self.end
    }

    /// Takes what a socket has received, without waiting, and returns how many bytes there were; 0 means the end.
    pub(super) fn peek(
        &mut self,
        read: impl FnOnce(&mut [u8]) -> std::io::Result<usize>,
    ) -> std::io::Result<usize> {
        self.make_room();
        let count = read(&mut self.buffer[self.end..])?;
        self.end += count;
        Ok(count)
    }

    /// Whether the received bytes begin a final response.
    pub(super) fn has_response(&self) -> bool {
        let unread = self.unread();
        unread.len() >= 12 && unread.starts_with(b"HTTP/1.") && unread[9] != b'1'
    }

    fn make_room(&mut self) {
        if self.at == self.end {
            (self.at, self.end) = (0, 0);
        } else if self.end == self.buffer.len() && self.at > 0 {
            self.buffer.copy_within(self.at..self.end, 0);
            (self.at, self.end) = (0, self.end - self.at);
        }
    }

    /// Reads more. The end of the connection is an error.
    async fn more(&mut self, stream: &mut Transport, patience: Duration) -> Result<(), ExchangeError> {
        self.make_room();
        if self.end == self.buffer.len() {
            return Err(ExchangeError::Failed(ErrorClass::Protocol));
        }
        let reading = stream.read(&mut self.buffer[self.end..]);
        let count = tokio::time::timeout(patience, reading)
            .await
            .map_err(|_| ExchangeError::Failed(ErrorClass::Timeout))?
            .map_err(|error| broken(&error))?;
        if count == 0 {
            return Err(ExchangeError::Failed(ErrorClass::Closed));
        }
        self.end += count;
        Ok(())
    }

    /// Reads a response to its end.
    pub(super) async fn read_response(
        &mut self,
        stream: &mut Transport,
        keep: ResponseBody,
        patience: Duration,
    ) -> Result<Answer, ExchangeError> {
        if self.is_empty() {
            self.more(stream, patience).await.map_err(|fault| match fault {
                ExchangeError::Failed(ErrorClass::Closed) => ExchangeError::Stale(ErrorClass::Closed),
                other => other,
            })?;
        }
        let mut first_byte = Instant::now();
        let head = loop {
            match head(self.unread()).map_err(ExchangeError::Failed)? {
                // An interim response: the final one follows.
                Some(head) if head.status < 200 => {
                    self.at += head.length;
                    if self.is_empty() {
                        self.more(stream, patience).await?;
                        first_byte = Instant::now();
                    }
                }
                Some(head) => break head,
                None => self.more(stream, patience).await?,
            }
        };
        self.at += head.length;
        let mut body = Vec::new();
        let kept = (keep == ResponseBody::Keep).then_some(&mut body);
        let is_kept = match head.framing {
            Framing::Length(length) => {
                self.take(stream, length, kept, patience).await?;
                head.is_kept
            }
            Framing::Chunked => {
                self.chunks(stream, kept, patience).await?;
                head.is_kept
            }
            Framing::UntilClosed => {
                self.until_closed(stream, kept, patience).await?;
                false
            }
        };
        Ok(Answer { status: head.status, body, first_byte, is_kept })
    }

    async fn take(
        &mut self,
        stream: &mut Transport,
        length: u64,
        mut kept: Option<&mut Vec<u8>>,
        patience: Duration,
    ) -> Result<(), ExchangeError> {
        let mut left = length;
        loop {
            let now = usize::try_from(left).unwrap_or(usize::MAX).min(self.end - self.at);
            keep_some(&mut kept, &self.buffer[self.at..self.at + now]);
            self.at += now;
            left -= now as u64;
            if left == 0 {
                return Ok(());
            }
            self.more(stream, patience).await?;
        }
    }

    async fn chunks(
        &mut self,
        stream: &mut Transport,
        mut kept: Option<&mut Vec<u8>>,
        patience: Duration,
    ) -> Result<(), ExchangeError> {
        loop {
            match httparse::parse_chunk_size(self.unread()) {
                Err(_) => return Err(ExchangeError::Failed(ErrorClass::Protocol)),
                Ok(httparse::Status::Partial) => self.more(stream, patience).await?,
                Ok(httparse::Status::Complete((line, 0))) => {
                    self.at += line;
                    return self.trailers(stream, patience).await;
                }
                Ok(httparse::Status::Complete((line, size))) => {
                    self.at += line;
                    self.take(stream, size, kept.as_deref_mut(), patience).await?;
                    self.take(stream, 2, None, patience).await?;
                }
            }
        }
    }

    /// Reads lines up to an empty one.
    async fn trailers(&mut self, stream: &mut Transport, patience: Duration) -> Result<(), ExchangeError> {
        loop {
            match self.unread().iter().position(|byte| *byte == b'\n') {
                Some(end) => {
                    let is_empty = matches!(&self.unread()[..end], b"" | b"\r");
                    self.at += end + 1;
                    if is_empty {
                        return Ok(());
                    }
                }
                None => self.more(stream, patience).await?,
            }
        }
    }

    async fn until_closed(
        &mut self,
        stream: &mut Transport,
        mut kept: Option<&mut Vec<u8>>,
        patience: Duration,
    ) -> Result<(), ExchangeError> {
        loop {
            keep_some(&mut kept, &self.buffer[self.at..self.end]);
            self.at = self.end;
            match self.more(stream, patience).await {
                Ok(()) => {}
                Err(ExchangeError::Failed(ErrorClass::Closed)) => return Ok(()),
                Err(other) => return Err(other),
            }
        }
    }
}

fn keep_some(kept: &mut Option<&mut Vec<u8>>, bytes: &[u8]) {
    if let Some(body) = kept {
        let room = MAX_BODY.saturating_sub(body.len());
        body.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

/// The head at the beginning of `bytes`; `None` if it is incomplete.
fn head(bytes: &[u8]) -> Result<Option<Head>, ErrorClass> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let length = match response.parse(bytes).map_err(|_| ErrorClass::Protocol)? {
        httparse::Status::Partial => return Ok(None),
        httparse::Status::Complete(length) => length,
    };
    let status = response.code.ok_or(ErrorClass::Protocol)?;
    let mut is_kept = response.version == Some(1);
    let mut framing = Framing::UntilClosed;
    for header in response.headers.iter() {
        let name = header.name;
        if name.eq_ignore_ascii_case("content-length") {
            if !matches!(framing, Framing::Chunked) {
                let text = std::str::from_utf8(header.value).map_err(|_| ErrorClass::Protocol)?;
                framing = Framing::Length(text.trim().parse().map_err(|_| ErrorClass::Protocol)?);
            }
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            framing = Framing::Chunked;
        } else if name.eq_ignore_ascii_case("connection") && says(header.value, b"close") {
            is_kept = false;
        }
    }
    if status < 200 || matches!(status, 204 | 304) {
        framing = Framing::Length(0);
    }
    Ok(Some(Head { status, length, framing, is_kept }))
}

fn says(value: &[u8], word: &[u8]) -> bool {
    value.split(|byte| *byte == b',').any(|item| item.trim_ascii().eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::{TcpListener, TcpStream};

    /// The responses read from `bytes`, sent in small pieces and followed by the end of the connection.
    async fn read(bytes: &'static [u8], answers: usize) -> Result<Vec<(u16, String, bool)>, ExchangeError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let server = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.expect("a caller");
            for piece in bytes.chunks(7) {
                socket.write_all(piece).await.expect("sent");
                tokio::task::yield_now().await;
            }
        });
        let mut stream = Transport::Plain(TcpStream::connect(address).await.expect("connected"));
        let mut reader = ResponseReader::new();
        let mut read = Vec::new();
        for _ in 0..answers {
            let answer =
                reader.read_response(&mut stream, ResponseBody::Keep, Duration::from_secs(10)).await?;
            let body = String::from_utf8(answer.body).expect("a text");
            read.push((answer.status, body, answer.is_kept));
        }
        server.await.expect("no panic");
        Ok(read)
    }

    #[tokio::test]
    async fn answers_of_every_framing_are_read_to_their_end() {
        let answers = read(
            b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nfirst\
              HTTP/1.1 100 Continue\r\n\r\n\
              HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nsec\r\n3;x=y\r\nond\r\n0\r\nTrailer: a\r\n\r\n\
              HTTP/1.1 204 No Content\r\n\r\n\
              HTTP/1.1 400 Bad\r\nConnection: keep-alive, Close\r\ncontent-length: 0\r\n\r\n\
              HTTP/1.1 200 OK\r\n\r\nto the end",
            5,
        )
        .await
        .expect("answers");
        let expected = [
            (201, "first", true),
            (200, "second", true),
            (204, "", true),
            (400, "", false),
            (200, "to the end", false),
        ];
        assert_eq!(answers, expected.map(|(status, body, is_kept)| (status, body.to_owned(), is_kept)));
    }

    #[tokio::test]
    async fn an_answer_that_ends_early_is_told_from_one_that_never_began() {
        let early = read(b"HTTP/1.1 201 Created\r\nContent-Length: 50\r\n\r\nfirst", 1).await;
        assert_eq!(early.expect_err("cut"), ExchangeError::Failed(ErrorClass::Closed));
        assert_eq!(read(b"", 1).await.expect_err("nothing"), ExchangeError::Stale(ErrorClass::Closed));
        assert_eq!(
            read(b"SSH-2.0-x\r\n", 1).await.expect_err("no HTTP"),
            ExchangeError::Failed(ErrorClass::Protocol)
        );
    }
}
