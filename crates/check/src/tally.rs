//! What is counted while a run goes on.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use uptake_outcome::{Budget, Pacing};
use uptake_target::{Budgets, CallKind};

/// Counters of a run.
#[derive(Debug, Default)]
pub(super) struct Tally {
    sent: [AtomicU64; 3],
    pub(super) answered_429: AtomicU64,
    pub(super) turned: AtomicU64,
    /// The time that was spent waiting, and until when that is counted.
    waited: Mutex<(Duration, Option<Instant>)>,
}

impl Tally {
    pub(super) fn sent(&self, kind: CallKind) {
        self.sent[kind as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Somebody has waited so long until now. Of those who wait side by side each second counts once.
    pub(super) fn waited(&self, time: Duration) {
        if time.is_zero() {
            return;
        }
        let now = Instant::now();
        let mut waited = self.waited.lock().expect("no holder of this lock panics");
        let began = now.checked_sub(time).unwrap_or(now);
        let from = waited.1.map_or(began, |counted| counted.max(began));
        waited.0 += now.saturating_duration_since(from);
        waited.1 = Some(now);
    }

    pub(super) fn pacing(&self, budgets: Option<Budgets>) -> Pacing {
        let [uploads, writes, reads] = self.sent.each_ref().map(|count| count.load(Ordering::Relaxed));
        Pacing {
            budgets: budgets.map(|budgets| Budget {
                uploads: budgets.calls.of(CallKind::Upload),
                writes: budgets.calls.of(CallKind::Write),
                reads: budgets.calls.of(CallKind::Read),
                per_seconds: budgets.window.as_secs_f64(),
            }),
            requests: uploads + writes + reads,
            uploads,
            writes,
            reads,
            waited_seconds: self.waited.lock().expect("no holder of this lock panics").0.as_secs_f64(),
            turned_seconds: self.turned.load(Ordering::Relaxed),
            answered_429: self.answered_429.load(Ordering::Relaxed),
        }
    }
}
