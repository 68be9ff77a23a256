//! The body of an HTTP/2 request: slices of shared bytes, and a record of how far it got.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

use super::content::{Content, PIECE};
use super::exchange::Request;
use super::pacing::RequestPacing;

/// How far a body got. The body and its request share it.
pub(super) struct BodyProgress(Mutex<State>);

struct State {
    /// When the last piece was taken.
    last: Instant,
    /// Until when the client holds the next piece.
    held_until: Instant,
    bytes: u64,
    file_bytes: u64,
    /// Whether the last piece has been taken.
    is_complete: bool,
    /// Whether a response has come: nothing more is sent.
    is_stopped: bool,
}

impl BodyProgress {
    pub(super) fn new(now: Instant) -> Self {
        let state = State {
            last: now,
            held_until: now,
            bytes: 0,
            file_bytes: 0,
            is_complete: false,
            is_stopped: false,
        };
        Self(Mutex::new(state))
    }

    fn read<T>(&self, read: impl FnOnce(&mut State) -> T) -> T {
        read(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// When the last piece was taken, or the next one is due.
    pub(super) fn moving(&self) -> Instant {
        self.read(|state| state.last.max(state.held_until))
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
    pacing: Option<Pacing>,
    progress: Arc<BodyProgress>,
}

/// A body up to this size is one piece.
const SMALL: u64 = 16 << 10;

/// The bytes of a small body.
fn together(request: &Request<'_>) -> Option<(Bytes, u64)> {
    let file = request.file.as_ref()?;
    if request.length() > SMALL || request.interrupt_after.is_some() || request.pacing.is_some() {
        return None;
    }
    // A file that cannot be read is reported where it is read piece by piece.
    let content = file.content.bytes(file.from, file.len).ok()?;
    Some(([request.before, &content, request.after].concat().into(), file.len))
}

/// The client's pacing, what may be sent, and the wait until then.
struct Pacing {
    request: Arc<RequestPacing>,
    claimed: u64,
    wait: Option<Pin<Box<Sleep>>>,
}

impl UploadBody {
    pub(super) fn new(request: &Request<'_>, progress: Arc<BodyProgress>) -> Self {
        let some = |bytes: &[u8]| (!bytes.is_empty()).then(|| Bytes::copy_from_slice(bytes));
        let (length, together) = (request.length(), together(request));
        let request = request.sent_part();
        let (content, at, end) = match request.file {
            Some(file) => (Some(Arc::clone(file.content)), file.from, file.from + file.len),
            None => (None, 0, 0),
        };
        if length == 0 {
            progress.read(|state| state.is_complete = true);
        }
        let pacing =
            |request: &Arc<RequestPacing>| Pacing { request: Arc::clone(request), claimed: 0, wait: None };
        Self {
            before: some(request.before),
            content,
            at,
            end,
            after: some(request.after),
            together,
            length,
            is_interrupted: request.interrupt_after.is_some(),
            pacing: request.pacing.map(pacing),
            progress,
        }
    }

    /// How much of the paced part is left: what stands before the file, and then the file.
    fn left(&self) -> u64 {
        match &self.before {
            Some(before) => before.len() as u64,
            None => self.end - self.at,
        }
    }

    /// Waits until the client's pacing lets some of the next bytes pass.
    fn poll_paced(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let left = self.left();
        let Some(pacing) = &mut self.pacing else { return Poll::Ready(()) };
        if pacing.claimed == 0 && left > 0 {
            let now = Instant::now();
            let claim = pacing.request.claim(now, left);
            pacing.claimed = claim.bytes;
            if claim.at > now {
                pacing.request.hold(now);
                self.progress.read(|state| state.held_until = claim.at);
                pacing.wait = Some(Box::pin(tokio::time::sleep_until(claim.at.into())));
            }
        }
        if let Some(wait) = &mut pacing.wait {
            std::task::ready!(wait.as_mut().poll(context));
            pacing.request.release(Instant::now());
            pacing.wait = None;
        }
        Poll::Ready(())
    }

    /// Takes what may be sent of so many bytes.
    fn allowed(&mut self, most: u64) -> u64 {
        match &mut self.pacing {
            Some(pacing) => {
                let allowed = most.min(pacing.claimed);
                pacing.claimed -= allowed;
                allowed
            }
            None => most,
        }
    }

    /// The next piece, and how much of it belongs to the file.
    fn next(&mut self) -> Option<std::io::Result<(Bytes, u64)>> {
        if let Some(all) = self.together.take() {
            (self.before, self.content, self.after) = (None, None, None);
            return Some(Ok(all));
        }
        if let Some(mut before) = self.before.take() {
            let length = usize::try_from(self.allowed(before.len() as u64)).unwrap_or(usize::MAX);
            let piece = before.split_to(length.min(before.len()));
            self.before = Some(before).filter(|rest| !rest.is_empty());
            return Some(Ok((piece, 0)));
        }
        if let Some(content) = self.content.clone().filter(|_| self.at < self.end) {
            let most = self.allowed((self.end - self.at).min(PIECE as u64));
            let bytes = content.bytes(self.at, most);
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
        std::task::ready!(self.poll_paced(context));
        let Some(next) = self.next() else { return Poll::Ready(None) };
        if let Ok((bytes, of_file)) = &next {
            self.record(bytes, *of_file);
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
