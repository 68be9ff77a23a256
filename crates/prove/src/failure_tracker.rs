//! Watches a run, and says when enough of its rules have failed.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use uptake_check::RunEvent;

/// When a run has shown enough to be ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Enough {
    /// Once a rule has failed.
    OneFailed,
    /// Once each of its rules has failed.
    AllFailed,
}

/// The rules of a run that have failed so far.
pub(super) struct FailureTracker {
    enough: Enough,
    /// The rules that are asked for.
    rules: BTreeSet<String>,
    failed: Mutex<BTreeSet<String>>,
    reached: Notify,
}

impl FailureTracker {
    /// Watches a run that judges `rules`.
    pub(super) fn new(enough: Enough, rules: &[String]) -> Self {
        Self {
            enough,
            rules: rules.iter().cloned().collect(),
            failed: Mutex::default(),
            reached: Notify::new(),
        }
    }

    /// Hears what happens in the run.
    pub(super) fn see(&self, event: RunEvent) {
        let RunEvent::Ended { failed, .. } = event else { return };
        let mut known = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(failed.into_iter().filter(|rule| self.rules.contains(rule)));
        let has_enough = match self.enough {
            Enough::OneFailed => !known.is_empty(),
            Enough::AllFailed => known.len() == self.rules.len(),
        };
        if has_enough {
            // Kept until somebody waits.
            self.reached.notify_one();
        }
    }

    /// Waits until enough rules have failed, and names them.
    pub(super) async fn enough(&self) -> Vec<String> {
        self.reached.notified().await;
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use uptake_outcome::Verdict;

    /// What is known as enough after each of two scenarios, in which one rule failed and then another.
    fn seen(enough: Enough) -> [Option<Vec<String>>; 2] {
        let watch = FailureTracker::new(enough, &["A-01".to_owned(), "A-02".to_owned()]);
        [["A-01", "B-01"], ["A-02", "A-01"]].map(|failed| {
            watch.see(RunEvent::Ended {
                scenario: String::new(),
                file: String::new(),
                verdict: Verdict::Failed,
                failed: failed.map(str::to_owned).to_vec(),
                took: std::time::Duration::ZERO,
            });
            watch.enough().now_or_never()
        })
    }

    #[test]
    fn a_run_is_ended_once_enough_of_its_own_rules_have_failed() {
        let both = || Some(vec!["A-01".to_owned(), "A-02".to_owned()]);
        assert_eq!(seen(Enough::OneFailed), [Some(vec!["A-01".to_owned()]), both()]);
        assert_eq!(seen(Enough::AllFailed), [None, both()]);
    }
}
