//! HTTP/1.1, written by hand: one request at a time on a connection that is reused.

use std::fmt::Write as _;
use std::io::{self, IoSlice};
use std::time::{Duration, Instant};

use tokio::io::{AsyncWriteExt as _, Interest};
use tokio::net::TcpStream;

use super::content::PIECE;
use super::endpoint::Endpoint;
use super::exchange::{ContentSlice, ExchangeError, ExchangeStats, Request, Response};
use super::response::{Answer, ResponseReader};
use super::transport::{Transport, broken};
use crate::failure::ErrorClass;

/// A connection.
pub(super) struct Http1 {
    stream: Transport,
    reader: ResponseReader,
    /// The head of the current request; the buffer is reused.
    head: String,
    /// Whether it has sent a request before.
    is_used: bool,
}

/// How much of a body was sent.
enum Sent {
    All,
    /// A response came before its end, and the rest was not sent.
    AnsweredEarly,
}

/// The most that one call hands to the kernel.
const MAX_SENDFILE: u64 = 1 << 20;

impl Http1 {
    pub(super) fn new(stream: Transport) -> Self {
        Self { stream, reader: ResponseReader::new(), head: String::with_capacity(1_024), is_used: false }
    }

    /// Sends a request and reads the response. Also returns whether the connection can be reused.
    pub(super) async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        request: &Request<'_>,
        cost: &mut ExchangeStats,
    ) -> Result<(Response, bool), ExchangeError> {
        // Bytes before a request belong to none: the server gave up on this connection while it was idle.
        if !self.reader.is_empty() {
            return Err(ExchangeError::Stale(ErrorClass::Closed));
        }
        let is_used = std::mem::replace(&mut self.is_used, true);
        let started = Instant::now();
        let patience = endpoint.answer_timeout;
        self.write_head(endpoint, request);
        let sending = self.send(request, patience, cost).await;
        let sent = Instant::now();
        let was_cut = match &sending {
            Ok(Sent::All) => false,
            // A server may refuse and close. Its response says more than the closed connection.
            Ok(Sent::AnsweredEarly) | Err(ExchangeError::Failed(ErrorClass::Closed)) => true,
            Err(other) => return Err(*other),
        };
        let reading = self.reader.read_response(&mut self.stream, request.response_body, patience).await;
        let answer: Answer = reading.map_err(|fault| match fault {
            ExchangeError::Stale(class) if !is_used => ExchangeError::Failed(class),
            other => other,
        })?;
        let reply = Response {
            status: answer.status,
            body: answer.body,
            started,
            sent,
            first_byte: answer.first_byte,
            finished: Instant::now(),
        };
        Ok((reply, answer.is_kept && !was_cut))
    }

    fn write_head(&mut self, endpoint: &Endpoint, request: &Request<'_>) {
        let head = &mut self.head;
        head.clear();
        for part in [request.method, " ", request.path, " HTTP/1.1\r\nHost: ", &endpoint.authority, "\r\n"] {
            head.push_str(part);
        }
        for (name, value) in
            [("Authorization: ", request.authorization), ("Content-Type: ", request.content_type)]
        {
            if let Some(value) = value {
                for part in [name, value, "\r\n"] {
                    head.push_str(part);
                }
            }
        }
        if let Some(range) = request.range {
            let _ = write!(head, "Content-Range: {range}\r\n");
        }
        if request.method != "GET" {
            let _ = write!(head, "Content-Length: {}\r\n", request.length());
        }
        head.push_str("\r\n");
    }

    async fn send(
        &mut self,
        request: &Request<'_>,
        patience: Duration,
        cost: &mut ExchangeStats,
    ) -> Result<Sent, ExchangeError> {
        let Self { stream, reader, head, .. } = self;
        let Some(file) = request.file else {
            let parts = [head.as_bytes(), request.before, request.after];
            return within(patience, write_parts(stream, parts, cost)).await.map(|()| Sent::All);
        };
        let is_small = file.len <= PIECE as u64;
        if is_small && request.interrupt_after.is_none() && request.limit.is_none() {
            let bytes = file
                .content
                .bytes(file.from, file.len)
                .map_err(|_| ExchangeError::Failed(ErrorClass::File))?;
            let parts = [head.as_bytes(), request.before, &bytes, request.after];
            return within(patience, write_parts(stream, parts, cost)).await.map(|()| Sent::All);
        }
        let file =
            ContentSlice { len: request.interrupt_after.map_or(file.len, |at| at.min(file.len)), ..file };
        let sent = match stream {
            Transport::Plain(socket) => {
                let opening = corked(socket, [head.as_bytes(), request.before]);
                cost.bytes += within(patience, opening).await?;
                send_plain(socket, reader, (request, file), patience, cost).await?
            }
            Transport::Tls(_) => {
                within(patience, write_parts(stream, [head.as_bytes(), request.before], cost)).await?;
                send_in_pieces(stream, (request, file), patience, cost).await?
            }
        };
        if request.interrupt_after.is_some() {
            return Err(ExchangeError::Interrupted);
        }
        if matches!(sent, Sent::All) {
            within(patience, write_parts(stream, [request.after], cost)).await?;
        }
        Ok(sent)
    }
}

