//! Stops a run from outside: the one signal that `check`, `fuzz`, `load` and `prove` listen to.
//!
//! It says only that the run is to stop. What stopping means, and why it was asked for, is up to whoever listens.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Stops a run. Clones stop the same run.
#[derive(Debug, Clone, Default)]
pub struct Stopper(Arc<Signal>);

#[derive(Debug, Default)]
struct Signal {
    is_stopped: AtomicBool,
    waiting: Notify,
}

impl Stopper {
    /// Asks the run to stop. Asking again changes nothing.
    pub fn stop(&self) {
        self.0.is_stopped.store(true, Ordering::Release);
        self.0.waiting.notify_waiters();
    }

    /// Whether the run was asked to stop. Reads one atomic value: cheap enough for a hot path.
    pub fn is_stopped(&self) -> bool {
        self.0.is_stopped.load(Ordering::Acquire)
    }

    /// Waits until the run is asked to stop.
    pub async fn stopped(&self) {
        // Registered before the flag is read: a stop between the two wakes it all the same.
        let woken = self.0.waiting.notified();
        if !self.is_stopped() {
            woken.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Stopper;

    #[tokio::test]
    async fn stopping_wakes_everyone_who_waits_and_everyone_who_comes_later() {
        let stopper = Stopper::default();
        assert!(!stopper.is_stopped());
        let waiting: Vec<_> = (0..8)
            .map(|_| {
                let stopper = stopper.clone();
                tokio::spawn(async move { stopper.stopped().await })
            })
            .collect();
        tokio::task::yield_now().await;
        stopper.stop();
        stopper.stop();
        for task in waiting {
            task.await.expect("it does not panic");
        }
        assert!(stopper.is_stopped());
        stopper.stopped().await;
    }
}
