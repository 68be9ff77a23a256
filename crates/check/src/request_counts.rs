//! What is counted while a run goes on.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use uptake_outcome::text::count;
use uptake_outcome::{Budget, CapabilityFinding, Pacing, Retry};
use uptake_target::{Budgets, CallKind};

/// Counters of a run; all of its scenarios add to them.
#[derive(Debug)]
pub(crate) struct RequestCounts {
    began: Instant,
    sent: [AtomicU64; 3],
    bytes_sent: AtomicU64,
    pub(crate) answered_429: AtomicU64,
    /// By how many seconds the target's clock was moved for the sake of its budgets.
    pub(crate) advanced: AtomicU64,
    /// The time that was spent waiting for budgets.
    waited: Mutex<Waited>,
    answers: Mutex<BTreeMap<u16, u64>>,
    retries: Mutex<Vec<Retry>>,
    /// How many answers came in a content coding that their request had not asked for.
    codings: Mutex<BTreeMap<String, u64>>,
}

#[derive(Debug, Default)]
struct Waited {
    time: Duration,
    /// Until when it is counted.
    until: Option<Instant>,
}

/// The counts of a run, those of earlier processes included.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Totals {
    pub(crate) took_seconds: f64,
    pub(crate) bytes_sent: u64,
    pub(crate) pacing: Pacing,
    pub(crate) retries: Vec<Retry>,
    pub(crate) capabilities: Vec<CapabilityFinding>,
    /// How often each status was answered.
    pub(crate) answers: BTreeMap<u16, u64>,
}

impl Default for RequestCounts {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            sent: Default::default(),
            bytes_sent: AtomicU64::new(0),
            answered_429: AtomicU64::new(0),
            advanced: AtomicU64::new(0),
            waited: Mutex::default(),
            answers: Mutex::default(),
            retries: Mutex::default(),
            codings: Mutex::default(),
        }
    }
}

impl RequestCounts {
    /// An answer came in a content coding that nobody asked for.
    pub(crate) fn coded(&self, coding: &str) {
        *lock(&self.codings).entry(coding.to_ascii_lowercase()).or_default() += 1;
    }

    /// Warns of content codings that nobody asked for: allowed, but clients without a decoder read nonsense.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let warn = |(coding, number): (&String, &u64)| {
            format!(
                "{} came with Content-Encoding: {coding}, which no request asked for; known codings were decoded before judging",
                count(*number, "response")
            )
        };
        lock(&self.codings).iter().map(warn).collect()
    }

    /// A request with a body of so many bytes goes out.
    pub(crate) fn sent(&self, kind: CallKind, bytes: u64) {
        self.sent[kind as usize].fetch_add(1, Ordering::Relaxed);
        self.bytes_sent.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn answered(&self, status: u16) {
        *lock(&self.answers).entry(status).or_default() += 1;
    }

    pub(crate) fn retried(&self, retry: Retry) {
        lock(&self.retries).push(retry);
    }

    /// A scenario has waited so long until now. Of those that wait side by side each second counts once.
    pub(crate) fn waited(&self, time: Duration) {
        if time.is_zero() {
            return;
        }
        let now = Instant::now();
        let mut waited = lock(&self.waited);
        let began = now.checked_sub(time).unwrap_or(now);
        let from = waited.until.map_or(began, |counted| counted.max(began));
        waited.time += now.saturating_duration_since(from);
        waited.until = Some(now);
    }

    /// The counts of this process.
    pub(crate) fn pacing(&self, budgets: Option<Budgets>) -> Pacing {
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
            waited_seconds: lock(&self.waited).time.as_secs_f64(),
            turned_seconds: self.advanced.load(Ordering::Relaxed),
            answered_429: self.answered_429.load(Ordering::Relaxed),
        }
    }

    /// The counts of this process and of those before it.
    pub(crate) fn totals(&self, earlier: &Totals, budgets: Option<Budgets>) -> Totals {
        let mut totals = earlier.clone();
        totals.retries.extend(lock(&self.retries).iter().cloned());
        for (status, count) in lock(&self.answers).iter() {
            *totals.answers.entry(*status).or_default() += count;
        }
        totals.took_seconds += self.began.elapsed().as_secs_f64();
        totals.bytes_sent += self.bytes_sent.load(Ordering::Relaxed);
        totals.pacing = self.pacing(budgets).and(&earlier.pacing);
        totals
    }
}

/// Counts stay usable whatever becomes of one of those who count.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
