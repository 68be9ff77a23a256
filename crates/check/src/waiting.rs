//! Scenarios that wait for real time leave their place to others.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// How many scenarios wait for real time.
#[derive(Debug, Default)]
pub(crate) struct WaitingScenarios {
    count: AtomicUsize,
    changed: Notify,
}

/// A scenario that waits, until this is dropped.
pub(crate) struct WaitingScenario<'l>(&'l WaitingScenarios);

impl WaitingScenarios {
    /// Leaves the place until the guard is dropped.
    pub(crate) fn wait(&self) -> WaitingScenario<'_> {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.changed.notify_one();
        WaitingScenario(self)
    }

    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Comes back when one more waits.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }
}

impl Drop for WaitingScenario<'_> {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::Relaxed);
    }
}
