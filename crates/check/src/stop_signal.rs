//! How a run ends early: stopped by the user, because the target is unreachable, or because uptake itself failed.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use uptake_outcome::Ending;
use uptake_outcome::text::plain_words;
use uptake_stop::Stopper;

/// After so many exchanges in a row without an answer the target is unreachable.
const MOST_UNANSWERED: u32 = 5;

/// Whether the run goes on, and how it ends where it does not.
#[derive(Debug, Default)]
pub(crate) struct StopSignal {
    user: Stopper,
    inner: Stopper,
    ending: Mutex<Option<Ending>>,
    unanswered: AtomicU32,
}

impl StopSignal {
    pub(crate) fn new(user: Stopper) -> Self {
        Self { user, ..Self::default() }
    }

    pub(crate) fn is_running(&self) -> bool {
        !self.user.is_stopped() && !self.inner.is_stopped()
    }

    /// Comes back when the run is to stop.
    pub(crate) async fn stopped(&self) {
        tokio::select! {
            () = self.user.stopped() => {}
            () = self.inner.stopped() => {}
        }
    }

    /// uptake failed; nothing that follows can be trusted.
    pub(crate) fn harness_failed(&self, why: &str) {
        self.end(Ending::HarnessFailed { why: plain_words(why).into_owned() });
    }

    /// An answer came: the target is there.
    pub(crate) fn heard(&self) {
        self.unanswered.store(0, Ordering::Relaxed);
    }

    /// No answer came. One may be an accident; many in a row are none.
    pub(crate) fn unanswered(&self, why: &str) {
        if self.unanswered.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_UNANSWERED {
            self.end(Ending::OutOfReach {
                why: format!("{MOST_UNANSWERED} requests in a row had no response, the last: {why}"),
            });
        }
    }

    /// The target answers nothing at all.
    pub(crate) fn out_of_reach(&self, why: String) {
        self.end(Ending::OutOfReach { why });
    }

    /// The target refuses a credential that the run needs.
    pub(crate) fn credential_refused(&self, why: String) {
        self.end(Ending::CredentialRefused { why });
    }

    fn end(&self, ending: Ending) {
        self.lock().get_or_insert(ending);
        self.inner.stop();
    }

    /// Whether uptake itself failed.
    pub(crate) fn has_harness_failed(&self) -> bool {
        matches!(&*self.lock(), Some(Ending::HarnessFailed { .. }))
    }

    /// Whether sending the target anything more is of no use.
    pub(crate) fn is_target_gone(&self) -> bool {
        matches!(&*self.lock(), Some(Ending::OutOfReach { .. }))
    }

    pub(crate) fn ending(&self) -> Ending {
        match self.lock().clone() {
            Some(ending) => ending,
            None if self.user.is_stopped() => Ending::Interrupted,
            None => Ending::Completed,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Ending>> {
        self.ending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
