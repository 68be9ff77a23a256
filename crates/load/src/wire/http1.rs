//! HTTP/1.1 by hand: one request at a time on a connection that is kept.

use std::fmt::Write as _;
use std::io::{self, IoSlice};
use std::time::{Duration, Instant};

use tokio::io::{AsyncWriteExt as _, Interest};
use tokio::net::TcpStream;

use super::answer::{Answer, Inbox};
use super::ask::{Ask, Cost, Fault, Reply, Window};
use super::content::PIECE;
use super::site::Site;
use super::stream::{Stream, broken};
use crate::recorder::Class;

/// A connection.
pub(super) struct Http1 {
    stream: Stream,
    inbox: Inbox,
    /// The head of the request under way; it keeps its room.
    head: String,
    /// Whether it has answered before.
    is_used: bool,
}

/// How far a body got.
enum Sent {
    /// All of it is on its way.
    Whole,
    /// An answer came before its end: nobody will read the rest.
    AnsweredEarly,
}

/// The most that one call hands to the kernel.
const MOST_AT_ONCE: u64 = 1 << 20;

impl Http1 {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, inbox: Inbox::new(), head: String::with_capacity(1_024), is_used: false }
    }

    /// Sends a request and reads the answer. It says whether the connection can be used again.
    pub(super) async fn exchange(
        &mut self,
        site: &Site,
        ask: &Ask<'_>,
        cost: &mut Cost,
    ) -> Result<(Reply, bool), Fault> {
        // Whatever lies here belongs to no request: the server gave up on this connection while it rested.
        if !self.inbox.is_empty() {
            return Err(Fault::Stale(Class::Closed));
        }
        let is_used = std::mem::replace(&mut self.is_used, true);
        let started = Instant::now();
        let patience = site.answer_timeout;
        self.write_head(site, ask);
        let sending = self.send(ask, patience, cost).await;
        let sent = Instant::now();
        let was_cut = match &sending {
            Ok(Sent::Whole) => false,
            // A server may refuse and close; the refusal says more than the closed connection.
            Ok(Sent::AnsweredEarly) | Err(Fault::Failed(Class::Closed)) => true,
            Err(other) => return Err(*other),
        };
        let reading = self.inbox.answer(&mut self.stream, ask.keep, patience).await;
        let answer: Answer = reading.map_err(|fault| match fault {
            Fault::Stale(class) if !is_used => Fault::Failed(class),
            other => other,
        })?;
        let reply = Reply {
            status: answer.status,
            body: answer.body,
            started,
            sent,
            first_byte: answer.first_byte,
            finished: Instant::now(),
        };
        Ok((reply, answer.is_kept && !was_cut))
    }

    fn write_head(&mut self, site: &Site, ask: &Ask<'_>) {
        let head = &mut self.head;
        head.clear();
        for part in [ask.method, " ", ask.path, " HTTP/1.1\r\nHost: ", &site.authority, "\r\n"] {
            head.push_str(part);
        }
        for (name, value) in [("Authorization: ", ask.auth), ("Content-Type: ", ask.content_type)] {
            if let Some(value) = value {
                for part in [name, value, "\r\n"] {
                    head.push_str(part);
                }
            }
        }
        if let Some(range) = ask.range {
            let _ = write!(head, "Content-Range: {range}\r\n");
        }
        if ask.method != "GET" {
            let _ = write!(head, "Content-Length: {}\r\n", ask.length());
        }
        head.push_str("\r\n");
    }

    async fn send(&mut self, ask: &Ask<'_>, patience: Duration, cost: &mut Cost) -> Result<Sent, Fault> {
        let Self { stream, inbox, head, .. } = self;
        let Some(file) = ask.file else {
            let parts = [head.as_bytes(), ask.before, ask.after];
            return within(patience, write_parts(stream, parts, cost)).await.map(|()| Sent::Whole);
        };
        let is_small = file.len <= PIECE as u64;
        if is_small && ask.break_off.is_none() && ask.pace.is_none() {
            let bytes = file.content.bytes(file.from, file.len).map_err(|_| Fault::Failed(Class::File))?;
            let parts = [head.as_bytes(), ask.before, &bytes, ask.after];
            return within(patience, write_parts(stream, parts, cost)).await.map(|()| Sent::Whole);
        }
        let file = Window { len: ask.break_off.map_or(file.len, |at| at.min(file.len)), ..file };
        let sent = match stream {
            Stream::Plain(socket) => {
                let opening = corked(socket, [head.as_bytes(), ask.before]);
                cost.bytes += within(patience, opening).await?;
                send_plain(socket, inbox, (ask, file), patience, cost).await?
            }
            Stream::Tls(_) => {
                within(patience, write_parts(stream, [head.as_bytes(), ask.before], cost)).await?;
                send_in_pieces(stream, (ask, file), patience, cost).await?
            }
        };
        if ask.break_off.is_some() {
            return Err(Fault::BrokenOff);
        }
        if matches!(sent, Sent::Whole) {
            within(patience, write_parts(stream, [ask.after], cost)).await?;
        }
        Ok(sent)
    }
}

