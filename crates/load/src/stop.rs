//! How a run is ended before its time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;

/// Why a run ends early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reason {
    /// The user stopped it.
    Interrupted,
    /// A threshold did.
    Aborted(String),
}

/// Ends a run early. Clones end the same run.
#[derive(Debug, Clone)]
pub struct Stopper {
    is_stopped: Arc<AtomicBool>,
    reason: Arc<watch::Sender<Option<Reason>>>,
}

/// What uploads that run get, once the run is stopped.
pub(super) const MOMENT: Duration = Duration::from_secs(5);

impl Default for Stopper {
    fn default() -> Self {
        Self { is_stopped: Arc::default(), reason: Arc::new(watch::Sender::new(None)) }
    }
}

impl Stopper {
    /// The user wants the run to end: no upload is started any more, those that run get a moment.
    pub fn stop(&self) {
        self.stop_because(Reason::Interrupted);
    }

    /// The first reason counts.
    pub(super) fn stop_because(&self, reason: Reason) {
        self.reason.send_if_modified(|known| {
            let is_first = known.is_none();
            if is_first {
                *known = Some(reason);
            }
            is_first
        });
        self.is_stopped.store(true, Ordering::Release);
    }

    /// Whether the run is to end; cheap enough to ask before each upload.
    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Acquire)
    }

    /// Waits until the run is to end.
    pub(super) async fn stopped(&self) {
        let mut reason = self.reason.subscribe();
        // The sender lives as long as this does.
        let _ = reason.wait_for(Option::is_some).await;
    }

    /// Why the run ends early, where it does.
    pub(super) fn reason(&self) -> Option<Reason> {
        self.reason.borrow().clone()
    }
}
