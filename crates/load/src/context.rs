//! What all threads of a run share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use url::Url;

use super::client::{Content, Endpoint};
use super::early_end::EarlyEnd;
use super::plan::{LoadPlan, Model};
use super::protocol::Script;
use super::schedule::Schedule;
use super::share;
use super::stored::StoredFiles;
use super::workload::Workload;

/// What a run is started with.
pub(super) struct RunInputs {
    pub(super) plan: LoadPlan,
    pub(super) endpoint: Endpoint,
    pub(super) workload: Workload,
    pub(super) contents: Vec<Arc<Content>>,
    /// The requests of an upload.
    pub(super) script: Script,
    /// What relative URLs of responses are resolved against.
    pub(super) base_url: Url,
    /// What shows the files of finished uploads, if they are compared.
    pub(super) stored: Option<StoredFiles>,
    pub(super) early_end: EarlyEnd,
    /// When the warm-up begins.
    pub(super) start: Instant,
}

/// What all threads share. Only its counters change.
pub(super) struct RunContext {
    pub(super) plan: LoadPlan,
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) workload: Workload,
    pub(super) schedule: Option<Schedule>,
    pub(super) contents: Vec<Arc<Content>>,
    pub(super) script: Script,
    pub(super) base_url: Url,
    pub(super) stored: Option<StoredFiles>,
    pub(super) early_end: EarlyEnd,
    pub(super) start: Instant,
    /// How many uploads this process measures; `None` when time ends the run.
    pub(super) uploads: Option<u64>,
    next: AtomicU64,
    measured: AtomicU64,
    /// When the last of the planned uploads was started.
    last_start: watch::Sender<Option<Duration>>,
}

/// Whether an upload is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Period {
    /// Its figures are not recorded.
    WarmUp,
    Measured,
}

impl RunContext {
    pub(super) fn new(inputs: RunInputs) -> Self {
        let RunInputs { plan, endpoint, workload, contents, script, base_url, early_end, start, stored } =
            inputs;
        let schedule = match &plan.model {
            Model::Open(open) => Some(Schedule::new(&open.offered, open.arrivals, plan.warm_up, plan.seed)),
            Model::Closed { .. } => None,
        };
        let uploads = share::uploads(&plan, schedule.as_ref(), &workload);
        Self {
            plan,
            endpoint: Arc::new(endpoint),
            workload,
            schedule,
            contents,
            script,
            base_url,
            stored,
            early_end,
            start,
            uploads,
            next: AtomicU64::new(0),
            measured: AtomicU64::new(0),
            last_start: watch::Sender::new(None),
        }
    }

    /// The time since the warm-up began.
    pub(super) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// From when on no upload is started.
    pub(super) fn end(&self) -> Option<Duration> {
        self.plan.duration.map(|duration| self.plan.warm_up + duration)
    }

    /// The number of the next upload of this shard. Each number is given out once, by one shard.
    pub(super) fn next_number(&self) -> u64 {
        self.plan.shard.nth(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// How many numbers this shard has given out.
    pub(super) fn numbers_taken(&self) -> u64 {
        self.next.load(Ordering::Relaxed)
    }

    /// How much an upload counts, in the unit of the rate.
    pub(super) fn work(&self, number: u64) -> f64 {
        share::work(&self.plan, &self.workload, number)
    }

    /// Whether an upload due at `due` is measured; `None` when the plan's number of uploads has been reached.
    pub(super) fn admit(&self, due: Duration) -> Option<Period> {
        if due < self.plan.warm_up {
            return Some(Period::WarmUp);
        }
        let Some(limit) = self.uploads else { return Some(Period::Measured) };
        let earlier = self.measured.fetch_add(1, Ordering::Relaxed);
        if earlier + 1 == limit {
            self.last_start.send_replace(Some(self.now().max(due)));
        }
        (earlier < limit).then_some(Period::Measured)
    }

    /// Waits until no further upload will be started. Returns when that was, since the start.
    pub(super) async fn all_started(&self) -> Duration {
        let by_number = async {
            let mut last_start = self.last_start.subscribe();
            match last_start.wait_for(Option::is_some).await.map(|at| *at) {
                Ok(Some(at)) => at,
                // It cannot fail: the sender lives as long as `self`.
                _ => std::future::pending().await,
            }
        };
        let by_time = async {
            match self.end() {
                Some(end) => {
                    tokio::time::sleep_until((self.start + end).into()).await;
                    end
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            at = by_number => at,
            at = by_time => at,
        }
    }
}
