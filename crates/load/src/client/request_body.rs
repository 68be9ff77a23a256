//! Sends a request over HTTP/1.1, and notices when a response comes before its body has been sent.

use std::io::{self, IoSlice};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::Interest;
use tokio::net::TcpStream;

use super::content::PIECE;
use super::exchange::{ContentSlice, ExchangeError, ExchangeStats, Request};
use super::response::ResponseReader;
use super::transport::{TlsTransport, Transport, broken, poll_read, poll_write};
use super::within::within;
use crate::failure::ErrorClass;

/// How much of a request was sent.
pub(super) enum BodySent {
    All,
    /// A response came before the end, and the rest was not sent.
    Part,
}

/// The most that one call hands to the kernel.
const MAX_SENDFILE: u64 = 1 << 20;

/// Sends a request: its head, and its body. No step may take longer than `limit` without progress.
pub(super) async fn send(
    transport: &mut Transport,
    reader: &mut ResponseReader,
    (head, request): (&[u8], &Request<'_>),
    limit: Duration,
    stats: &mut ExchangeStats,
) -> Result<BodySent, ExchangeError> {
    let Some(file) = request.file else {
        let parts = [head, request.before, request.after];
        return within(limit, write_parts(transport, parts, stats)).await.map(|()| BodySent::All);
    };
    let is_small = file.len <= PIECE as u64;
    if is_small && request.interrupt_after.is_none() && request.pacing.is_none() {
        let bytes = file_bytes(&file, file.from, file.len)?;
        let parts = [head, request.before, &bytes, request.after];
        within(limit, write_parts(transport, parts, stats)).await?;
        stats.file_bytes += file.len;
        return Ok(BodySent::All);
    }
    let request = request.sent_part();
    let file = request.file.unwrap_or(file);
    let mut sender = Sender { reader, limit, stats };
    let sent = match transport {
        Transport::Plain(socket) => sender.send_plain(socket, head, &request, file).await?,
        Transport::Tls(stream) => sender.send_tls(stream, head, &request, file).await?,
    };
    if request.interrupt_after.is_some() {
        return Err(ExchangeError::Interrupted);
    }
    Ok(sent)
}

/// What sending a file needs.
struct Sender<'s> {
    reader: &'s mut ResponseReader,
    limit: Duration,
    stats: &'s mut ExchangeStats,
}

impl Sender<'_> {
    /// Sends a request whose file the kernel takes from a file of its own.
    async fn send_plain(
        &mut self,
        socket: &mut TcpStream,
        head: &[u8],
        request: &Request<'_>,
        file: ContentSlice<'_>,
    ) -> Result<BodySent, ExchangeError> {
        let at_once = if request.pacing.is_some() { b"" } else { request.before };
        self.stats.bytes += within(self.limit, write_corked(socket, [head, at_once])).await?;
        let mut before = &request.before[at_once.len()..];
        while let Some(piece) = next_piece(request, &mut before).await {
            self.stats.bytes += within(self.limit, write_corked(socket, [piece, b""])).await?;
        }
        let (mut at, end) = (file.from, file.from + file.len);
        while at < end {
            let until = at + paced(request, (end - at).min(MAX_SENDFILE)).await;
            while at < until {
                match socket.try_io(Interest::WRITABLE, || hand_over(socket, &file, (at, until - at))) {
                    Ok(0) => return Err(ExchangeError::Failed(ErrorClass::File)),
                    Ok(count) => {
                        at += count;
                        self.stats.bytes += count;
                        self.stats.file_bytes += count;
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        if within(self.limit, wait_writable(socket, self.reader)).await? {
                            return Ok(BodySent::Part);
                        }
                    }
                    Err(error) => return Err(broken(&error)),
                }
            }
            // It costs no system call unless something has come.
            if self.reader.peek(|buffer| socket.try_read(buffer)).map_err(|error| broken(&error))? {
                return Ok(BodySent::Part);
            }
        }
        self.stats.bytes += within(self.limit, write_all(socket, request.after)).await?;
        Ok(BodySent::All)
    }

    /// Sends a request piece by piece, so that TLS sees the bytes.
    async fn send_tls(
        &mut self,
        stream: &mut TlsTransport,
        head: &[u8],
        request: &Request<'_>,
        file: ContentSlice<'_>,
    ) -> Result<BodySent, ExchangeError> {
        let mut before = request.before;
        let mut next = Some(head);
        while let Some(part) = next {
            if self.write_tls(stream, part).await?.is_cut() {
                return Ok(BodySent::Part);
            }
            next = next_piece(request, &mut before).await;
        }
        let (mut at, end) = (file.from, file.from + file.len);
        while at < end {
            let most = paced(request, (end - at).min(PIECE as u64)).await;
            let bytes = file_bytes(&file, at, most)?;
            if self.write_tls(stream, &bytes).await?.is_cut() {
                return Ok(BodySent::Part);
            }
            at += bytes.len() as u64;
            self.stats.file_bytes += bytes.len() as u64;
        }
        if self.write_tls(stream, request.after).await?.is_cut() {
            return Ok(BodySent::Part);
        }
        // An empty write flushes.
        self.write_tls(stream, b"").await
    }

    /// Writes bytes over TLS, unless a response comes while the socket is full.
    async fn write_tls(
        &mut self,
        stream: &mut TlsTransport,
        bytes: &[u8],
    ) -> Result<BodySent, ExchangeError> {
        let Self { reader, limit, stats } = self;
        let mut written = 0;
        loop {
            let step = std::future::poll_fn(|context| match poll_write(stream, context, &bytes[written..]) {
                Poll::Ready(count) => Poll::Ready(count.map(Some)),
                Poll::Pending => poll_response(stream, reader, context).map_ok(|()| None),
            });
            let Some(count) = within(*limit, step).await? else { return Ok(BodySent::Part) };
            written += count;
            stats.bytes += count as u64;
            if written == bytes.len() {
                return Ok(BodySent::All);
            }
        }
    }
}

