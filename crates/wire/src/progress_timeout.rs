//! The time-out of an exchange: it starts anew whenever the server takes some of the body, covers the whole response, and does not
//! run while we pause ourselves.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::{Fault, Phase};

/// How long requests wait for one another before they are released together. Only a scenario that holds fewer requests
/// than it promised ever gets there.
const HOLD_LIMIT: Duration = Duration::from_secs(300);

/// The time that the server has left.
pub(super) struct ProgressTimeout {
    limit: Duration,
    state: watch::Sender<State>,
}

#[derive(Clone, Copy)]
struct State {
    due: Instant,
    waits_for: WaitsFor,
}

#[derive(Clone, Copy)]
enum WaitsFor {
    Server(Phase),
    Others,
}

impl ProgressTimeout {
    pub(super) fn new(limit: Duration) -> ProgressTimeout {
        let due = after(limit);
        ProgressTimeout {
            limit,
            state: watch::Sender::new(State { due, waits_for: WaitsFor::Server(Phase::Sending) }),
        }
    }

    /// Some more of the request was taken.
    pub(super) fn sent(&self) {
        self.set(self.limit, WaitsFor::Server(Phase::Sending));
    }

    /// All of the request was taken.
    pub(super) fn all_sent(&self) {
        self.set(self.limit, WaitsFor::Server(Phase::Waiting));
    }

    /// The answer has begun; it must end within the time that is left.
    pub(super) fn answered(&self) {
        self.state.send_modify(|state| state.waits_for = WaitsFor::Server(Phase::Reading));
    }

    /// We pause for so long, as the request asks.
    pub(super) fn pause(&self, pause: Duration) {
        self.set(self.limit.saturating_add(pause), WaitsFor::Server(Phase::Sending));
    }

    /// We wait for other requests.
    pub(super) fn wait_for_others(&self) {
        self.set(HOLD_LIMIT, WaitsFor::Others);
    }

    fn set(&self, left: Duration, waits_for: WaitsFor) {
        self.state.send_replace(State { due: after(left), waits_for });
    }

    /// Ends when the time is up, and says what was waited for.
    pub(super) async fn expired(&self) -> Fault {
        let mut changes = self.state.subscribe();
        loop {
            let state = *changes.borrow_and_update();
            tokio::select! {
                () = tokio::time::sleep_until(state.due) => return self.fault(state.waits_for),
                _ = changes.changed() => {}
            }
        }
    }

    fn fault(&self, waits_for: WaitsFor) -> Fault {
        match waits_for {
            WaitsFor::Server(phase) => Fault::Timeout { phase, after: self.limit },
            WaitsFor::Others => Fault::Harness(format!(
                "not all of the requests to release together got that far within {} s",
                HOLD_LIMIT.as_secs()
            )),
        }
    }
}

/// The instant after so much time; a century stands for all that is more.
fn after(left: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
    Instant::now() + left.min(CENTURY)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use futures_util::FutureExt as _;

    use super::ProgressTimeout;
    use crate::{Fault, Phase};

    fn late(phase: Phase, after: Duration) -> Fault {
        Fault::Timeout { phase, after }
    }

    #[tokio::test]
    async fn the_fault_names_what_was_waited_for() {
        let timeout = ProgressTimeout::new(Duration::ZERO);
        assert_eq!(timeout.expired().await, late(Phase::Sending, Duration::ZERO));
        timeout.all_sent();
        assert_eq!(timeout.expired().await, late(Phase::Waiting, Duration::ZERO));
        timeout.answered();
        assert_eq!(timeout.expired().await, late(Phase::Reading, Duration::ZERO));
    }

    #[tokio::test]
    async fn progress_moves_the_end_and_an_answer_does_not() {
        let timeout = ProgressTimeout::new(Duration::from_secs(5));
        let due = || timeout.state.borrow().due;
        let first = due();
        timeout.sent();
        let second = due();
        assert!(second > first);
        timeout.all_sent();
        let third = due();
        assert!(third > second);
        timeout.answered();
        assert_eq!(due(), third);
        timeout.pause(Duration::MAX);
        assert!(due() > third);
    }

    #[tokio::test]
    async fn time_does_not_run_while_we_pause_or_wait_for_others() {
        let timeout = Arc::new(ProgressTimeout::new(Duration::ZERO));
        timeout.pause(Duration::from_secs(3600));
        assert!(timeout.expired().now_or_never().is_none());
        timeout.wait_for_others();
        assert!(timeout.expired().now_or_never().is_none());

        // A timer that is set for long is woken when the time gets short again.
        let waiting = Arc::clone(&timeout);
        let waiting = tokio::spawn(async move { waiting.expired().await });
        tokio::task::yield_now().await;
        timeout.all_sent();
        assert_eq!(waiting.await.unwrap(), late(Phase::Waiting, Duration::ZERO));
    }
}
