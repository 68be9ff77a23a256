//! The barriers at which a request meets others before it sends its last byte.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::Barrier;

/// The barriers of one exchange that are still ahead.
///
/// A barrier opens when everybody has come, so an exchange that fails before it comes there would keep all others
/// waiting. Whatever is left when this is dropped is therefore joined by a task of its own.
pub(super) struct Barriers {
    ahead: VecDeque<Arc<Barrier>>,
}

impl Barriers {
    pub(super) fn new(barriers: &[Arc<Barrier>]) -> Barriers {
        Barriers { ahead: barriers.iter().cloned().collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ahead.is_empty()
    }

    /// Waits for each barrier in turn. Each wait is a task, because a wait that is given up half-way is not defined.
    pub(super) async fn wait(&mut self) {
        while let Some(barrier) = self.ahead.pop_front() {
            let wait = tokio::spawn(async move { barrier.wait().await });
            let _ = wait.await;
        }
    }
}

impl Drop for Barriers {
    fn drop(&mut self) {
        let ahead = std::mem::take(&mut self.ahead);
        if ahead.is_empty() {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                for barrier in ahead {
                    barrier.wait().await;
                }
            });
        }
    }
}
