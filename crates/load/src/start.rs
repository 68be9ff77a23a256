//! When a run starts: at once, or at an instant that other processes wait for, too.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use uptake_stop::Stopper;

/// The time that the threads get to start.
const HEADSTART: Duration = Duration::from_millis(20);

/// Waits until the threads must be started, and returns when the run begins by both clocks. A stopped run begins at once, to end
/// at once; so does one whose instant has passed.
pub(super) async fn begin(at: Option<Timestamp>, stopper: &Stopper) -> (Timestamp, Instant) {
    let left = || {
        let left = at.map(|at| at.duration_since(Timestamp::now()));
        left.and_then(|left| Duration::try_from(left).ok()).unwrap_or_default()
    };
    // In steps: a clock that is corrected meanwhile is heeded.
    while let Some(wait) = left().checked_sub(HEADSTART).filter(|wait| !wait.is_zero())
        && !stopper.is_stopped()
    {
        tokio::select! {
            () = tokio::time::sleep(wait.min(Duration::from_secs(1))) => {}
            () = stopper.stopped() => {}
        }
    }
    let wait = if stopper.is_stopped() { HEADSTART } else { left().max(HEADSTART) };
    (Timestamp::now() + wait, Instant::now() + wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_run_begins_at_its_instant() {
        let at = Timestamp::now() + Duration::from_millis(300);
        let (started, start) = begin(Some(at), &Stopper::default()).await;
        assert!(
            started.duration_since(at).abs() < jiff::SignedDuration::from_millis(100),
            "{started} for {at}"
        );
        assert!(start <= Instant::now() + Duration::from_millis(300));
    }

    #[tokio::test]
    async fn an_instant_that_has_passed_and_a_stopped_run_do_not_wait() {
        let before = Instant::now();
        begin(Some(Timestamp::UNIX_EPOCH), &Stopper::default()).await;
        let stopper = Stopper::default();
        stopper.stop();
        begin(Some(Timestamp::now() + Duration::from_secs(3_600)), &stopper).await;
        assert!(before.elapsed() < Duration::from_secs(60));
    }
}
