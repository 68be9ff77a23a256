//! The bytes of a connection, plain or over TLS.

use std::io;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::client::TlsStream;

use super::endpoint::Endpoint;
use super::exchange::ExchangeError;
use crate::failure::ErrorClass;

/// The bytes of a connection.
pub(super) enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A new connection, and how long it took to make.
pub(super) struct Opened {
    pub(super) stream: Transport,
    pub(super) connect: Duration,
    pub(super) tls: Option<Duration>,
}

/// A larger buffer only moves bytes out of the processor's cache before they are sent.
const SEND_BUFFER: u32 = 256 << 10;

impl Transport {
    /// Makes a connection.
    pub(super) async fn open(endpoint: &Endpoint) -> Result<Opened, ErrorClass> {
        let began = Instant::now();
        let opening = open_tcp(endpoint);
        let stream = tokio::time::timeout(endpoint.connect_timeout, opening)
            .await
            .map_err(|_| ErrorClass::Timeout)?
            .map_err(|error| class_of_connect(&error))?;
        let connect = began.elapsed();
        let Some((connector, name)) = &endpoint.tls else {
            return Ok(Opened { stream: Self::Plain(stream), connect, tls: None });
        };
        let began = Instant::now();
        let agreeing = connector.connect(name.clone(), stream);
        let stream = tokio::time::timeout(endpoint.connect_timeout, agreeing)
            .await
            .map_err(|_| ErrorClass::Timeout)?
            .map_err(|_| ErrorClass::Tls)?;
        Ok(Opened { stream: Self::Tls(Box::new(stream)), connect, tls: Some(began.elapsed()) })
    }

    pub(super) async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer).await,
            Self::Tls(stream) => stream.read(buffer).await,
        }
    }

    pub(super) async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes).await,
            Self::Tls(stream) => stream.write_all(bytes).await,
        }
    }

    pub(super) async fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Tls(stream) => stream.flush().await,
        }
    }
}

async fn open_tcp(endpoint: &Endpoint) -> io::Result<TcpStream> {
    let address = endpoint.address();
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_send_buffer_size(SEND_BUFFER)?;
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Whether the target refused, or this machine ran out of sockets or ports.
fn class_of_connect(error: &io::Error) -> ErrorClass {
    use rustix::io::Errno;
    let exhausted = [Errno::MFILE, Errno::NFILE, Errno::ADDRNOTAVAIL, Errno::NOBUFS, Errno::NOMEM];
    let errno = error.raw_os_error().map(Errno::from_raw_os_error);
    if errno.is_some_and(|errno| exhausted.contains(&errno)) {
        ErrorClass::Sockets
    } else {
        ErrorClass::Connect
    }
}

/// The error of a failed read or write.
pub(super) fn broken(_error: &io::Error) -> ExchangeError {
    ExchangeError::Failed(ErrorClass::Closed)
}
