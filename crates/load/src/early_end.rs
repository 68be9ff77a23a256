//! Whether a run ends early, and why.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use uptake_stop::Stopper;

/// Why a run ends early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EndReason {
    /// The user interrupted it.
    Interrupted,
    /// This condition of `--abort-on` was met.
    Aborted(String),
}

/// Ends a run early, and keeps the reason. Clones end the same run.
#[derive(Debug, Clone)]
pub(super) struct EarlyEnd {
    stopper: Stopper,
    aborted: Arc<OnceLock<String>>,
}

/// How long uploads in progress may take to finish once the run is stopped.
pub(super) const STOP_GRACE: Duration = Duration::from_secs(5);

impl EarlyEnd {
    /// For a run that `stopper` stops.
    pub(super) fn new(stopper: Stopper) -> Self {
        Self { stopper, aborted: Arc::default() }
    }

    /// Ends the run because a condition was met. A run that the user has stopped already stays interrupted.
    pub(super) fn abort(&self, why: String) {
        if !self.is_stopped() && self.aborted.set(why).is_ok() {
            self.stopper.stop();
        }
    }

    /// Whether the run is being stopped. Cheap enough to ask before each upload.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopper.is_stopped()
    }

    /// Waits until the run is being stopped.
    pub(super) async fn stopped(&self) {
        self.stopper.stopped().await;
    }

    /// Why the run ends early, if it does.
    pub(super) fn reason(&self) -> Option<EndReason> {
        match self.aborted.get() {
            Some(why) => Some(EndReason::Aborted(why.clone())),
            None => self.is_stopped().then_some(EndReason::Interrupted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{EarlyEnd, EndReason};
    use uptake_stop::Stopper;

    #[test]
    fn the_first_reason_is_kept() {
        let stopper = Stopper::default();
        let end = EarlyEnd::new(stopper.clone());
        assert_eq!(end.reason(), None);
        end.abort("upload.p99 > 2s".to_owned());
        stopper.stop();
        assert_eq!(end.reason(), Some(EndReason::Aborted("upload.p99 > 2s".to_owned())));
        let end = EarlyEnd::new(stopper);
        end.abort("too late".to_owned());
        assert_eq!(end.reason(), Some(EndReason::Interrupted));
    }
}