async fn within<T>(patience: Duration, doing: impl Future<Output = io::Result<T>>) -> Result<T, Fault> {
    match tokio::time::timeout(patience, doing).await {
        Ok(done) => done.map_err(|error| broken(&error)),
        Err(_) => Err(Fault::Failed(Class::Timeout)),
    }
}

/// Writes some parts, in one call where the kernel takes them all.
async fn write_parts<const N: usize>(
    stream: &mut Stream,
    parts: [&[u8]; N],
    cost: &mut Cost,
) -> io::Result<()> {
    let total: usize = parts.iter().map(|part| part.len()).sum();
    let mut written = 0;
    if let Stream::Plain(socket) = stream {
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

/// Writes what more will follow, so that no packet goes out for it alone.
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

/// Hands a file to the kernel, and looks up whenever the socket is full: an answer may come before the end.
async fn send_plain(
    socket: &mut TcpStream,
    inbox: &mut Inbox,
    (ask, file): (&Ask<'_>, Window<'_>),
    patience: Duration,
    cost: &mut Cost,
) -> Result<Sent, Fault> {
    let (mut at, end) = (file.from, file.from + file.len);
    while at < end {
        let mut most = (end - at).min(MOST_AT_ONCE);
        if let Some(pace) = ask.pace {
            most = most.min(pace.piece());
            pace.take(most).await;
        }
        let until = at + most;
        while at < until {
            match socket.try_io(Interest::WRITABLE, || hand_over(socket, &file, (at, until - at))) {
                Ok(0) => return Err(Fault::Failed(Class::File)),
                Ok(count) => {
                    at += count;
                    cost.bytes += count;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if within(patience, look_up(socket, inbox)).await? {
                        return Ok(Sent::AnsweredEarly);
                    }
                }
                Err(error) => return Err(broken(&error)),
            }
        }
    }
    Ok(Sent::Whole)
}

/// Waits until the socket takes more, or an answer is there: then it says so.
async fn look_up(socket: &TcpStream, inbox: &mut Inbox) -> io::Result<bool> {
    let ready = socket.ready(Interest::READABLE | Interest::WRITABLE).await?;
    if ready.is_readable() {
        match inbox.peek(|buffer| socket.try_read(buffer)) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => return Ok(inbox.has_answer()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

#[cfg(target_os = "linux")]
fn hand_over(socket: &TcpStream, file: &Window<'_>, (at, most): (u64, u64)) -> io::Result<u64> {
    if let Some(extent) = file.content.extent(at, most) {
        let mut offset = extent.offset;
        let length = usize::try_from(extent.len).unwrap_or(usize::MAX);
        let count = rustix::fs::sendfile(socket, extent.file, Some(&mut offset), length)?;
        return Ok(count as u64);
    }
    write_piece(socket, file, (at, most))
}

#[cfg(not(target_os = "linux"))]
fn hand_over(socket: &TcpStream, file: &Window<'_>, (at, most): (u64, u64)) -> io::Result<u64> {
    write_piece(socket, file, (at, most))
}

fn write_piece(socket: &TcpStream, file: &Window<'_>, (at, most): (u64, u64)) -> io::Result<u64> {
    let bytes = file.content.bytes(at, most)?;
    Ok(rustix::io::write(socket, &bytes)? as u64)
}

/// Writes a file piece by piece, for streams that must see the bytes.
async fn send_in_pieces(
    stream: &mut Stream,
    (ask, file): (&Ask<'_>, Window<'_>),
    patience: Duration,
    cost: &mut Cost,
) -> Result<Sent, Fault> {
    let (mut at, end) = (file.from, file.from + file.len);
    while at < end {
        let mut most = end - at;
        if let Some(pace) = ask.pace {
            most = most.min(pace.piece());
        }
        let bytes = file.content.bytes(at, most).map_err(|_| Fault::Failed(Class::File))?;
        if let Some(pace) = ask.pace {
            pace.take(bytes.len() as u64).await;
        }
        within(patience, stream.write_all(&bytes)).await?;
        at += bytes.len() as u64;
        cost.bytes += bytes.len() as u64;
    }
    within(patience, stream.flush()).await?;
    Ok(Sent::Whole)
}
