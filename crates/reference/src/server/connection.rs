//! One connection, from its first byte to its last: secured or plain, HTTP/1.1 or HTTP/2, and never silent for ever.
//!
//! A caller that is slow is given up by whoever waits for it: the head of a request by hyper, a body by its reader. What
//! is left to watch here is a connection on which no call is running.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

/// How much is read from a socket at once. Larger reads leave the processor's cache before they are scanned.
const READ_BUFFER: usize = 256 * 1024;
/// What one call of HTTP/2, and all calls of a connection together, may have sent before it is read.
const WINDOW: u32 = 1024 * 1024;
/// Calls side by side on one connection of HTTP/2.
const STREAMS: u32 = 128;
/// The head of a call by HTTP/2 may be this long.
const HEAD: u32 = 64 * 1024;
/// A caller that is silent for so long may have to make room for others.
const NEWCOMER: Duration = Duration::from_secs(1);
/// How often a connection looks whether it is idle, for each time that it may be.
const CHECKS_PER_TIMEOUT: u32 = 4;

/// What a connection must know of the server that it belongs to.
#[derive(Clone)]
pub(crate) struct ConnectionOptions {
    /// How it is secured, if it is.
    pub(crate) acceptor: Option<TlsAcceptor>,
    /// How long a caller may be silent.
    pub(crate) timeout: Duration,
    /// Its other end is dropped when the server stops.
    pub(crate) stop: watch::Receiver<()>,
    /// Something is sent when room is needed for other callers.
    pub(crate) crowded: watch::Receiver<()>,
}

/// Which connection a request came over; it stands among the request's extensions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectionId(pub(crate) u64);

/// How many connections there were.
static CONNECTIONS: AtomicU64 = AtomicU64::new(0);

/// The calls of one connection, counted.
#[derive(Default)]
struct Calls {
    running: AtomicUsize,
    begun: AtomicUsize,
}

/// A service that counts its calls.
struct Counting<S> {
    inner: S,
    id: ConnectionId,
    calls: Arc<Calls>,
}

/// A call that is counted as long as it runs.
struct Counted<F> {
    inner: Pin<Box<F>>,
    calls: Arc<Calls>,
}

/// What hyper asks of a service that answers every request.
pub(crate) trait HttpService:
    Service<Request<Incoming>, Response = Response, Error: Into<BoxError>, Future: Send> + Clone + Send + 'static
{
}

impl<S> HttpService for S where
    S: Service<Request<Incoming>, Response = Response, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + 'static
{
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Serves a connection until its caller, or the server, ends it.
pub(crate) async fn serve_connection<S: HttpService>(
    stream: TcpStream,
    service: S,
    options: ConnectionOptions,
) {
    // An answer is small; waiting for more to send would only delay it.
    drop(stream.set_nodelay(true));
    let Some(acceptor) = options.acceptor.clone() else { return serve(stream, service, options).await };
    let mut stop = options.stop.clone();
    let accepted = tokio::select! {
        accepted = tokio::time::timeout(options.timeout, acceptor.accept(stream)) => accepted,
        _ = stop.changed() => return,
    };
    // A caller that does not speak TLS has been told so by an alert, and is none of ours.
    if let Ok(Ok(stream)) = accepted {
        serve(stream, service, options).await;
    }
}

async fn serve<I, S>(stream: I, service: S, options: ConnectionOptions)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: HttpService,
{
    let ConnectionOptions { timeout, mut stop, mut crowded, .. } = options;
    let calls = Arc::<Calls>::default();
    let builder = builder(timeout);
    let id = ConnectionId(CONNECTIONS.fetch_add(1, Ordering::Relaxed));
    let service = Counting { inner: service, id, calls: Arc::clone(&calls) };
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let mut check = tokio::time::interval((timeout / CHECKS_PER_TIMEOUT).max(Duration::from_millis(1)));
    let (mut seen, mut since) = (0, Instant::now());
    let timed_out = loop {
        tokio::select! {
            // A caller that breaks off is no error of the server's.
            _ = connection.as_mut() => return,
            _ = stop.changed() => break false,
            Ok(()) = crowded.changed() => {
                // Whoever has just come is not sent away; the others will come again.
                if calls.are_idle(&mut seen, &mut since) && since.elapsed() > NEWCOMER { return }
            }
            _ = check.tick() => {
                if calls.are_idle(&mut seen, &mut since) && since.elapsed() > timeout { break true }
            }
        }
    };
    connection.as_mut().graceful_shutdown();
    if timed_out {
        // It may hold answers that nobody fetches.
        drop(tokio::time::timeout(timeout, connection).await);
    } else {
        drop(connection.await);
    }
}

fn builder(timeout: Duration) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(timeout)
        .max_buf_size(READ_BUFFER)
        .auto_date_header(false)
        .http2()
        .timer(TokioTimer::new())
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEAD)
        .keep_alive_interval(timeout)
        .keep_alive_timeout(timeout)
        .auto_date_header(false);
    builder
}

impl Calls {
    /// Whether none is running, and none has begun since so many were `seen`; otherwise both are brought up to date.
    fn are_idle(&self, seen: &mut usize, since: &mut Instant) -> bool {
        let begun = self.begun.load(Ordering::SeqCst);
        if self.running.load(Ordering::SeqCst) == 0 && begun == *seen {
            return true;
        }
        (*seen, *since) = (begun, Instant::now());
        false
    }
}

impl<S: Service<Request<Incoming>>> Service<Request<Incoming>> for Counting<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = Counted<S::Future>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.id);
        self.calls.running.fetch_add(1, Ordering::SeqCst);
        self.calls.begun.fetch_add(1, Ordering::SeqCst);
        Counted { inner: Box::pin(self.inner.call(request)), calls: Arc::clone(&self.calls) }
    }
}

impl<F: Future> Future for Counted<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.inner.as_mut().poll(context)
    }
}

impl<F> Drop for Counted<F> {
    fn drop(&mut self) {
        self.calls.running.fetch_sub(1, Ordering::SeqCst);
    }
}
