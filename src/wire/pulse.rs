//! The time that an exchange has left: it starts anew whenever the body makes progress, and rests while we rest ourselves.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::{Fault, Phase};

/// How long requests wait for one another before they are released together. Only a scenario that holds fewer requests
/// than it promised ever gets there.
const HOLD_LIMIT: Duration = Duration::from_secs(300);

/// Tells the exchange's timer of progress.
pub(super) struct Pulse {
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

impl Pulse {
    pub(super) fn new(limit: Duration) -> Pulse {
        let due = Instant::now() + limit;
        Pulse { limit, state: watch::Sender::new(State { due, waits_for: WaitsFor::Server(Phase::Sending) }) }
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

    /// We rest for so long, as the request asks.
    pub(super) fn rest(&self, pause: Duration) {
        self.set(self.limit.saturating_add(pause), WaitsFor::Server(Phase::Sending));
    }

    /// We wait for other requests.
    pub(super) fn hold(&self) {
        self.set(HOLD_LIMIT, WaitsFor::Others);
    }

    fn set(&self, left: Duration, waits_for: WaitsFor) {
        let now = Instant::now();
        self.state.send_replace(State { due: now.checked_add(left).unwrap_or(now), waits_for });
    }

    /// Ends when the time is up, and says what was waited for.
    pub(super) async fn ran_out(&self) -> Fault {
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
                "the requests that were to be released together did not all come so far within {} s",
                HOLD_LIMIT.as_secs()
            )),
        }
    }
}
