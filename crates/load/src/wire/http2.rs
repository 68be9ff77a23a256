//! HTTP/2 by hyper: several requests at once on a connection.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::time::Sleep;

use super::ask::{Ask, Cost, Fault, Keep, Reply};
use super::content::Content;
use super::site::Site;
use super::stream::Stream;
use crate::recorder::Class;

/// A connection; clones share it.
#[derive(Clone)]
pub(super) struct Http2 {
    sender: SendRequest<Upload>,
}

/// A window that is large enough for the segments of several uploads.
const WINDOW: u32 = 8 << 20;
const MOST_BODY: usize = 1 << 20;

impl Http2 {
    pub(super) async fn new(stream: Stream) -> Result<Self, Class> {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(WINDOW)
            .max_send_buf_size(1 << 20);
        let sender = match stream {
            Stream::Plain(stream) => {
                let (sender, connection) =
                    builder.handshake(TokioIo::new(stream)).await.map_err(|_| Class::Protocol)?;
                tokio::spawn(connection);
                sender
            }
            Stream::Tls(stream) => {
                // A server that does not choose HTTP/2 would be spoken to in a language that it does not know.
                if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
                    return Err(Class::Protocol);
                }
                let (sender, connection) =
                    builder.handshake(TokioIo::new(*stream)).await.map_err(|_| Class::Protocol)?;
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
        site: &Site,
        ask: &Ask<'_>,
        cost: &mut Cost,
    ) -> Result<Reply, Fault> {
        let failed = |_| Fault::Failed(Class::Closed);
        let started = Instant::now();
        let progress = Arc::new(Mutex::new(Progress { at: started, bytes: 0 }));
        let request = request(site, ask, Upload::new(ask, Arc::clone(&progress)))
            .map_err(|_| Fault::Failed(Class::Protocol))?;
        let asking = async {
            self.sender.ready().await.map_err(|_| Fault::Stale(Class::Closed))?;
            self.sender.send_request(request).await.map_err(failed)
        };
        let outcome = waiting(asking, site, &progress).await;
        let Progress { at: sent, bytes } = *progress.lock().unwrap_or_else(PoisonError::into_inner);
        cost.bytes += bytes;
        let response = match outcome {
            Err(Fault::Failed(Class::Closed)) if ask.break_off.is_some() => return Err(Fault::BrokenOff),
            other => other?,
        };
        let first_byte = Instant::now();
        let status = response.status().as_u16();
        let mut incoming = response.into_body();
        let mut body = Vec::new();
        let reading = async {
            while let Some(frame) = incoming.frame().await {
                let frame = frame.map_err(failed)?;
                if let Some(data) = frame.data_ref().filter(|_| ask.keep == Keep::Body) {
                    let room = MOST_BODY.saturating_sub(body.len());
                    body.extend_from_slice(&data[..data.len().min(room)]);
                }
            }
            Ok(())
        };
        waiting(reading, site, &progress).await?;
        Ok(Reply { status, body, started, sent, first_byte, finished: Instant::now() })
    }
}

/// Waits as long as the body moves on, and then as long as the target profile allows.
async fn waiting<T>(
    doing: impl Future<Output = Result<T, Fault>>,
    site: &Site,
    progress: &Mutex<Progress>,
) -> Result<T, Fault> {
    let mut doing = std::pin::pin!(doing);
    let began = Instant::now();
    loop {
        let last = progress.lock().unwrap_or_else(PoisonError::into_inner).at.max(began);
        let until = last + site.answer_timeout;
        if let Ok(done) = tokio::time::timeout_at(until.into(), doing.as_mut()).await {
            return done;
        }
        if progress.lock().unwrap_or_else(PoisonError::into_inner).at <= last {
            return Err(Fault::Failed(Class::Timeout));
        }
    }
}

fn request(site: &Site, ask: &Ask<'_>, upload: Upload) -> Result<Request<Upload>, http::Error> {
    let mut request = Request::builder()
        .method(ask.method)
        .uri(format!("{}://{}{}", site.scheme, site.authority, ask.path));
    if let Some(auth) = ask.auth {
        let mut value = HeaderValue::from_str(auth)?;
        value.set_sensitive(true);
        request = request.header(header::AUTHORIZATION, value);
    }
    if let Some(kind) = ask.content_type {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    if let Some(range) = ask.range {
        request = request.header(header::CONTENT_RANGE, range.to_string());
    }
    request.body(upload)
}

/// When the body last moved on, and how far it got.
#[derive(Clone, Copy)]
struct Progress {
    at: Instant,
    bytes: u64,
}

/// A request's body: slices of shared bytes.
pub(super) struct Upload {
    before: Option<Bytes>,
    content: Option<Arc<Content>>,
    at: u64,
    end: u64,
    after: Option<Bytes>,
    length: u64,
    is_broken_off: bool,
    pace: Option<(u64, Option<Pin<Box<Sleep>>>)>,
    progress: Arc<Mutex<Progress>>,
}

impl Upload {
    fn new(ask: &Ask<'_>, progress: Arc<Mutex<Progress>>) -> Self {
        let some = |bytes: &[u8]| (!bytes.is_empty()).then(|| Bytes::copy_from_slice(bytes));
        let length = ask.length();
        let (content, at, mut end) = match ask.file {
            Some(file) => (Some(Arc::clone(file.content)), file.from, file.from + file.len),
            None => (None, 0, 0),
        };
        if let Some(broken_off) = ask.break_off {
            end = end.min(at + broken_off);
        }
        Self {
            before: some(ask.before),
            content,
            at,
            end,
            after: some(ask.after),
            length,
            is_broken_off: ask.break_off.is_some(),
            pace: ask.pace.map(|pace| (pace.bytes_a_second(), None)),
            progress,
        }
    }

    fn moved(&self, bytes: &Bytes) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.at = Instant::now();
        progress.bytes += bytes.len() as u64;
    }

    fn next(&mut self) -> Option<std::io::Result<Bytes>> {
        if let Some(before) = self.before.take() {
            return Some(Ok(before));
        }
        if let Some(content) = self.content.as_ref().filter(|_| self.at < self.end) {
            let bytes = content.bytes(self.at, self.end - self.at);
            self.at += bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
            return Some(bytes);
        }
        if self.is_broken_off {
            return Some(Err(std::io::ErrorKind::ConnectionAborted.into()));
        }
        self.after.take().map(Ok)
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if let Some((_, Some(sleep))) = &mut self.pace {
            match sleep.as_mut().poll(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(()) => {}
            }
        }
        let Some(next) = self.next() else { return Poll::Ready(None) };
        if let Ok(bytes) = &next {
            self.moved(bytes);
            if let Some((bytes_a_second, sleep)) = &mut self.pace {
                #[expect(clippy::cast_precision_loss, reason = "a fraction of a second")]
                let rest = std::time::Duration::from_secs_f64(bytes.len() as f64 / *bytes_a_second as f64);
                *sleep = Some(Box::pin(tokio::time::sleep(rest)));
            }
        }
        Poll::Ready(Some(next.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.length == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
