//! The barriers that a branch of `parallel` has still ahead.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Barrier;

use uptake_suite::step::{Action, Step};

/// A branch's barriers, in the order in which its steps name them. Outside `parallel` there are none.
#[derive(Debug, Default)]
pub(super) struct Lane {
    ahead: Vec<(String, Arc<Barrier>)>,
}

impl Lane {
    /// A lane for each branch: a barrier opens when all who name it have come.
    pub(super) fn of(branches: &[Vec<Step>]) -> Vec<Self> {
        let mentions: Vec<Vec<&str>> = branches.iter().map(|steps| mentions(steps)).collect();
        let mut barriers: BTreeMap<&str, usize> = BTreeMap::new();
        for name in mentions.iter().flatten() {
            *barriers.entry(name).or_default() += 1;
        }
        let barriers: BTreeMap<_, _> =
            barriers.into_iter().map(|(name, count)| (name, Arc::new(Barrier::new(count)))).collect();
        mentions
            .into_iter()
            .map(|names| Self {
                ahead: names.into_iter().map(|name| (name.to_owned(), Arc::clone(&barriers[name]))).collect(),
            })
            .collect()
    }

    /// The next barrier of this name.
    pub(super) fn take(&mut self, name: &str) -> Option<Arc<Barrier>> {
        let at = self.ahead.iter().position(|(ahead, _)| ahead == name)?;
        Some(self.ahead.remove(at).1)
    }

    /// Whether no barrier is ahead.
    pub(super) fn is_open(&self) -> bool {
        self.ahead.is_empty()
    }

    /// Joins what the branch will not come to any more, so that nobody waits for it.
    pub(super) async fn leave(self) {
        for (_, barrier) in self.ahead {
            barrier.wait().await;
        }
    }
}

fn mentions(steps: &[Step]) -> Vec<&str> {
    let mut names = Vec::new();
    for step in steps {
        let held = match &step.action {
            Action::Meet(name) => std::slice::from_ref(name),
            Action::Request(request) => &request.envelope.delivery.hold,
            Action::Upload(upload) => &upload.envelope.delivery.hold,
            _ => &[],
        };
        names.extend(held.iter().map(String::as_str));
        if let Action::Repeat(repeat) = &step.action {
            names.extend(mentions(&repeat.steps));
        }
    }
    names
}
