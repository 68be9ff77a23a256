//! One connection: reads heads, hands requests on, and writes what comes back. It knows HTTP/1.1 and no upload.

use std::io;
use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::head::{Head, Malformed};

/// The most bytes of a head.
const MOST_HEAD: usize = 64 << 10;
/// How long a client may send or take nothing.
const PATIENCE: Duration = Duration::from_secs(60);
/// How much is read at a time.
const READ: usize = 64 << 10;

/// A connection, and what was received and not used yet.
pub(super) struct Connection {
    stream: TcpStream,
    buffer: BytesMut,
}

/// What comes next on a connection.
pub(super) enum Next {
    Request(Head),
    /// The client has gone, or says nothing.
    End,
    /// What it says is no HTTP.
    Malformed,
    TooLong,
}

impl Connection {
    pub(super) fn new(stream: TcpStream) -> Self {
        // An interim response that waits for more to send is of no use.
        drop(stream.set_nodelay(true));
        Self { stream, buffer: BytesMut::new() }
    }

    /// Waits for the next head.
    pub(super) async fn next_head(&mut self) -> Next {
        loop {
            match Head::parse(&self.buffer) {
                Ok(Some((head, length))) => {
                    self.buffer.advance(length);
                    return Next::Request(head);
                }
                Ok(None) if self.buffer.len() > MOST_HEAD => return Next::TooLong,
                Ok(None) => {}
                Err(Malformed) => return Next::Malformed,
            }
            if self.fill().await.is_err() {
                return Next::End;
            }
        }
    }

    /// What was received and not used yet.
    pub(super) fn buffered(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// Receives more; an end is an error. May be dropped at any point without a loss.
    pub(super) async fn fill(&mut self) -> io::Result<()> {
        self.buffer.reserve(READ);
        match timeout(PATIENCE, self.stream.read_buf(&mut self.buffer)).await {
            Ok(Ok(0)) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match timeout(PATIENCE, self.stream.write_all(bytes)).await {
            Ok(written) => written,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// Closes this side, so that the client reads what was written to its end.
    pub(super) async fn close(mut self) {
        drop(self.stream.shutdown().await);
    }

    /// Drops the connection at once: the client sees a reset.
    pub(super) fn abort(self) {
        drop(self.stream.set_zero_linger());
    }
}
