//! Reads the response to one request from a connection. The parser decides what the bytes are; this keeps them.

use std::io;

use bytes::Bytes;
use http::Method;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::coding::decoded;
use super::exchange::find;
use super::response::{Ending, Event, Fields, Limits, ResponseError, ResponseParser};
use super::signals::Signals;
use super::tls_error::explain;
use super::{Answer, Closed, Fault, Interim};

/// Reads the response to one request.
pub(super) struct Reader<'a, R> {
    stream: R,
    limits: Limits,
    /// What was received; of that the first `at` bytes are consumed.
    buffer: Vec<u8>,
    at: usize,
    signals: &'a Signals,
}

/// What a read gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Received {
    Bytes,
    /// The other end closed its side.
    End,
    /// The connection broke.
    Reset,
}

/// How much is read at a time.
const READ: usize = 16 << 10;

impl<'a, R: AsyncRead + Unpin> Reader<'a, R> {
    pub(super) fn new(stream: R, limits: Limits, signals: &'a Signals) -> Self {
        Reader { stream, limits, buffer: Vec::with_capacity(READ), at: 0, signals }
    }

    /// Reads up to the end of the final response to a request with this method.
    pub(super) async fn read(&mut self, method: &Method) -> Result<Answer, Fault> {
        let mut parser = ResponseParser::new(method.into(), self.limits);
        let mut head: Option<(u16, Vec<(String, String)>)> = None;
        let mut body = Vec::new();
        loop {
            let (consumed, event) = parser.next(&self.buffer[self.at..])?;
            match event {
                Event::NeedMore => {
                    self.at += consumed;
                    let end = match self.more().await? {
                        Received::Bytes => continue,
                        end => end,
                    };
                    match parser.ending(&self.buffer[self.at..]) {
                        Ending::BeforeHead => return Err(Fault::ClosedEarly(Closed::Before)),
                        Ending::InHead => return Err(Fault::ClosedEarly(Closed::InHead)),
                        // A body that ends with the connection is whole only where that ends in order.
                        Ending::Complete if end == Received::End => break,
                        Ending::Complete | Ending::InBody => return Err(cut_short(head.as_ref())),
                    }
                }
                Event::Interim(interim) => {
                    let headers = texts(interim.fields());
                    self.signals.received(Interim { status: interim.status, headers });
                }
                Event::Head(final_head) => {
                    head = Some((final_head.status, texts(final_head.fields())));
                    self.signals.timeout.answered();
                }
                Event::Data(piece) => body.extend_from_slice(piece),
                Event::End => break,
            }
            self.at += consumed;
        }
        let (status, headers) = head.expect("a response ends after its head");
        if body.is_empty() && may_have_no_body(status, method) {
            // One that comes along with the head all the same is shown. Nothing waits for it, since nothing says that it comes.
            body.extend_from_slice(&self.buffer[self.at..]);
        }
        let interim = self.signals.interim();
        let body = decoded(find(&headers, "content-encoding"), body, self.limits.body)?;
        Ok(Answer { status, headers, interim, body: Bytes::from(body) })
    }

    /// Reads until the other end closes, and forgets what it says: for connections that we have broken off.
    pub(super) async fn drain(&mut self, method: &Method) {
        let _ = self.read(method).await;
        loop {
            self.at = self.buffer.len();
            if self.more().await != Ok(Received::Bytes) {
                return;
            }
        }
    }

    /// Reads some more.
    async fn more(&mut self) -> Result<Received, Fault> {
        self.buffer.drain(..self.at);
        self.at = 0;
        self.buffer.reserve(READ);
        match self.stream.read_buf(&mut self.buffer).await {
            Ok(0) => Ok(Received::End),
            Ok(_) => Ok(Received::Bytes),
            // Many servers leave TLS without saying goodbye.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Received::End),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(Fault::Malformed(explain(&error, "")))
            }
            // What had come before it is in the buffer already.
            Err(_) => Ok(Received::Reset),
        }
    }
}

impl From<ResponseError> for Fault {
    fn from(error: ResponseError) -> Self {
        match error {
            ResponseError::Malformed(what) => Fault::Malformed(what),
            ResponseError::Exceeded(bound) => Fault::Exceeded(bound),
        }
    }
}

fn cut_short(head: Option<&(u16, Vec<(String, String)>)>) -> Fault {
    let status = head.map(|(status, _)| *status).unwrap_or_default();
    Fault::ClosedEarly(Closed::InBody { status })
}

/// Whether a response has no body by its status or by what was asked. Behind 101 the bytes are another protocol's.
fn may_have_no_body(status: u16, method: &Method) -> bool {
    *method == Method::HEAD || matches!(status, 204 | 304)
}

fn texts(fields: Fields<'_>) -> Vec<(String, String)> {
    fields.map(|(name, value)| (name.to_owned(), String::from_utf8_lossy(value).into_owned())).collect()
}
