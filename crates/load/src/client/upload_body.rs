//! The body of an HTTP/2 request: slices of shared bytes, and a record of how far it got.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

use super::content::Content;
use super::exchange::Request;

/// How far a body got. The body and its request share it.
pub(super) struct BodyProgress(Mutex<State>);

struct State {
    /// When the last piece was taken.
    last: Instant,
    bytes: u64,
    file_bytes: u64,
    /// Whether the last piece has been taken.
    is_complete: bool,
    /// Whether a response has come: nothing more is sent.
    is_stopped: bool,
}

impl BodyProgress {
    pub(super) fn new(now: Instant) -> Self {
        let state = State { last: now, bytes: 0, file_bytes: 0, is_complete: false, is_stopped: false };
        Self(Mutex::new(state))
    }

    fn read<T>(&self, read: impl FnOnce(&mut State) -> T) -> T {
        read(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// When the last piece was taken.
    pub(super) fn last(&self) -> Instant {
        self.read(|state| state.last)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.read(|state| state.bytes)
    }

    pub(super) fn file_bytes(&self) -> u64 {
        self.read(|state| state.file_bytes)
    }

    /// Whether the whole body has been taken.
    pub(super) fn is_complete(&self) -> bool {
        self.read(|state| state.is_complete)
    }

    /// Ends the body, and returns when its last piece was taken.
    pub(super) fn stop(&self) -> Instant {
        self.read(|state| {
            state.is_stopped = true;
            state.last
        })
    }
}

/// The body of a request.
pub(super) struct UploadBody {
    before: Option<Bytes>,
    content: Option<Arc<Content>>,
    at: u64,
    end: u64,
    after: Option<Bytes>,
    /// All of a small body in one piece, and how much of it belongs to the file: one frame costs less than three.
    together: Option<(Bytes, u64)>,
    length: u64,
    is_interrupted: bool,
    bandwidth: Option<Bandwidth>,
    progress: Arc<BodyProgress>,
}

/// A body up to this size is one piece.
const SMALL: u64 = 16 << 10;

/// The bytes of a small body.
fn together(request: &Request<'_>) -> Option<(Bytes, u64)> {
    let file = request.file.as_ref()?;
    if request.length() > SMALL || request.interrupt_after.is_some() || request.limit.is_some() {
        return None;
    }
    // A file that cannot be read is reported where it is read piece by piece.
    let content = file.content.bytes(file.from, file.len).ok()?;
    Some(([request.before, &content, request.after].concat().into(), file.len))
}

/// A bandwidth limit, and the wait until the next piece may be sent.
struct Bandwidth {
    bytes_per_second: u64,
    wait: Option<Pin<Box<Sleep>>>,
}

impl UploadBody {
    pub(super) fn new(request: &Request<'_>, progress: Arc<BodyProgress>) -> Self {
        let some = |bytes: &[u8]| (!bytes.is_empty()).then(|| Bytes::copy_from_slice(bytes));
        let length = request.length();
        let (content, at, mut end) = match request.file {
            Some(file) => (Some(Arc::clone(file.content)), file.from, file.from + file.len),
            None => (None, 0, 0),
        };
        if let Some(limit) = request.interrupt_after {
            end = end.min(at + limit);
        }
        if length == 0 {
            progress.read(|state| state.is_complete = true);
        }
        let bandwidth = |limit: &super::bandwidth::BandwidthLimit| Bandwidth {
            bytes_per_second: limit.bytes_per_second(),
            wait: None,
        };
        Self {
            before: some(request.before),
            content,
            at,
            end,
            after: some(request.after),
            together: together(request),
            length,
            is_interrupted: request.interrupt_after.is_some(),
            bandwidth: request.limit.map(bandwidth),
            progress,
        }
    }

    /// The next piece, and how much of it belongs to the file.
    fn next(&mut self) -> Option<std::io::Result<(Bytes, u64)>> {
        if let Some(all) = self.together.take() {
            (self.before, self.content, self.after) = (None, None, None);
            return Some(Ok(all));
        }
        if let Some(before) = self.before.take() {
            return Some(Ok((before, 0)));
        }
        if let Some(content) = self.content.as_ref().filter(|_| self.at < self.end) {
            let bytes = content.bytes(self.at, self.end - self.at);
            self.at += bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
            return Some(bytes.map(|bytes| {
                let length = bytes.len() as u64;
                (bytes, length)
            }));
        }
        if self.is_interrupted {
            return Some(Err(std::io::ErrorKind::ConnectionAborted.into()));
        }
        self.after.take().map(|after| Ok((after, 0)))
    }

    fn record(&self, bytes: &Bytes, of_file: u64) {
        let length = bytes.len() as u64;
        self.progress.read(|state| {
            state.last = Instant::now();
            state.bytes += length;
            state.file_bytes += of_file;
            state.is_complete = state.bytes == self.length;
        });
    }
}

impl Body for UploadBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if self.progress.read(|state| state.is_stopped && !state.is_complete) {
            return Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionAborted.into())));
        }
        if let Some(wait) = self.bandwidth.as_mut().and_then(|bandwidth| bandwidth.wait.as_mut())
            && wait.as_mut().poll(context).is_pending()
        {
            return Poll::Pending;
        }
        let Some(next) = self.next() else { return Poll::Ready(None) };
        if let Ok((bytes, of_file)) = &next {
            self.record(bytes, *of_file);
            if let Some(Bandwidth { bytes_per_second, wait }) = &mut self.bandwidth {
                #[expect(clippy::cast_precision_loss, reason = "a fraction of a second")]
                let rest = Duration::from_secs_f64(bytes.len() as f64 / *bytes_per_second as f64);
                *wait = Some(Box::pin(tokio::time::sleep(rest)));
            }
        }
        Poll::Ready(Some(next.map(|(bytes, _)| Frame::data(bytes))))
    }

    /// With this, the last piece ends the stream, and no empty frame follows it.
    fn is_end_stream(&self) -> bool {
        self.progress.read(|state| state.is_complete)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
