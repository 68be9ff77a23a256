//! Runs a batch of cases on the workers, several at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::future::join_all;

use super::interrupt::Interrupt;
use super::outcome::{Attempt, AttemptOptions, Outcome};
use super::schedule::GeneratedCase;
use super::worker::Worker;

/// Who runs a batch, and when it ends.
pub(super) struct BatchRunner<'b> {
    pub(super) workers: &'b [Worker],
    pub(super) options: AttemptOptions,
    pub(super) interrupt: &'b Interrupt,
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
            if at >= batch.len() || self.interrupt.is_due() || unreachable.load(Ordering::Relaxed) {
                return attempts;
            }
            // On a task of its own, so that workers use more than one core.
            let (worker, case, options) = (worker.clone(), batch[at].case.clone(), self.options);
            let interrupt = self.interrupt.clone();
            let task = tokio::spawn(async move { worker.attempt(&case, options, &interrupt).await });
            let attempt = task.await;
            if let Ok(Some(attempt)) = attempt {
                if matches!(attempt.outcome, Outcome::Unreachable(_)) {
                    unreachable.store(true, Ordering::Relaxed);
                }
                attempts.push((at, attempt));
            }
        }
    }
}
