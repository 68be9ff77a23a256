//! HTTP/2, by hyper: several requests at once on a connection.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Instant;

use http::HeaderValue;
use http_body_util::BodyExt as _;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::AbortHandle;

use super::counted::{ByteCount, Counted};
use super::endpoint::Endpoint;
use super::exchange::{ExchangeError, ExchangeStats, Request, Response, ResponseBody};
use super::transport::Transport;
use super::upload_body::{BodyProgress, UploadBody};
use crate::failure::ErrorClass;

/// A connection. It is closed when it is dropped.
pub(super) struct Http2 {
    sender: SendRequest<UploadBody>,
    driver: AbortHandle,
    /// The requests in progress.
    active: Cell<u64>,
    /// Whether it takes no further requests.
    is_retired: Cell<bool>,
}

/// A flow-control window for responses.
const WINDOW: u32 = 8 << 20;
/// The most requests at once on one connection: what servers commonly allow.
const MAX_STREAMS: u64 = 100;

impl Drop for Http2 {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Http2 {
    /// Starts HTTP/2 on a connection. Bytes written to a plain socket are added to `written`.
    pub(super) async fn new(
        endpoint: &Endpoint,
        transport: Transport,
        written: &ByteCount,
    ) -> Result<Self, ErrorClass> {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(WINDOW)
            .max_header_list_size(u32::try_from(endpoint.limits.head).unwrap_or(u32::MAX))
            .max_send_buf_size(1 << 20);
        match transport {
            Transport::Plain(socket) => {
                Self::handshake(&builder, Counted::new(socket, written.clone())).await
            }
            Transport::Tls(stream) => {
                // The server did not agree to HTTP/2 (ALPN).
                if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
                    return Err(ErrorClass::Protocol);
                }
                Self::handshake(&builder, *stream).await
            }
        }
    }

    async fn handshake(
        builder: &Builder<TokioExecutor>,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    ) -> Result<Self, ErrorClass> {
        let (sender, connection) =
            builder.handshake(TokioIo::new(stream)).await.map_err(|_| ErrorClass::Protocol)?;
        let driver = tokio::spawn(connection).abort_handle();
        Ok(Self { sender, driver, active: Cell::new(0), is_retired: Cell::new(false) })
    }

    /// Whether new requests may use it.
    pub(super) fn is_usable(&self) -> bool {
        !self.sender.is_closed() && !self.is_retired.get()
    }

    /// Whether it can take one more request.
    pub(super) fn has_capacity(&self) -> bool {
        self.active.get() < MAX_STREAMS
    }

    /// Sends a request and reads the response.
    pub(super) async fn exchange(
        &self,
        endpoint: &Endpoint,
        request: &Request<'_>,
        stats: &mut ExchangeStats,
    ) -> Result<Response, ExchangeError> {
        let _active = Active::new(&self.active);
        let started = Instant::now();
        let progress = Arc::new(BodyProgress::new(started));
        let body = UploadBody::new(request, Arc::clone(&progress));
        let http_request = http_request(endpoint, request, body)?;
        let requested = match request.response_body {
            ResponseBody::Keep => http_request.uri().to_string(),
            ResponseBody::Discard => String::new(),
        };
        let outcome =
            waiting(self.send(http_request, request, endpoint, &progress), endpoint, &progress).await;
        stats.bytes += progress.bytes();
        stats.file_bytes = progress.file_bytes();
        let is_complete = progress.is_complete();
        progress.stop();
        if !is_complete && !matches!(outcome, Err(ExchangeError::Stale(_))) {
            // Its body may never end: the server need not read it. The connection is closed once it is unused.
            self.is_retired.set(true);
        }
        let mut response = match outcome {
            Err(ExchangeError::Failed(ErrorClass::Closed)) if request.interrupt_after.is_some() => {
                return Err(ExchangeError::Interrupted);
            }
            other => other?,
        };
        response.requested = requested;
        response.started = started;
        response.file_bytes = stats.file_bytes;
        Ok(response)
    }

    async fn send(
        &self,
        http_request: http::Request<UploadBody>,
        request: &Request<'_>,
        endpoint: &Endpoint,
        progress: &BodyProgress,
    ) -> Result<Response, ExchangeError> {
        let closed = |_| ExchangeError::Failed(ErrorClass::Closed);
        let mut sender = self.sender.clone();
        sender.ready().await.map_err(|_| ExchangeError::Stale(ErrorClass::Closed))?;
        let response = sender.send_request(http_request).await.map_err(closed)?;
        let first_byte = Instant::now();
        let is_early = !progress.is_complete();
        let sent = progress.stop();
        let status = response.status().as_u16();
        let headers = if request.response_body == ResponseBody::Keep {
            let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect()
        } else {
            Vec::new()
        };
        let mut incoming = response.into_body();
        let (mut body, mut length) = (Vec::new(), 0);
        while let Some(frame) = incoming.frame().await {
            let frame = frame.map_err(closed)?;
            let Some(data) = frame.data_ref() else { continue };
            length += data.len() as u64;
            if length > endpoint.limits.body {
                return Err(ExchangeError::Failed(ErrorClass::TooLarge));
            }
            if request.response_body == ResponseBody::Keep {
                body.extend_from_slice(data);
            }
        }
        let finished = Instant::now();
        let started = sent;
        let requested = String::new();
        Ok(Response {
            status,
            requested,
            headers,
            body,
            started,
            sent,
            first_byte,
            finished,
            is_early,
            file_bytes: 0,
        })
    }
}

/// Counts a request as in progress.
struct Active<'c>(&'c Cell<u64>);

impl<'c> Active<'c> {
    fn new(count: &'c Cell<u64>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Active<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// Waits while the request's body makes progress, and then as long as the target profile allows for a whole response.
async fn waiting<T>(
    doing: impl Future<Output = Result<T, ExchangeError>>,
    endpoint: &Endpoint,
    progress: &BodyProgress,
) -> Result<T, ExchangeError> {
    let mut doing = std::pin::pin!(doing);
    loop {
        let last = progress.moving();
        let until = last + endpoint.answer_timeout;
        if let Ok(done) = tokio::time::timeout_at(until.into(), doing.as_mut()).await {
            return done;
        }
        if progress.moving() <= last {
            return Err(ExchangeError::Failed(ErrorClass::Timeout));
        }
    }
}

fn http_request(
    endpoint: &Endpoint,
    request: &Request<'_>,
    body: UploadBody,
) -> Result<http::Request<UploadBody>, ExchangeError> {
    let head = request.template.head(&request.values, request.payload());
    let (path, headers) = head.map_err(ExchangeError::unrenderable)?;
    let mut builder = http::Request::builder()
        .method(&request.template.method)
        .uri(format!("{}://{}{path}", endpoint.scheme, endpoint.authority));
    for (name, value) in &endpoint.headers {
        builder = builder.header(name, value);
    }
    let invalid = |_| ExchangeError::Failed(ErrorClass::Protocol);
    for (name, value) in headers {
        let mut value =
            HeaderValue::from_str(&value).map_err(|_| ExchangeError::Failed(ErrorClass::Missing))?;
        value.set_sensitive(name.eq_ignore_ascii_case("authorization"));
        builder = builder.header(name, value);
    }
    builder.body(body).map_err(invalid)
}
