//! What ends a case before its end: the run was stopped, or its time is up.

use std::time::{Duration, Instant};

use uptake_stop::Stopper;

/// A case that runs when the time is up may take this long to end. One that waits for a rate limit would take a minute.
const GRACE_PERIOD: Duration = Duration::from_secs(5);
/// The last call of a case may take this long.
const LAST_CALL: Duration = Duration::from_secs(5);
/// Deleting what a case created may take this long.
pub(super) const CLEAN_UP: Duration = Duration::from_secs(20);

/// Ends cases early.
#[derive(Debug, Clone)]
pub(super) struct Interrupt {
    pub(super) stopper: Stopper,
    pub(super) deadline: Option<Instant>,
}

impl Interrupt {
    /// Whether no further case may begin.
    pub(super) fn is_due(&self) -> bool {
        self.stopper.is_stopped() || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Whether a case that runs makes no further call.
    pub(super) fn is_requested(&self) -> bool {
        let late = |deadline: Instant| Instant::now() >= deadline + GRACE_PERIOD;
        self.stopper.is_stopped() || self.deadline.is_some_and(late)
    }

    /// Returns when a case that runs must end, whatever it waits for.
    pub(super) async fn overdue(&self) {
        tokio::select! {
            () = self.stopper.stopped() => {}
            () = past(self.deadline) => {}
        }
        // A call under way is given time for its answer: what it creates can be deleted only then.
        tokio::time::sleep(LAST_CALL).await;
    }
}

/// Returns when the deadline and the grace period have passed; never without a deadline.
async fn past(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until((deadline + GRACE_PERIOD).into()).await,
        None => std::future::pending().await,
    }
}