/// Waits for the beginning of a response over TLS.
fn poll_response(
    stream: &mut TlsTransport,
    reader: &mut ResponseReader,
    context: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    loop {
        let before = reader.len();
        let has_response = reader.peek(|buffer| match poll_read(stream, context, buffer) {
            Poll::Ready(read) => read,
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        })?;
        if has_response {
            return Poll::Ready(Ok(()));
        }
        if reader.len() == before {
            return Poll::Pending;
        }
    }
}

impl BodySent {
    fn is_cut(&self) -> bool {
        matches!(self, Self::Part)
    }
}

/// How many of the next bytes to send, as soon as the client's pacing lets them pass.
async fn paced(request: &Request<'_>, most: u64) -> u64 {
    match request.pacing {
        Some(pacing) => pacing.take(most).await,
        None => most,
    }
}

/// The next piece of what stands before the file.
async fn next_piece<'b>(request: &Request<'_>, before: &mut &'b [u8]) -> Option<&'b [u8]> {
    if before.is_empty() {
        return None;
    }
    let length = paced(request, before.len() as u64).await;
    let (piece, rest) = before.split_at(usize::try_from(length).unwrap_or(before.len()));
    *before = rest;
    Some(piece)
}

fn file_bytes(file: &ContentSlice<'_>, at: u64, most: u64) -> Result<bytes::Bytes, ExchangeError> {
    file.content.bytes(at, most).map_err(|_| ExchangeError::Failed(ErrorClass::File))
}

/// Writes several parts, in one call if the kernel takes them all, and in one record if they fit into one.
async fn write_parts<const N: usize>(
    transport: &mut Transport,
    parts: [&[u8]; N],
    stats: &mut ExchangeStats,
) -> io::Result<()> {
    let total: usize = parts.iter().map(|part| part.len()).sum();
    let mut written = transport.write_vectored(&parts.map(IoSlice::new)).await?;
    if written < total {
        for part in parts {
            let skip = written.min(part.len());
            written -= skip;
            transport.write_all(&part[skip..]).await?;
        }
    }
    transport.flush().await?;
    stats.bytes += total as u64;
    Ok(())
}

async fn write_all(socket: &mut TcpStream, bytes: &[u8]) -> io::Result<u64> {
    tokio::io::AsyncWriteExt::write_all(socket, bytes).await?;
    Ok(bytes.len() as u64)
}

/// Writes parts that more will follow, so that no packet is sent for them alone.
#[cfg(all(target_os = "linux", not(feature = "portable")))]
async fn write_corked(socket: &mut TcpStream, parts: [&[u8]; 2]) -> io::Result<u64> {
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

#[cfg(any(not(target_os = "linux"), feature = "portable"))]
async fn write_corked(socket: &mut TcpStream, parts: [&[u8]; 2]) -> io::Result<u64> {
    for part in parts {
        write_all(socket, part).await?;
    }
    Ok(parts.iter().map(|part| part.len() as u64).sum())
}

/// Waits until the socket takes more. Returns whether a response has come instead.
async fn wait_writable(socket: &TcpStream, reader: &mut ResponseReader) -> io::Result<bool> {
    let ready = socket.ready(Interest::READABLE | Interest::WRITABLE).await?;
    if ready.is_readable() { reader.peek(|buffer| socket.try_read(buffer)) } else { Ok(false) }
}

#[cfg(all(target_os = "linux", not(feature = "portable")))]
fn hand_over(socket: &TcpStream, file: &ContentSlice<'_>, (at, most): (u64, u64)) -> io::Result<u64> {
    if let Some(extent) = file.content.extent(at, most) {
        let mut offset = extent.offset;
        let length = usize::try_from(extent.len).unwrap_or(usize::MAX);
        let count = rustix::fs::sendfile(socket, extent.file, Some(&mut offset), length)?;
        return Ok(count as u64);
    }
    write_piece(socket, file, (at, most))
}

#[cfg(any(not(target_os = "linux"), feature = "portable"))]
fn hand_over(socket: &TcpStream, file: &ContentSlice<'_>, (at, most): (u64, u64)) -> io::Result<u64> {
    write_piece(socket, file, (at, most))
}

fn write_piece(socket: &TcpStream, file: &ContentSlice<'_>, (at, most): (u64, u64)) -> io::Result<u64> {
    let bytes = file.content.bytes(at, most)?;
    Ok(socket2::SockRef::from(socket).send(&bytes)? as u64)
}
