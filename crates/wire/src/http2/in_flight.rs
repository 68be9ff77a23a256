//! Which pieces of a body h2 still holds: it resets a stream without sending what is queued for it, and tells nobody when a piece has left.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::{Buf, Bytes};
use tokio::sync::Notify;

/// The pieces of one body that have not left yet.
#[derive(Debug, Clone, Default)]
pub(super) struct InFlight(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    pieces: AtomicUsize,
    left: Notify,
}

/// A piece of a body, for h2. It is dropped once the bytes are with the connection.
#[derive(Debug)]
pub(super) struct Piece {
    bytes: Bytes,
    flight: InFlight,
}

impl InFlight {
    /// A piece to send.
    pub(super) fn piece(&self, bytes: Bytes) -> Piece {
        self.0.pieces.fetch_add(1, Ordering::AcqRel);
        Piece { bytes, flight: self.clone() }
    }

    /// Waits until every piece has left.
    pub(super) async fn landed(&self) {
        loop {
            let left = self.0.left.notified();
            if self.0.pieces.load(Ordering::Acquire) == 0 {
                return;
            }
            left.await;
        }
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.flight.0.pieces.fetch_sub(1, Ordering::AcqRel);
        self.flight.0.left.notify_one();
    }
}

impl Buf for Piece {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures_util::FutureExt as _;

    use super::InFlight;

    #[tokio::test]
    async fn a_body_has_left_when_each_of_its_pieces_is_dropped() {
        let flight = InFlight::default();
        flight.landed().await;
        let (first, second) = (flight.piece(Bytes::from_static(b"a")), flight.piece(Bytes::new()));
        let mut landed = Box::pin(flight.landed());
        assert!(landed.as_mut().now_or_never().is_none());
        drop(first);
        assert!(landed.as_mut().now_or_never().is_none());
        drop(second);
        landed.await;
    }
}
