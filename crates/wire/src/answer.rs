//! The way back: interim answers, and the final one with its body.

use std::io;
use std::sync::{Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use http::Method;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::sync::Notify;

use super::chunked::Unchunker;
use super::exchange::find;
use super::pulse::Pulse;
use super::{Answer, Closed, Fault, Interim};

/// Bodies are read up to here.
const BODY_LIMIT: usize = 4 * 1024 * 1024;
/// A head that is longer than this is none.
const HEAD_LIMIT: usize = 256 * 1024;
/// More headers than this are not understood.
const HEADERS: usize = 256;

/// What the reader tells the rest of the exchange.
pub(super) struct News<'a> {
    pub(super) pulse: &'a Pulse,
    /// Rung when the server says 100.
    pub(super) go_on: &'a Notify,
    /// Interim answers; they are kept even where no final one follows.
    pub(super) interim: &'a Mutex<Vec<Interim>>,
}

/// Reads the answer to one request.
pub(super) struct Reader<'a, R> {
    stream: R,
    buffer: BytesMut,
    news: News<'a>,
}

/// How the end of a body is known (RFC 9112, section 6.3).
enum Framing {
    None,
    Length(u64),
    Chunked,
    UntilClose,
}

struct Head {
    status: u16,
    headers: Vec<(String, String)>,
}

impl<'a, R: AsyncRead + Unpin> Reader<'a, R> {
    pub(super) fn new(stream: R, news: News<'a>) -> Self {
        Reader { stream, buffer: BytesMut::with_capacity(8 * 1024), news }
    }

    /// Reads up to the end of the final answer to a request with this method.
    pub(super) async fn read(&mut self, method: &Method) -> Result<Answer, Fault> {
        let Head { status, headers } = self.final_head().await?;
        self.news.pulse.answered();
        let (body, truncated) = match framing(method, status, &headers)? {
            Framing::None => (self.stray(status), false),
            Framing::Length(length) => self.counted(status, length).await?,
            Framing::Chunked => self.chunked(status).await?,
            Framing::UntilClose => self.until_close(status).await?,
        };
        let interim = lock(self.news.interim).clone();
        Ok(Answer { status, headers, interim, body: Bytes::from(body), truncated })
    }

    /// Reads until the other end closes, and forgets what it says: for connections that we have broken off.
    pub(super) async fn drain(&mut self, method: &Method) {
        let _ = self.read(method).await;
        while let Ok(true) = self.more().await {
            self.buffer.clear();
        }
    }

    async fn final_head(&mut self) -> Result<Head, Fault> {
        loop {
            let head = self.head().await?;
            // 101 ends HTTP on the connection: nothing else follows it.
            if !(100..200).contains(&head.status) || head.status == 101 {
                return Ok(head);
            }
            let Head { status, headers } = head;
            lock(self.news.interim).push(Interim { status, headers });
            if status == 100 {
                self.news.go_on.notify_one();
            }
        }
    }

    async fn head(&mut self) -> Result<Head, Fault> {
        loop {
            if let Some(head) = self.parse()? {
                return Ok(head);
            }
            if self.buffer.len() > HEAD_LIMIT {
                return Err(Fault::Garbage(format!("a head longer than {} KiB", HEAD_LIMIT / 1024)));
            }
            if !self.more().await? {
                let when = if self.buffer.is_empty() { Closed::Before } else { Closed::InHead };
                return Err(Fault::ClosedEarly(when));
            }
        }
    }

