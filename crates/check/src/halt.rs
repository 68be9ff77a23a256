//! How a run is stopped from outside a scenario: by the user, by a target that is gone, by a fault of the harness.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use uptake_outcome::Ending;
use uptake_stop::Stopper;

/// So many exchanges in a row without an answer, and the target is out of reach.
const PATIENCE: u32 = 5;

/// Whether the run goes on, and how it ends where it does not.
#[derive(Debug, Default)]
pub(super) struct Halt {
    user: Stopper,
    inner: Stopper,
    ending: Mutex<Option<Ending>>,
    silent: AtomicU32,
}

impl Halt {
    pub(super) fn new(user: Stopper) -> Self {
        Self { user, ..Self::default() }
    }

    pub(super) fn is_on(&self) -> bool {
        !self.user.is_stopped() && !self.inner.is_stopped()
    }

    /// Comes back when the run is to stop.
    pub(super) async fn wait(&self) {
        tokio::select! {
            () = self.user.stopped() => {}
            () = self.inner.stopped() => {}
        }
    }

    /// The harness failed; nothing that follows can be trusted.
    pub(super) fn harness_failed(&self, why: String) {
        self.end(Ending::HarnessFailed { why });
    }

    /// An answer came: the target is there.
    pub(super) fn heard(&self) {
        self.silent.store(0, Ordering::Relaxed);
    }

    /// No answer came. One may be an accident; many in a row are none.
    pub(super) fn silence(&self, why: &str) {
        if self.silent.fetch_add(1, Ordering::Relaxed) + 1 >= PATIENCE {
            self.end(Ending::OutOfReach {
                why: format!("{PATIENCE} requests in a row had no answer, the last: {why}"),
            });
        }
    }

    /// The target answers nothing at all.
    pub(super) fn out_of_reach(&self, why: String) {
        self.end(Ending::OutOfReach { why });
    }

    fn end(&self, ending: Ending) {
        let mut slot = self.ending.lock().expect("no holder of this lock panics");
        slot.get_or_insert(ending);
        self.inner.stop();
    }

    /// Whether asking the target anything more is of no use.
    pub(super) fn is_target_gone(&self) -> bool {
        matches!(
            &*self.ending.lock().expect("no holder of this lock panics"),
            Some(Ending::OutOfReach { .. })
        )
    }

    pub(super) fn ending(&self) -> Ending {
        let slot = self.ending.lock().expect("no holder of this lock panics").clone();
        match slot {
            Some(ending) => ending,
            None if self.user.is_stopped() => Ending::Interrupted,
            None => Ending::Completed,
        }
    }
}
