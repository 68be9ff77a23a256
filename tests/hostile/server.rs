//! A server that acts out a script on every connection, whoever asks and whatever is asked.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// One act of a script.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Reads the request's head.
    ReadHead,
    /// Reads the request to its end.
    Read,
    /// Sends bytes.
    Say(Vec<u8>),
    /// Sends bytes one by one.
    Drip(Vec<u8>),
    /// Sends the same bytes until the caller goes away.
    Flood(Vec<u8>),
    /// The same, each so long after the last.
    Trickle(Vec<u8>, Duration),
    Wait(Duration),
    /// Does nothing until the caller goes away.
    Hang,
    /// Breaks the connection, and what is under way with it.
    Reset,
}

/// A server on a free port; it stops when it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Server {
    /// Acts out the script on each connection; after the last act the connection is closed in order. Tokens are made as they
    /// should be, so that what comes after them is reached.
    pub(crate) async fn start(script: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let script = Arc::new(script);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).expect("it is a socket");
                let script = Arc::clone(&script);
                tokio::spawn(async move {
                    // That the caller goes away in the middle is what many of the scripts are about.
                    let _ = Connection { stream, received: Vec::new() }.act(&script).await;
                });
            }
        });
        Self { address, accepting }
    }
}

struct Connection {
    stream: TcpStream,
    /// What was read and not used yet.
    received: Vec<u8>,
}

const TOKEN: &str = r#"{"token":"to5hostiletoken","ttl":3600,"createdAt":"2026-01-01T00:00:00+00:00","expiresAt":"2099-01-01T00:00:00+00:00"}"#;

impl Connection {
    async fn act(mut self, script: &[Act]) -> std::io::Result<()> {
        let needs_request = matches!(script.first(), Some(Act::ReadHead | Act::Read));
        if needs_request {
            while self.peek_head().await?.starts_with("POST /upload-tokens") {
                self.read().await?;
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", TOKEN.len());
                self.stream.write_all(head.as_bytes()).await?;
                self.stream.write_all(TOKEN.as_bytes()).await?;
            }
        }
        for act in script {
            match act {
                Act::ReadHead => {
                    let head = self.peek_head().await?.len();
                    self.received.drain(..head);
                }
                Act::Read => self.read().await?,
                Act::Say(bytes) => self.stream.write_all(bytes).await?,
                Act::Drip(bytes) => {
                    for byte in bytes {
                        self.stream.write_all(&[*byte]).await?;
                        tokio::task::yield_now().await;
                    }
                }
                Act::Flood(bytes) => loop {
                    self.stream.write_all(bytes).await?;
                },
                Act::Trickle(bytes, pause) => loop {
                    self.stream.write_all(bytes).await?;
                    tokio::time::sleep(*pause).await;
                },
                Act::Wait(pause) => tokio::time::sleep(*pause).await,
                Act::Hang => while self.stream.read_u8().await.is_ok() {},
                Act::Reset => return socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)),
            }
        }
        self.stream.shutdown().await?;
        // What is unread when the connection is closed would turn the end into a reset.
        let mut rest = vec![0; 16 << 10];
        while self.stream.read(&mut rest).await? > 0 {}
        Ok(())
    }

    /// The head of the request, which stays to be read.
    async fn peek_head(&mut self) -> std::io::Result<String> {
        loop {
            if let Some(end) = self.received.windows(4).position(|four| four == b"\r\n\r\n") {
                return Ok(String::from_utf8_lossy(&self.received[..end + 4]).into_owned());
            }
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    async fn read(&mut self) -> std::io::Result<()> {
        let head = self.peek_head().await?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        let end = head.len() + length.unwrap_or(0);
        while self.received.len() < end {
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        self.received.drain(..end);
        Ok(())
    }
}