    fn parse(&mut self) -> Result<Option<Head>, Fault> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        match response.parse(&self.buffer) {
            Ok(httparse::Status::Partial) => Ok(None),
            Ok(httparse::Status::Complete(end)) => {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                let headers =
                    response.headers.iter().map(|header| (header.name.to_owned(), text(header.value)));
                let headers = headers.collect();
                let status = response.code.expect("a whole head has a status");
                let _ = self.buffer.split_to(end);
                Ok(Some(Head { status, headers }))
            }
            Err(error) => {
                let shown = self.buffer[..self.buffer.len().min(60)].escape_ascii();
                Err(Fault::Garbage(format!("{error}, in `{shown}`")))
            }
        }
    }

    /// What follows an answer that may have no body: a body all the same, as far as it came along with the head. Nothing waits
    /// for it, since nothing says that it comes.
    fn stray(&mut self, status: u16) -> Vec<u8> {
        // Behind 101 the bytes are another protocol's.
        if status == 101 { Vec::new() } else { self.buffer.split().to_vec() }
    }

    async fn counted(&mut self, status: u16, length: u64) -> Result<(Vec<u8>, bool), Fault> {
        let wanted = usize::try_from(length).unwrap_or(usize::MAX);
        while self.buffer.len() < wanted.min(BODY_LIMIT) {
            if !self.more().await? {
                return Err(Fault::ClosedEarly(Closed::InBody { status }));
            }
        }
        let body = self.buffer.split_to(wanted.min(BODY_LIMIT)).to_vec();
        Ok((body, wanted > BODY_LIMIT))
    }

    async fn chunked(&mut self, status: u16) -> Result<(Vec<u8>, bool), Fault> {
        let mut coding = Unchunker::default();
        let mut body = Vec::new();
        while !coding.take(&mut self.buffer, &mut body).map_err(Fault::Garbage)? {
            if body.len() > BODY_LIMIT {
                body.truncate(BODY_LIMIT);
                return Ok((body, true));
            }
            if !self.more().await? {
                return Err(Fault::ClosedEarly(Closed::InBody { status }));
            }
        }
        Ok((body, false))
    }

    async fn until_close(&mut self, status: u16) -> Result<(Vec<u8>, bool), Fault> {
        loop {
            if self.buffer.len() > BODY_LIMIT {
                return Ok((self.buffer.split_to(BODY_LIMIT).to_vec(), true));
            }
            match self.receive().await {
                Ok(0) => return Ok((self.buffer.split().to_vec(), false)),
                Ok(_) => {}
                Err(_) => return Err(Fault::ClosedEarly(Closed::InBody { status })),
            }
        }
    }

    /// Reads some more; `false` says that there is no more. A reset is an end like any other: what had come before it
    /// is in the buffer already.
    async fn more(&mut self) -> Result<bool, Fault> {
        match self.receive().await {
            Ok(count) => Ok(count > 0),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(Fault::Garbage(format!("TLS broke: {error}")))
            }
            Err(_) => Ok(false),
        }
    }

    async fn receive(&mut self) -> io::Result<usize> {
        match self.stream.read_buf(&mut self.buffer).await {
            // Many servers leave TLS without saying goodbye.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
            other => other,
        }
    }
}

fn framing(method: &Method, status: u16, headers: &[(String, String)]) -> Result<Framing, Fault> {
    if *method == Method::HEAD || matches!(status, 101 | 204 | 304) {
        return Ok(Framing::None);
    }
    if let Some(coding) = find(headers, "transfer-encoding") {
        let last = coding.rsplit(',').next().unwrap_or_default().trim();
        return Ok(if last.eq_ignore_ascii_case("chunked") { Framing::Chunked } else { Framing::UntilClose });
    }
    let lengths = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut lengths: Vec<&str> = lengths.flat_map(|(_, value)| value.split(',')).map(str::trim).collect();
    lengths.dedup();
    let bad = || Fault::Garbage(format!("Content-Length says {}", lengths.join(" and ")));
    match lengths[..] {
        [] => Ok(Framing::UntilClose),
        [length] if length.bytes().all(|byte| byte.is_ascii_digit()) => {
            length.parse().map(Framing::Length).map_err(|_| bad())
        }
        _ => Err(bad()),
    }
}

/// The list is only ever pushed to and cloned, so what a panic elsewhere left in it is whole.
pub(super) fn lock(interim: &Mutex<Vec<Interim>>) -> std::sync::MutexGuard<'_, Vec<Interim>> {
    interim.lock().unwrap_or_else(PoisonError::into_inner)
}
