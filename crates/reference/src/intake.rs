//! A request's body that is read to its end even when nobody wants it any more.
//!
//! An answer that is sent while the caller still sends reaches some callers as a broken connection. So a body that is
//! dropped unread goes on being read, and thrown away, within limits.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

/// What is still read of a body after its answer was decided.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rest {
    /// So many bytes, and not more.
    pub(super) bytes: u64,
    /// So long, and not longer.
    pub(super) patience: Duration,
}

/// The body, and what to do with its rest.
pub(super) struct Intake {
    body: Option<Incoming>,
    rest: Rest,
    /// Whether the caller sends without being asked to, or was asked.
    sending: bool,
}

impl Intake {
    /// `rest` is read once nobody wants it.
    pub(super) fn new(body: Incoming, rest: Rest) -> Self {
        Self { body: Some(body), rest, sending: true }
    }

    /// A caller that waits for leave (`Expect: 100-continue`) sees a refusal first, and then there is nothing to read.
    pub(super) fn awaiting_leave(body: Incoming, rest: Rest) -> Self {
        Self { body: Some(body), rest, sending: false }
    }
}

impl Body for Intake {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.sending = true;
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

impl Drop for Intake {
    fn drop(&mut self) {
        let Some(body) = self.body.take() else { return };
        if !self.sending || body.is_end_stream() {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let Rest { bytes, patience } = self.rest;
            runtime.spawn(async move { drop(tokio::time::timeout(patience, drain(body, bytes)).await) });
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
