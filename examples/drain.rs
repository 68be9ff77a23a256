//! A server that drains bodies and answers 201, on one thread:
//!
//! ```text
//! cargo run --release --example drain -- [--tls] [--http2] [--close] [ADDRESS]
//! ```
//!
//! `--http2` speaks HTTP/2 alone, negotiated over TLS and with prior knowledge otherwise. `--close` ends an HTTP/1.1 connection
//! after each response, so that each request pays for a connection of its own. It stores nothing and checks nothing, so that what is
//! measured against it is the client.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a tool of the benches fails loudly, and says where it listens"
)]

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const HEAD: &str = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 17\r\n";
const BODY: &[u8] = b"{\"videoId\":\"vi0\"}";
const BUFFER: usize = 256 * 1024;
/// Room for several segments of 5 MiB on a connection, so that flow control does not slow the client down.
const WINDOW: u32 = 64 << 20;

/// How connections are served.
#[derive(Clone)]
struct Mode {
    tls: Option<TlsAcceptor>,
    http2: bool,
    close: bool,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| words.iter().any(|word| word == flag);
    let address = words.iter().find(|word| !word.starts_with('-')).map_or("127.0.0.1:0", String::as_str);
    let http2 = has("--http2");
    let mode = Mode { tls: has("--tls").then(|| acceptor(http2)), http2, close: has("--close") };
    let scheme = if mode.tls.is_some() { "https" } else { "http" };
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let listener = TcpListener::bind(address).await.unwrap();
        println!("listening on {scheme}://{}", listener.local_addr().unwrap());
        loop {
            let Ok((socket, _)) = listener.accept().await else { continue };
            tokio::spawn(connection(socket, mode.clone()));
        }
    });
}

/// TLS with a certificate that nobody trusts.
fn acceptor(http2: bool) -> TlsAcceptor {
    let certified =
        rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.into()], key)
        .unwrap();
    config.alpn_protocols = vec![if http2 { b"h2".to_vec() } else { b"http/1.1".to_vec() }];
    TlsAcceptor::from(Arc::new(config))
}

async fn connection(socket: TcpStream, mode: Mode) {
    socket.set_nodelay(true).unwrap();
    match mode.tls.clone() {
        Some(tls) => {
            if let Ok(stream) = tls.accept(socket).await {
                serve(stream, &mode).await;
            }
        }
        None => serve(socket, &mode).await,
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, mode: &Mode) {
    if mode.http2 {
        let _ = http2::Builder::new(TokioExecutor::new())
            .initial_connection_window_size(WINDOW)
            .initial_stream_window_size(WINDOW)
            .max_concurrent_streams(1024)
            .serve_connection(TokioIo::new(stream), service_fn(drain))
            .await;
    } else {
        serve_http1(stream, mode.close).await;
    }
}

/// Reads the body of a request over HTTP/2.
async fn drain(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut body = request.into_body();
    while let Some(Ok(_)) = body.frame().await {}
    Ok(Response::builder()
        .status(201)
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from_static(BODY)))
        .unwrap())
}

async fn serve_http1(mut stream: impl AsyncRead + AsyncWrite + Unpin, close: bool) {
    let connection = if close { "Connection: close\r\n" } else { "" };
    let response = [HEAD.as_bytes(), connection.as_bytes(), b"\r\n", BODY].concat();
    let mut buffer = vec![0; BUFFER];
    let mut filled = 0;
    loop {
        let Some((head, mut left)) = parsed(&buffer[..filled]) else {
            match stream.read(&mut buffer[filled..]).await {
                Ok(0) | Err(_) => return,
                Ok(count) => filled += count,
            }
            continue;
        };
        // What came with the head, and then the rest.
        let had = left.min(filled - head);
        left -= had;
        buffer.copy_within(head + had..filled, 0);
        filled -= head + had;
        while left > 0 {
            let most = left.min(BUFFER);
            match stream.read(&mut buffer[..most]).await {
                Ok(0) | Err(_) => return,
                Ok(count) => left -= count,
            }
        }
        // Over TLS, what was written may still wait to be sent, and a read does not send it.
        if stream.write_all(&response).await.is_err() || stream.flush().await.is_err() {
            return;
        }
        if close {
            let _ = stream.shutdown().await;
            return;
        }
    }
}

/// How long the head is, and the body behind it; none where the head is not whole yet.
fn parsed(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = request.parse(bytes).unwrap() else { return None };
    let length = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = length.map_or(0, |header| std::str::from_utf8(header.value).unwrap().parse().unwrap());
    Some((head, length))
}
