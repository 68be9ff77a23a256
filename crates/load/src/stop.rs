//! How a run ends before its time, and why.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use uptake_stop::Stopper;

/// Why a run ends early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reason {
    /// The user stopped it.
    Interrupted,
    /// A threshold did.
    Aborted(String),
}

/// Ends a run early, and knows why. Clones end the same run.
#[derive(Debug, Clone)]
pub(super) struct EarlyEnd {
    stopper: Stopper,
    aborted: Arc<OnceLock<String>>,
}

/// What uploads that run get, once the run is stopped.
pub(super) const MOMENT: Duration = Duration::from_secs(5);

impl EarlyEnd {
    /// A run that `stopper` stops.
    pub(super) fn new(stopper: Stopper) -> Self {
        Self { stopper, aborted: Arc::default() }
    }

    /// Ends the run because a threshold was broken. A run that the user has stopped already stays interrupted.
    pub(super) fn abort(&self, why: String) {
        if !self.is_stopped() && self.aborted.set(why).is_ok() {
            self.stopper.stop();
        }
    }

    /// Whether the run is to end; cheap enough to ask before each upload.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopper.is_stopped()
    }

    /// Waits until the run is to end.
    pub(super) async fn stopped(&self) {
        self.stopper.stopped().await;
    }

    /// Why the run ends early, where it does.
    pub(super) fn reason(&self) -> Option<Reason> {
        match self.aborted.get() {
            Some(why) => Some(Reason::Aborted(why.clone())),
            None => self.is_stopped().then_some(Reason::Interrupted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{EarlyEnd, Reason};
    use uptake_stop::Stopper;

    #[test]
    fn the_first_reason_counts() {
        let stopper = Stopper::default();
        let end = EarlyEnd::new(stopper.clone());
        assert_eq!(end.reason(), None);
        end.abort("upload.p99 > 2s".to_owned());
        stopper.stop();
        assert_eq!(end.reason(), Some(Reason::Aborted("upload.p99 > 2s".to_owned())));
        let end = EarlyEnd::new(stopper);
        end.abort("too late".to_owned());
        assert_eq!(end.reason(), Some(Reason::Interrupted));
    }
}
