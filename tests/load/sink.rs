//! A server that drains what it is sent, by HTTP/1.1 or HTTP/2, plain or under TLS, and counts it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// What a sink saw.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) requests: AtomicU64,
    pub(crate) bytes: AtomicU64,
    pub(crate) connections: AtomicUsize,
    pub(crate) http2: AtomicU64,
}

/// How a sink behaves.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a habit of its own")]
pub(crate) struct Habits {
    pub(crate) is_tls: bool,
    /// Speaks HTTP/2 and nothing else, where TLS does not settle it.
    pub(crate) is_http2: bool,
    /// Before which request (from 1) it stalls, and for how long.
    pub(crate) stall: Option<(u64, Duration)>,
    /// Closes the connection after each answer without saying so.
    pub(crate) closes: bool,
    /// Answers from the head, and leaves the body unread.
    pub(crate) is_early: bool,
    /// The status of its answers; 201 unless something else is said.
    pub(crate) status: Option<u16>,
}

pub(crate) struct Sink {
    url: String,
    address: SocketAddr,
    pub(crate) seen: Arc<Seen>,
    _runtime: Runtime,
}

impl Sink {
    pub(crate) fn start(habits: Habits) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("bound");
        let seen = Arc::new(Seen::default());
        runtime.spawn(accept(listener, habits, Arc::clone(&seen)));
        let (scheme, host) = if habits.is_tls { ("https", "localhost") } else { ("http", "127.0.0.1") };
        Self { url: format!("{scheme}://{host}:{}", address.port()), address, seen, _runtime: runtime }
    }

    pub(crate) fn plain() -> Self {
        Self::start(Habits::default())
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn requests(&self) -> u64 {
        self.seen.requests.load(Ordering::SeqCst)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.seen.bytes.load(Ordering::SeqCst)
    }
}

async fn accept(listener: TcpListener, habits: Habits, seen: Arc<Seen>) {
    let acceptor = habits.is_tls.then(acceptor);
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (acceptor, seen) = (acceptor.clone(), Arc::clone(&seen));
        tokio::spawn(async move {
            stream.set_nodelay(true).expect("a socket");
            match acceptor {
                None => converse(stream, habits, seen).await,
                Some(acceptor) => {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                        converse(stream, Habits { is_http2, ..habits }, seen).await;
                    }
                }
            }
        });
    }
}

fn acceptor() -> TlsAcceptor {
    let chain = CertificateDer::from_pem_slice(include_bytes!("../../crates/wire/src/tests/localhost.pem"))
        .expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../../crates/wire/src/tests/localhost.key.pem"))
        .expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS");
    let mut config =
        config.with_no_client_auth().with_single_cert(vec![chain], key).expect("they belong together");
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    habits: Habits,
    seen: Arc<Seen>,
) {
    // The probe of whoever looks whether somebody is there is no connection that is used.
    let first = Arc::new(AtomicUsize::new(0));
    let service = service_fn(move |request| answer(request, habits, Arc::clone(&seen), Arc::clone(&first)));
    let stream = TokioIo::new(stream);
    if habits.is_http2 {
        let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        let _ = builder.serve_connection(stream, service).await;
    } else {
        let _ = hyper::server::conn::http1::Builder::new().serve_connection(stream, service).await;
    }
}

async fn answer(
    request: Request<Incoming>,
    habits: Habits,
    seen: Arc<Seen>,
    first: Arc<AtomicUsize>,
) -> Result<Response<Full<Bytes>>, std::io::Error> {
    if first.fetch_add(1, Ordering::SeqCst) == 0 {
        seen.connections.fetch_add(1, Ordering::SeqCst);
    } else if habits.closes {
        // The second request on a connection finds that it has just been closed.
        return Err(std::io::ErrorKind::ConnectionAborted.into());
    }
    if request.version() == hyper::Version::HTTP_2 {
        seen.http2.fetch_add(1, Ordering::SeqCst);
    }
    let mut body = request.into_body();
    if habits.is_early {
        // The body is kept and never read, so that neither more window is granted nor the stream reset.
        std::mem::forget(body);
        seen.requests.fetch_add(1, Ordering::SeqCst);
        return Ok(created(habits));
    }
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(std::io::Error::other)?;
        seen.bytes.fetch_add(frame.data_ref().map_or(0, |data| data.len() as u64), Ordering::SeqCst);
    }
    let number = seen.requests.fetch_add(1, Ordering::SeqCst) + 1;
    if let Some((at, length)) = habits.stall
        && number == at
    {
        tokio::time::sleep(length).await;
    }
    Ok(created(habits))
}

fn created(habits: Habits) -> Response<Full<Bytes>> {
    let body = Bytes::from_static(br#"{"videoId":"vi0"}"#);
    Response::builder().status(habits.status.unwrap_or(201)).body(Full::new(body)).expect("a response")
}
