//! The body of a request, read to its end even when nobody wants it any more.
//!
//! An answer that is sent while the client still sends reaches some clients as a broken connection. So a body that is
//! dropped unread goes on being read, and thrown away, within limits.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

/// How much is still read of a body after its answer was decided.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DrainLimits {
    /// So many bytes, and not more.
    pub(crate) bytes: u64,
    /// So long, and not longer.
    pub(crate) timeout: Duration,
}

/// The body, and what to do with its rest.
pub(crate) struct RequestBody {
    body: Option<Incoming>,
    limits: DrainLimits,
    /// Whether the rest is read when nobody wants it.
    drains: bool,
}

impl RequestBody {
    /// With `drains` the rest is read once nobody wants it; otherwise only if somebody began to read.
    pub(crate) const fn new(body: Incoming, limits: DrainLimits, drains: bool) -> Self {
        Self { body: Some(body), limits, drains }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        // Whoever was asked to send does so.
        self.drains = true;
        let Some(body) = self.body.as_mut() else { return Poll::Ready(None) };
        let polled = Pin::new(body).poll_frame(context);
        if let Poll::Ready(None | Some(Err(_))) = polled {
            self.body = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        let Some(body) = self.body.take() else { return };
        if !self.drains || body.is_end_stream() {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let DrainLimits { bytes, timeout } = self.limits;
            runtime.spawn(async move { drop(tokio::time::timeout(timeout, drain(body, bytes)).await) });
        }
    }
}

async fn drain(mut body: Incoming, limit: u64) {
    let mut left = limit;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len) as u64;
        let Some(rest) = left.checked_sub(length) else { return };
        left = rest;
    }
}
