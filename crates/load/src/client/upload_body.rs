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

/// How far a body got, and when the last of it was taken.
#[derive(Clone, Copy)]
pub(super) struct BodyProgress {
    pub(super) at: Instant,
    pub(super) bytes: u64,
}

/// The body of a request.
pub(super) struct UploadBody {
    before: Option<Bytes>,
    content: Option<Arc<Content>>,
    at: u64,
    end: u64,
    after: Option<Bytes>,
    length: u64,
    is_interrupted: bool,
    /// The bandwidth limit, and the wait until the next piece may be sent.
    pace: Option<(u64, Option<Pin<Box<Sleep>>>)>,
    progress: Arc<Mutex<BodyProgress>>,
}

impl UploadBody {
    pub(super) fn new(request: &Request<'_>, progress: Arc<Mutex<BodyProgress>>) -> Self {
        let some = |bytes: &[u8]| (!bytes.is_empty()).then(|| Bytes::copy_from_slice(bytes));
        let length = request.length();
        let (content, at, mut end) = match request.file {
            Some(file) => (Some(Arc::clone(file.content)), file.from, file.from + file.len),
            None => (None, 0, 0),
        };
        if let Some(limit) = request.interrupt_after {
            end = end.min(at + limit);
        }
        Self {
            before: some(request.before),
            content,
            at,
            end,
            after: some(request.after),
            length,
            is_interrupted: request.interrupt_after.is_some(),
            pace: request.limit.map(|limit| (limit.bytes_per_second(), None)),
            progress,
        }
    }

    fn record(&self, bytes: &Bytes) {
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
        if self.is_interrupted {
            return Some(Err(std::io::ErrorKind::ConnectionAborted.into()));
        }
        self.after.take().map(Ok)
    }
}

impl Body for UploadBody {
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
            self.record(bytes);
            if let Some((bytes_per_second, sleep)) = &mut self.pace {
                #[expect(clippy::cast_precision_loss, reason = "a fraction of a second")]
                let rest = Duration::from_secs_f64(bytes.len() as f64 / *bytes_per_second as f64);
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
