//! HTTP/1.1, written by hand: one request at a time on a connection that is reused.

use std::fmt::Write as _;
use std::time::Instant;

use super::counted::ByteCount;
use super::endpoint::Endpoint;
use super::exchange::{ExchangeError, ExchangeStats, Request, Response, ResponseBody};
use super::request_body::{BodySent, send};
use super::response::ResponseReader;
use super::send_queue::has_unsent_bytes;
use super::transport::{SEND_BUFFER_MEMORY, Transport, broken};
use crate::failure::ErrorClass;
use crate::protocol::Unrenderable;
use uptake_wire::response::RequestKind;

/// A connection.
pub(super) struct Http1 {
    transport: Transport,
    reader: ResponseReader,
    /// The head of the current request; the buffer is reused.
    head: String,
    /// Whether it has sent a request before.
    is_used: bool,
    /// The bytes on the wire of a plain connection; those of TLS are counted below it.
    written: ByteCount,
}

impl Http1 {
    pub(super) fn new(endpoint: &Endpoint, transport: Transport, written: ByteCount) -> Self {
        let reader = ResponseReader::new(endpoint.limits);
        Self { transport, reader, head: String::with_capacity(1_024), is_used: false, written }
    }

    /// Sends a request and reads the response. Also returns whether the connection can be reused.
    pub(super) async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        request: &Request<'_>,
        stats: &mut ExchangeStats,
    ) -> Result<(Response, bool), ExchangeError> {
        let is_used = std::mem::replace(&mut self.is_used, true);
        if is_used && self.is_given_up() {
            return Err(ExchangeError::Stale(ErrorClass::Closed));
        }
        let started = Instant::now();
        self.write_head(endpoint, request).map_err(ExchangeError::unrenderable)?;
        let before = stats.bytes;
        stats.file_bytes = 0;
        let Self { transport, reader, head, .. } = self;
        let sending =
            send(transport, reader, (head.as_bytes(), request), endpoint.answer_timeout, stats).await;
        if matches!(self.transport, Transport::Plain(_)) {
            self.written.add(stats.bytes - before);
        }
        let sent = Instant::now();
        let is_cut = match &sending {
            Ok(BodySent::All) => false,
            // A server may refuse and close. Its response says more than the closed connection.
            Ok(BodySent::Part) | Err(ExchangeError::Failed(ErrorClass::Closed)) => true,
            Err(other) => return Err(*other),
        };
        let receiving = self.receive(request);
        let received = match tokio::time::timeout(endpoint.answer_timeout, receiving).await {
            Ok(received) => received,
            Err(_) => Err(ExchangeError::Failed(ErrorClass::Timeout)),
        };
        let received = received.map_err(|error| match error {
            ExchangeError::Stale(class) if !is_used => ExchangeError::Failed(class),
            other => other,
        })?;
        let Received { status, headers, body, first_byte, is_persistent, has_unsent } = received;
        if has_unsent {
            // How many it holds is unknown; at most a full buffer.
            stats.file_bytes = stats.file_bytes.saturating_sub(SEND_BUFFER_MEMORY);
        }
        let is_early = is_cut || has_unsent;
        let finished = Instant::now();
        let file_bytes = stats.file_bytes;
        let requested = match request.response_body {
            ResponseBody::Keep => self.head.split(' ').nth(1).unwrap_or_default().to_owned(),
            ResponseBody::Discard => String::new(),
        };
        let response = Response {
            status,
            requested,
            headers,
            body,
            started,
            sent,
            first_byte,
            finished,
            is_early,
            file_bytes,
        };
        Ok((response, is_persistent && !is_early))
    }

    /// Whether the server sent something, or closed the connection, while it was idle.
    fn is_given_up(&mut self) -> bool {
        let Self { transport, reader, .. } = self;
        !reader.is_empty() || !matches!(reader.peek(|buffer| transport.try_read(buffer)), Ok(false))
    }

    async fn receive(&mut self, request: &Request<'_>) -> Result<Received, ExchangeError> {
        let Self { transport, reader, .. } = self;
        let kind = RequestKind::from(&request.template.method);
        let mut head = reader.read_head(transport, kind, request.response_body).await?;
        // Smaller bodies fit into the buffers of any server's system.
        let is_large = request.file.is_some_and(|file| file.len > SMALL);
        let has_unsent = is_large && has_unsent_bytes(transport.socket()).map_err(|error| broken(&error))?;
        let body = reader.read_body(transport, &mut head, request.response_body).await?;
        let (status, first_byte, is_persistent) = (head.status, head.first_byte, head.is_persistent);
        Ok(Received { status, headers: head.headers, body, first_byte, is_persistent, has_unsent })
    }

    fn write_head(&mut self, endpoint: &Endpoint, request: &Request<'_>) -> Result<(), Unrenderable> {
        let head = &mut self.head;
        head.clear();
        let fixed = (endpoint.fixed_head.as_str(), request.payload());
        request.template.write_head(&request.values, fixed, head)?;
        if request.template.has_length() {
            let _ = write!(head, "Content-Length: {}\r\n", request.length());
        }
        head.push_str("\r\n");
        Ok(())
    }
}

/// What came back.
struct Received {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    first_byte: Instant,
    is_persistent: bool,
    /// Whether the kernel still held bytes of the request.
    has_unsent: bool,
}

/// A file of at most this size is written in one call.
const SMALL: u64 = super::content::PIECE as u64;
