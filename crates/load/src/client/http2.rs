//! HTTP/2, by hyper: several requests at once on a connection.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use http::{HeaderValue, header};
use http_body_util::BodyExt as _;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::endpoint::Endpoint;
use super::exchange::{ExchangeError, ExchangeStats, Request, Response, ResponseBody};
use super::transport::Transport;
use super::upload_body::{BodyProgress, UploadBody};
use crate::failure::ErrorClass;

/// A connection. Clones share it.
#[derive(Clone)]
pub(super) struct Http2 {
    sender: SendRequest<UploadBody>,
}

/// A flow-control window for responses.
const WINDOW: u32 = 8 << 20;
/// The most of a response body that is kept.
const MAX_BODY: usize = 1 << 20;

impl Http2 {
    pub(super) async fn new(stream: Transport) -> Result<Self, ErrorClass> {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(WINDOW)
            .max_send_buf_size(1 << 20);
        let sender = match stream {
            Transport::Plain(stream) => {
                let (sender, connection) =
                    builder.handshake(TokioIo::new(stream)).await.map_err(|_| ErrorClass::Protocol)?;
                tokio::spawn(connection);
                sender
            }
            Transport::Tls(stream) => {
                // The server did not agree to HTTP/2 (ALPN).
                if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
                    return Err(ErrorClass::Protocol);
                }
                let (sender, connection) =
                    builder.handshake(TokioIo::new(*stream)).await.map_err(|_| ErrorClass::Protocol)?;
                tokio::spawn(connection);
                sender
            }
        };
        Ok(Self { sender })
    }

    pub(super) fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }

    pub(super) async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        request: &Request<'_>,
        cost: &mut ExchangeStats,
    ) -> Result<Response, ExchangeError> {
        let failed = |_| ExchangeError::Failed(ErrorClass::Closed);
        let started = Instant::now();
        let progress = Arc::new(Mutex::new(BodyProgress { at: started, bytes: 0 }));
        let http_request = http_request(endpoint, request, UploadBody::new(request, Arc::clone(&progress)))
            .map_err(|_| ExchangeError::Failed(ErrorClass::Protocol))?;
        let sending = async {
            self.sender.ready().await.map_err(|_| ExchangeError::Stale(ErrorClass::Closed))?;
            self.sender.send_request(http_request).await.map_err(failed)
        };
        let outcome = waiting(sending, endpoint, &progress).await;
        let BodyProgress { at: sent, bytes } = *progress.lock().unwrap_or_else(PoisonError::into_inner);
        cost.bytes += bytes;
        let response = match outcome {
            Err(ExchangeError::Failed(ErrorClass::Closed)) if request.interrupt_after.is_some() => {
                return Err(ExchangeError::Interrupted);
            }
            other => other?,
        };
        let first_byte = Instant::now();
        let status = response.status().as_u16();
        let mut incoming = response.into_body();
        let mut body = Vec::new();
        let reading = async {
            while let Some(frame) = incoming.frame().await {
                let frame = frame.map_err(failed)?;
                if let Some(data) = frame.data_ref().filter(|_| request.response_body == ResponseBody::Keep) {
                    let room = MAX_BODY.saturating_sub(body.len());
                    body.extend_from_slice(&data[..data.len().min(room)]);
                }
            }
            Ok(())
        };
        waiting(reading, endpoint, &progress).await?;
        Ok(Response { status, body, started, sent, first_byte, finished: Instant::now() })
    }
}

/// Waits while the body makes progress, and then as long as the target profile allows.
async fn waiting<T>(
    doing: impl Future<Output = Result<T, ExchangeError>>,
    endpoint: &Endpoint,
    progress: &Mutex<BodyProgress>,
) -> Result<T, ExchangeError> {
    let mut doing = std::pin::pin!(doing);
    let began = Instant::now();
    loop {
        let last = progress.lock().unwrap_or_else(PoisonError::into_inner).at.max(began);
        let until = last + endpoint.answer_timeout;
        if let Ok(done) = tokio::time::timeout_at(until.into(), doing.as_mut()).await {
            return done;
        }
        if progress.lock().unwrap_or_else(PoisonError::into_inner).at <= last {
            return Err(ExchangeError::Failed(ErrorClass::Timeout));
        }
    }
}

fn http_request(
    endpoint: &Endpoint,
    request: &Request<'_>,
    body: UploadBody,
) -> Result<http::Request<UploadBody>, http::Error> {
    let mut builder = http::Request::builder()
        .method(request.method)
        .uri(format!("{}://{}{}", endpoint.scheme, endpoint.authority, request.path));
    if let Some(authorization) = request.authorization {
        let mut value = HeaderValue::from_str(authorization)?;
        value.set_sensitive(true);
        builder = builder.header(header::AUTHORIZATION, value);
    }
    if let Some(kind) = request.content_type {
        builder = builder.header(header::CONTENT_TYPE, kind);
    }
    if let Some(range) = request.range {
        builder = builder.header(header::CONTENT_RANGE, range.to_string());
    }
    builder.body(body)
}
