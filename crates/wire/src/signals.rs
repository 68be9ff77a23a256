//! What the two directions of an exchange tell each other.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::Interim;
use super::progress_timeout::ProgressTimeout;

/// What sender and reader share.
pub(super) struct Signals {
    /// How long the server may still take.
    pub(super) timeout: ProgressTimeout,
    /// Notified when the server says 100.
    pub(super) continued: Notify,
    interim: Mutex<Vec<Interim>>,
}

impl Signals {
    pub(super) fn new(answer_timeout: Duration) -> Self {
        let timeout = ProgressTimeout::new(answer_timeout);
        Signals { timeout, continued: Notify::new(), interim: Mutex::default() }
    }

    /// Keeps an interim response, whether a final one follows or not.
    pub(super) fn received(&self, interim: Interim) {
        let says_continue = interim.status == 100;
        self.lock().push(interim);
        if says_continue {
            self.continued.notify_one();
        }
    }

    /// The interim responses so far.
    pub(super) fn interim(&self) -> Vec<Interim> {
        self.lock().clone()
    }

    /// The list is only ever pushed to and cloned, so what a panic elsewhere left in it is whole.
    fn lock(&self) -> MutexGuard<'_, Vec<Interim>> {
        self.interim.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
