//! Answers Prometheus over HTTP, within bounds: few connections at once, each for a short time and for one request.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::exposition::Exposition;
use crate::figures::Metrics;

/// What one address takes.
#[derive(Debug, Clone, Copy)]
struct Limits {
    connections: usize,
    /// How long a connection may last.
    within: Duration,
    /// The most bytes of a request's head.
    head: usize,
}

const LIMITS: Limits = Limits { connections: 16, within: Duration::from_secs(5), head: 16 << 10 };

/// A server that goes on until this is dropped.
#[derive(Debug)]
pub struct Serving {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Serving {
    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Shows figures at `http://ADDRESS/metrics`.
pub async fn serve(address: SocketAddr, metrics: Metrics) -> io::Result<Serving> {
    serve_within(address, metrics, LIMITS).await
}

async fn serve_within(address: SocketAddr, metrics: Metrics, limits: Limits) -> io::Result<Serving> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let task = tokio::spawn(accept(listener, Arc::new(Exposition::new(metrics)), limits));
    Ok(Serving { address, task })
}

async fn accept(listener: TcpListener, metrics: Arc<Exposition>, limits: Limits) {
    /// What lasts shorter than this is no state of the machine, such as a lack of file descriptors.
    const PAUSE: Duration = Duration::from_millis(100);
    let permits = Arc::new(Semaphore::new(limits.connections));
    let mut connections = tokio::task::JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        // One connection too many is closed at once.
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else { continue };
        let metrics = Arc::clone(&metrics);
        connections.spawn(async move {
            let _ = timeout(limits.within, answer(stream, metrics, limits)).await;
            drop(permit);
        });
    }
}

/// Answers one request.
async fn answer(stream: TcpStream, metrics: Arc<Exposition>, limits: Limits) {
    let service = service_fn(move |request: Request<Incoming>| {
        let response = response(&request, &metrics);
        async move { Ok::<_, Infallible>(response) }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.keep_alive(false).max_buf_size(limits.head).header_read_timeout(None);
    // A client that breaks off is no matter of ours.
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

fn response(request: &Request<Incoming>, metrics: &Exposition) -> Response<Full<Bytes>> {
    let is_read = request.method() == Method::GET || request.method() == Method::HEAD;
    let text = |text: String| (TEXT, Bytes::from(text));
    let (status, (kind, body)) = match request.uri().path() {
        #[cfg(feature = "telemetry")]
        "/metrics" if is_read && prefers_protobuf(request.headers()) => {
            (StatusCode::OK, (PROTOBUF, Bytes::from(metrics.protobuf())))
        }
        "/metrics" if is_read => (StatusCode::OK, text(metrics.text())),
        "/metrics" => (StatusCode::METHOD_NOT_ALLOWED, text("send GET\n".to_owned())),
        _ => (StatusCode::NOT_FOUND, text("the metrics are at /metrics\n".to_owned())),
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static(kind));
    response
}

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

#[cfg(feature = "telemetry")]
const PROTOBUF: &str =
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

/// Whether the client rates delimited protobuf highest. Without native histograms, Prometheus rates text higher.
#[cfg(feature = "telemetry")]
fn prefers_protobuf(headers: &http::HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let (mut protobuf, mut other) = (0.0, 0.0);
    for range in accepted.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let (mut quality, mut parameters): (f64, u8) = (1.0, 0);
        for part in parts {
            match part.split_once('=').map(|(name, value)| (name.trim(), value.trim().trim_matches('"'))) {
                Some(("q", value)) => quality = value.parse().unwrap_or(0.0),
                Some(("proto", "io.prometheus.client.MetricFamily") | ("encoding", "delimited")) => {
                    parameters += 1;
                }
                _ => {}
            }
        }
        let is_ours = kind.eq_ignore_ascii_case("application/vnd.google.protobuf") && parameters == 2;
        let best = if is_ours { &mut protobuf } else { &mut other };
        *best = quality.max(*best);
    }
    protobuf > 0.0 && protobuf >= other
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::{Limits, Serving, serve_within};
    use crate::Metrics;

    async fn serving(limits: Limits) -> Serving {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let metrics = Metrics::new(&[("shard", "1/1".to_owned())]);
        serve_within(address, metrics, limits).await.expect("a free port")
    }

    async fn ask(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        // The server may close first.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).expect("text")
    }

    const LIMITS: Limits = Limits { connections: 2, within: Duration::from_millis(200), head: 8 << 10 };

    #[tokio::test]
    async fn it_answers_at_metrics_alone() {
        let serving = serving(LIMITS).await;
        for (request, status) in [
            ("GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n", "HTTP/1.1 200 "),
            ("POST /metrics HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n", "HTTP/1.1 405 "),
            ("GET / HTTP/1.1\r\nhost: x\r\n\r\n", "HTTP/1.1 404 "),
            ("garbage\r\n\r\n", "HTTP/1.1 400 "),
        ] {
            let answer = ask(serving.address(), request).await;
            assert!(answer.starts_with(status), "{request}: {answer}");
        }
        let answer = ask(serving.address(), "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert!(
            answer.contains("\nuptake_load_uploads_total{shard=\"1/1\",outcome=\"failed\"} 0\n"),
            "{answer}"
        );
    }

    #[cfg(feature = "telemetry")]
    #[test]
    fn protobuf_is_for_clients_that_rate_it_highest() {
        const FAMILY: &str = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily";
        for (accept, is_preferred) in [
            (format!("{FAMILY};encoding=delimited"), true),
            // Prometheus with native histograms, and without.
            (
                format!(
                    "{FAMILY};encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,*/*;q=0.1"
                ),
                true,
            ),
            (
                format!(
                    "application/openmetrics-text;version=1.0.0,text/plain;q=0.5,{FAMILY};encoding=delimited;q=0.3"
                ),
                false,
            ),
            (format!("{FAMILY};encoding=text"), false),
            ("application/vnd.google.protobuf".to_owned(), false),
            (format!("{FAMILY};encoding=delimited;q=0"), false),
            ("*/*".to_owned(), false),
            (String::new(), false),
        ] {
            let mut headers = http::HeaderMap::new();
            headers.insert(http::header::ACCEPT, accept.parse().expect("a value"));
            assert_eq!(super::prefers_protobuf(&headers), is_preferred, "{accept}");
        }
    }

    #[tokio::test]
    async fn silent_clients_and_long_heads_hold_it_for_a_short_time_only() {
        let serving = serving(LIMITS).await;
        let mut silent = Vec::new();
        for _ in 0..2 {
            silent.push(TcpStream::connect(serving.address()).await.expect("it listens"));
        }
        let long = format!("GET /metrics HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(64 << 10));
        // Each is closed by the server: reading ends.
        for client in &mut silent {
            let mut rest = Vec::new();
            let _ = client.read_to_end(&mut rest).await;
            assert_eq!(rest, b"");
        }
        assert!(!ask(serving.address(), &long).await.starts_with("HTTP/1.1 200"));
        let answer = ask(serving.address(), "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }

    #[tokio::test]
    async fn it_ends_when_it_is_dropped() {
        let serving = serving(LIMITS).await;
        let address = serving.address();
        drop(serving);
        tokio::task::yield_now().await;
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }
}
