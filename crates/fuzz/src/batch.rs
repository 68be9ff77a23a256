//! Runs a batch of cases on the workers, several at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::outcome::{Attempt, AttemptOptions, Outcome};
use super::schedule::GeneratedCase;
use super::worker::Worker;
use uptake_stop::Stopper;

/// A case that runs when the time is up may take this long to end. One that waits for a rate limit would take a minute.
const GRACE_PERIOD: Duration = Duration::from_secs(5);

/// Who runs a batch, and when it ends.
pub(super) struct BatchRunner<'b> {
    pub(super) workers: &'b [Worker],
    pub(super) options: AttemptOptions,
    pub(super) stopper: &'b Stopper,
    pub(super) deadline: Option<Instant>,
}

impl BatchRunner<'_> {
    /// Runs the cases, and returns the attempts in the order of the batch, whichever worker was faster.
    pub(super) async fn run(&self, batch: &[GeneratedCase]) -> Vec<(usize, Attempt)> {
        let next = AtomicUsize::new(0);
        let unreachable = Arc::new(AtomicBool::new(false));
        let all = self.workers.iter().map(|worker| self.work(worker, batch, &next, Arc::clone(&unreachable)));
        let mut attempts: Vec<_> = join_all(all).await.into_iter().flatten().collect();
        attempts.sort_by_key(|(at, _)| *at);
        attempts
    }

    /// Takes one case after the other until none is left or the run ends.
    async fn work(
        &self,
        worker: &Worker,
        batch: &[GeneratedCase],
        next: &AtomicUsize,
        unreachable: Arc<AtomicBool>,
    ) -> Vec<(usize, Attempt)> {
        let mut attempts = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
            if at >= batch.len() || late || self.stopper.is_stopped() || unreachable.load(Ordering::Relaxed) {
                return attempts;
            }
            // On a task of its own, so that workers use more than one core.
            let (worker, case, options) = (worker.clone(), batch[at].case.clone(), self.options);
            let mut task = tokio::spawn(async move { worker.attempt(&case, options).await });
            let attempt = tokio::select! {
                attempt = &mut task => attempt,
                () = self.stopper.stopped() => {
                    task.abort();
                    return attempts;
                }
                () = past(self.deadline) => {
                    task.abort();
                    return attempts;
                }
            };
            if let Ok(attempt) = attempt {
                if matches!(attempt.outcome, Outcome::Unreachable(_)) {
                    unreachable.store(true, Ordering::Relaxed);
                }
                attempts.push((at, attempt));
            }
        }
    }
}

/// Returns when the deadline and the grace period have passed; never without a deadline.
async fn past(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until((deadline + GRACE_PERIOD).into()).await,
        None => std::future::pending().await,
    }
}