async fn within<T>(
    patience: Duration,
    doing: impl Future<Output = io::Result<T>>,
) -> Result<T, ExchangeError> {
    match tokio::time::timeout(patience, doing).await {
        Ok(done) => done.map_err(|error| broken(&error)),
        Err(_) => Err(ExchangeError::Failed(ErrorClass::Timeout)),
    }
}

/// Writes several parts, in one call if the kernel takes them all.
async fn write_parts<const N: usize>(
    stream: &mut Transport,
    parts: [&[u8]; N],
    cost: &mut ExchangeStats,
) -> io::Result<()> {
    let total: usize = parts.iter().map(|part| part.len()).sum();
    let mut written = 0;
    if let Transport::Plain(socket) = stream {
        written = socket.write_vectored(&parts.map(IoSlice::new)).await?;
    }
    if written < total {
        for part in parts {
            let skip = written.min(part.len());
            written -= skip;
            stream.write_all(&part[skip..]).await?;
        }
        stream.flush().await?;
    }
    cost.bytes += total as u64;
    Ok(())
}

/// Writes parts that more will follow, so that no packet is sent for them alone.
#[cfg(target_os = "linux")]
async fn corked(socket: &mut TcpStream, parts: [&[u8]; 2]) -> io::Result<u64> {
    use rustix::net::{SendFlags, send};
    let total = parts.iter().map(|part| part.len() as u64).sum();
    for mut part in parts {
        while !part.is_empty() {
            let flags = SendFlags::MORE | SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
            let sending = || send(&*socket, part, flags).map_err(io::Error::from);
            let count = socket.async_io(Interest::WRITABLE, sending).await?;
            part = &part[count..];
        }
    }
    Ok(total)
}

#[cfg(not(target_os = "linux"))]
async fn corked(socket: &mut TcpStream, parts: [&[u8]; 2]) -> io::Result<u64> {
    for part in parts {
        socket.write_all(part).await?;
    }
    Ok(parts.iter().map(|part| part.len() as u64).sum())
}

/// Hands a file to the kernel. Whenever the socket is full, looks whether a response came before the end.
async fn send_plain(
    socket: &mut TcpStream,
    reader: &mut ResponseReader,
    (request, file): (&Request<'_>, ContentSlice<'_>),
    patience: Duration,
    cost: &mut ExchangeStats,
) -> Result<Sent, ExchangeError> {
    let (mut at, end) = (file.from, file.from + file.len);
    while at < end {
        let mut most = (end - at).min(MAX_SENDFILE);
        if let Some(limit) = request.limit {
            most = most.min(limit.piece());
            limit.take(most).await;
        }
        let until = at + most;
        while at < until {
            match socket.try_io(Interest::WRITABLE, || hand_over(socket, &file, (at, until - at))) {
                Ok(0) => return Err(ExchangeError::Failed(ErrorClass::File)),
                Ok(count) => {
                    at += count;
                    cost.bytes += count;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if within(patience, wait_writable(socket, reader)).await? {
                        return Ok(Sent::AnsweredEarly);
                    }
                }
                Err(error) => return Err(broken(&error)),
            }
        }
    }
    Ok(Sent::All)
}

/// Waits until the socket takes more. Returns whether a response has come instead.
async fn wait_writable(socket: &TcpStream, reader: &mut ResponseReader) -> io::Result<bool> {
    let ready = socket.ready(Interest::READABLE | Interest::WRITABLE).await?;
    if ready.is_readable() {
        match reader.peek(|buffer| socket.try_read(buffer)) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => return Ok(reader.has_response()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

#[cfg(target_os = "linux")]
fn hand_over(socket: &TcpStream, file: &ContentSlice<'_>, (at, most): (u64, u64)) -> io::Result<u64> {
    if let Some(extent) = file.content.extent(at, most) {
        let mut offset = extent.offset;
        let length = usize::try_from(extent.len).unwrap_or(usize::MAX);
        let count = rustix::fs::sendfile(socket, extent.file, Some(&mut offset), length)?;
        return Ok(count as u64);
    }
    write_piece(socket, file, (at, most))
}

#[cfg(not(target_os = "linux"))]
fn hand_over(socket: &TcpStream, file: &ContentSlice<'_>, (at, most): (u64, u64)) -> io::Result<u64> {
    write_piece(socket, file, (at, most))
}

fn write_piece(socket: &TcpStream, file: &ContentSlice<'_>, (at, most): (u64, u64)) -> io::Result<u64> {
    let bytes = file.content.bytes(at, most)?;
    Ok(rustix::io::write(socket, &bytes)? as u64)
}

/// Writes a file in pieces, for transports that must see the bytes.
async fn send_in_pieces(
    stream: &mut Transport,
    (request, file): (&Request<'_>, ContentSlice<'_>),
    patience: Duration,
    cost: &mut ExchangeStats,
) -> Result<Sent, ExchangeError> {
    let (mut at, end) = (file.from, file.from + file.len);
    while at < end {
        let mut most = end - at;
        if let Some(limit) = request.limit {
            most = most.min(limit.piece());
        }
        let bytes = file.content.bytes(at, most).map_err(|_| ExchangeError::Failed(ErrorClass::File))?;
        if let Some(limit) = request.limit {
            limit.take(bytes.len() as u64).await;
        }
        within(patience, stream.write_all(&bytes)).await?;
        at += bytes.len() as u64;
        cost.bytes += bytes.len() as u64;
    }
    within(patience, stream.flush()).await?;
    Ok(Sent::All)
}
