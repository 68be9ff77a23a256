//! A worker runs one attempt after the other against one target. Workers that share a target share its clock, too.

use std::sync::Arc;

use tokio::sync::RwLock;

use super::client::RateLimitedClient;
use super::error::FuzzError;
use super::interrupt::Interrupt;
use super::outcome::{Attempt, AttemptOptions};
use super::subject::Subject;
use super::test_case::TestCase;
use uptake_suite::Suite;
use uptake_target::Target;

/// Runs one attempt after the other.
#[derive(Clone)]
pub(super) struct Worker {
    client: Arc<RateLimitedClient>,
    /// A case that moves the clock runs alone.
    clock: Arc<RwLock<()>>,
}

impl Worker {
    /// This many workers for each of these targets.
    pub(super) fn for_targets(
        targets: Vec<Target>,
        suite: Option<&Arc<Suite>>,
        each: usize,
    ) -> Result<Vec<Self>, FuzzError> {
        let mut workers = Vec::new();
        for target in targets {
            let subject =
                suite.map(|suite| Subject::new(Arc::clone(suite), &target)).transpose()?.map(Arc::new);
            let worker =
                Self { client: Arc::new(RateLimitedClient::new(target, subject)?), clock: Arc::default() };
            workers.extend(std::iter::repeat_n(worker, each.max(1)));
        }
        Ok(workers)
    }

    /// Runs a case once.
    /// Gives nothing if it was interrupted; what it created is deleted all the same.
    pub(super) async fn attempt(
        &self,
        case: &TestCase,
        options: AttemptOptions,
        interrupt: &Interrupt,
    ) -> Option<Attempt> {
        if case.runs_alone() {
            let _exclusive = self.clock.write().await;
            case.attempt(&self.client, options, interrupt).await
        } else {
            let _shared = self.clock.read().await;
            case.attempt(&self.client, options, interrupt).await
        }
    }

    /// The target that it tests.
    pub(super) fn target(&self) -> &Target {
        &self.client.target
    }

    /// The client that it uses.
    pub(super) fn client(&self) -> &Arc<RateLimitedClient> {
        &self.client
    }
}
