//! The bytes of a connection, plain or over TLS.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead as _, AsyncReadExt as _, AsyncWrite as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::client::TlsStream;

use super::counted::{ByteCount, Counted};
use super::endpoint::Endpoint;
use super::exchange::ExchangeError;
use crate::failure::ErrorClass;

/// A connection over TLS.
pub(super) type TlsTransport = TlsStream<Counted<TcpStream>>;

/// The bytes of a connection.
pub(super) enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsTransport>),
}

/// A new connection, and how long it took to make.
pub(super) struct Opened {
    pub(super) transport: Transport,
    pub(super) connect: Duration,
    pub(super) tls: Option<Duration>,
}

/// A larger buffer only moves bytes out of the processor's cache before they are sent.
const SEND_BUFFER: u32 = 256 << 10;
/// What the kernel makes of it: it reserves twice as much.
pub(super) const SEND_BUFFER_MEMORY: u64 = 2 * SEND_BUFFER as u64;

impl Transport {
    /// Makes a connection. Bytes written below TLS are added to `written`.
    pub(super) async fn open(endpoint: &Endpoint, written: &ByteCount) -> Result<Opened, ErrorClass> {
        let began = Instant::now();
        let opening = open_tcp(endpoint);
        let socket = tokio::time::timeout(endpoint.connect_timeout, opening)
            .await
            .map_err(|_| ErrorClass::Timeout)?
            .map_err(|error| ErrorClass::of_local_error(&error).unwrap_or(ErrorClass::Connect))?;
        let connect = began.elapsed();
        let Some((connector, name)) = &endpoint.tls else {
            return Ok(Opened { transport: Self::Plain(socket), connect, tls: None });
        };
        let began = Instant::now();
        let handshake = connector.connect(name.clone(), Counted::new(socket, written.clone()));
        let stream = tokio::time::timeout(endpoint.connect_timeout, handshake)
            .await
            .map_err(|_| ErrorClass::Timeout)?
            .map_err(|_| ErrorClass::Tls)?;
        Ok(Opened { transport: Self::Tls(Box::new(stream)), connect, tls: Some(began.elapsed()) })
    }

    /// The socket below.
    pub(super) fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => &stream.get_ref().0.socket,
        }
    }

    pub(super) async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer).await,
            Self::Tls(stream) => stream.read(buffer).await,
        }
    }

    /// Takes what has been received, without waiting.
    pub(super) fn try_read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.try_read(buffer),
            Self::Tls(stream) => {
                let mut context = Context::from_waker(std::task::Waker::noop());
                match poll_read(stream, &mut context, buffer) {
                    Poll::Ready(read) => read,
                    Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
                }
            }
        }
    }

    pub(super) async fn write_vectored(&mut self, parts: &[io::IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write_vectored(parts).await,
            Self::Tls(stream) => stream.write_vectored(parts).await,
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

/// Reads from a TLS connection.
pub(super) fn poll_read(
    stream: &mut TlsTransport,
    context: &mut Context<'_>,
    buffer: &mut [u8],
) -> Poll<io::Result<usize>> {
    let mut buffer = ReadBuf::new(buffer);
    ready!(Pin::new(stream).poll_read(context, &mut buffer))?;
    Poll::Ready(Ok(buffer.filled().len()))
}

/// Writes to a TLS connection, and flushes it once everything is written. Returns how much was written.
pub(super) fn poll_write(
    stream: &mut TlsTransport,
    context: &mut Context<'_>,
    bytes: &[u8],
) -> Poll<io::Result<usize>> {
    if bytes.is_empty() {
        return Pin::new(stream).poll_flush(context).map_ok(|()| 0);
    }
    Pin::new(stream).poll_write(context, bytes)
}

async fn open_tcp(endpoint: &Endpoint) -> io::Result<TcpStream> {
    let address = endpoint.address();
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_send_buffer_size(SEND_BUFFER)?;
    let mut stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    if let Some((proxy, authority)) = &endpoint.tunnel {
        proxy.tunnel(&mut stream, authority).await.map_err(|_| io::ErrorKind::ConnectionRefused)?;
    }
    Ok(stream)
}

/// The failure behind an error of a read or write.
pub(super) fn broken(error: &io::Error) -> ExchangeError {
    ExchangeError::Failed(ErrorClass::of_local_error(error).unwrap_or(ErrorClass::Closed))
}
