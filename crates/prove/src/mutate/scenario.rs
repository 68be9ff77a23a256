//! The runs of one scenario: once without a mutation, then once for each mutation of its answers.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::derive::{Header, Mutation, RecordedExchange, mutations};
use super::interceptor::Interceptor;
use super::plan::{MutationPlan, Server};
use super::relevance::{Relevance, labels, step_of};
use crate::error::ProveError;
use crate::sandbox::Sandbox;
use uptake_check::{KeepExchanges, RunEvent, RunOptions, Selection};
use uptake_outcome::{DefectResult, Ending, Fate, RuleResult, Run, ScenarioRef, TestedWith};
use uptake_stop::Stopper;
use uptake_suite::{Cost, Loaded, Scenario};
use uptake_target::Target;
use uptake_wire::{Dialer, Proxies};

/// A run with a mutation may take this much longer than five times the run without.
const GRACE: Duration = Duration::from_secs(30);
/// The same for a request that is repeated until it is answered as wished, with twice that run.
const PATIENCE: Duration = Duration::from_millis(500);

/// What all scenarios share.
pub(super) struct Shared {
    pub(super) loaded: Arc<Loaded>,
    pub(super) plan: MutationPlan,
    pub(super) stopper: Stopper,
    /// The headers that the answers of the suite have.
    pub(super) headers: Vec<Header>,
    /// The rules that no mutation has failed yet.
    pub(super) open: Mutex<BTreeSet<String>>,
}

impl Shared {
    pub(super) fn open(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The mutations of `scenario` that were tried, with what they came to; nothing where the run was interrupted.
    pub(super) async fn mutate(&self, scenario: &Scenario) -> Result<Option<Vec<DefectResult>>, ProveError> {
        let (target, _server) = match &self.plan.server {
            Server::Target(target) => ((**target).clone(), None),
            Server::Reference => {
                let config = Sandbox::within(Sandbox::small(self.plan.seed), self.loaded.suite.limits);
                let Sandbox { server, target } = Sandbox::start(config).await?;
                (target, Some(server))
            }
        };
        let dialer = Dialer::new(target.settings.clone()).map_err(uptake_check::CheckError::from)?;
        let interceptor = Interceptor::start(dialer).await.map_err(ProveError::Interceptor)?;
        let mut target = target;
        target.settings.proxies = Proxies::intercepted_by(interceptor.address());
        let runs = Runs { shared: self, scenario, target, interceptor };
        runs.all().await
    }
}

/// One scenario behind its interceptor.
struct Runs<'s> {
    shared: &'s Shared,
    scenario: &'s Scenario,
    target: Target,
    interceptor: Interceptor,
}

/// The run of a scenario without a mutation.
struct Baseline {
    run: Run,
    exchanges: Vec<RecordedExchange>,
    labels: Vec<String>,
    took: Duration,
}

impl Runs<'_> {
    async fn all(&self) -> Result<Option<Vec<DefectResult>>, ProveError> {
        let began = Instant::now();
        let run = self.run(None, Duration::MAX).await?;
        match &run.ending {
            Ending::Completed => {}
            Ending::Interrupted => return Ok(None),
            other => {
                let why = other.trouble().unwrap_or_default();
                return Err(ProveError::Unmutated { scenario: self.scenario.name.clone(), why });
            }
        }
        let exchanges = self.interceptor.recorded();
        let baseline =
            Baseline { labels: labels(&run, exchanges.len()), run, exchanges, took: began.elapsed() };
        let relevance = Relevance::of(&baseline.run, self.scenario, baseline.exchanges.len());
        let mut results = Vec::new();
        for mutation in mutations(&baseline.exchanges, &self.shared.headers) {
            if results.len() >= self.shared.plan.most.get() {
                break;
            }
            if !self.shared.plan.full && !relevance.concerns(mutation.at, &self.shared.open()) {
                continue;
            }
            let Some(result) = self.mutated(mutation, &baseline).await? else { return Ok(None) };
            if self.interceptor.has_applied() {
                let mut open = self.shared.open();
                open.retain(|rule| !result.caught_by.contains(rule));
                results.push(DefectResult { rules_tested: relevance.rules().cloned().collect(), ..result });
            }
        }
        Ok(Some(results))
    }

    /// What one mutation comes to; nothing where the run was interrupted.
    async fn mutated(
        &self,
        mutation: Mutation,
        baseline: &Baseline,
    ) -> Result<Option<DefectResult>, ProveError> {
        let mut result = self.result(&mutation, baseline);
        let began = Instant::now();
        let longest = GRACE + baseline.took * 5;
        let run = self.run(Some(mutation), PATIENCE + baseline.took * 2);
        let run = tokio::time::timeout(longest, run).await.ok().transpose()?;
        result.took_seconds = began.elapsed().as_secs_f64();
        match &run {
            None => result.error = Some(format!("the scenario did not end within {} s", longest.as_secs())),
            Some(run) if run.ending == Ending::Interrupted => return Ok(None),
            Some(run) => {
                result.error = run.ending.trouble();
                result.caught_by = compared(run, &baseline.run, RuleResult::catches);
                result.unjudged = compared(run, &baseline.run, RuleResult::is_lost);
            }
        }
        result.fate = match () {
            () if !result.caught_by.is_empty() => Fate::Caught,
            () if result.error.is_some() => Fate::Error,
            () => Fate::Survived,
        };
        Ok(Some(result))
    }

    /// A result that says nothing yet.
    fn result(&self, mutation: &Mutation, baseline: &Baseline) -> DefectResult {
        let stem = self.scenario.file.trim_end_matches(".yaml").rsplit('/').take(2).collect::<Vec<_>>();
        let (area, file) = (stem.get(1).copied().unwrap_or_default(), stem[0]);
        let (number, method) = (mutation.at + 1, &baseline.exchanges[mutation.at].method);
        let step = baseline.labels.get(mutation.at).and_then(|label| step_of(self.scenario, label));
        let step = match step {
            Some(step) => format!("“{step}” ({method})"),
            None => format!("exchange {number} ({method})"),
        };
        DefectResult {
            name: format!("{area}/{file}:{number}:{}", mutation.change.slug()),
            area: area.to_owned(),
            description: format!("In the response to {step}, {}.", mutation.change.description()),
            fate: Fate::Error,
            caught_by: Vec::new(),
            unjudged: Vec::new(),
            tested_with: TestedWith::Scenario,
            rules_tested: Vec::new(),
            error: None,
            runs: 1,
            took_seconds: 0.0,
        }
    }

    /// Runs the scenario, and nothing else.
    async fn run(&self, mutation: Option<Mutation>, patience: Duration) -> Result<Run, ProveError> {
        let is_baseline = mutation.is_none();
        self.interceptor.arm(mutation);
        let only = ScenarioRef { name: self.scenario.name.clone(), file: self.scenario.file.clone() };
        let options = RunOptions {
            selection: Selection {
                cost: Cost::Large,
                only: Some(BTreeSet::from([only])),
                ..Selection::default()
            },
            jobs: NonZeroUsize::MIN,
            seed: self.shared.plan.seed,
            patience,
            keep: if is_baseline { KeepExchanges::All } else { KeepExchanges::None },
            reports_exchanges: false,
        };
        let listener = |event| {
            if let RunEvent::ScenarioStarted { .. } = event {
                self.interceptor.begin();
            }
        };
        let run = uptake_check::run(
            &self.shared.loaded,
            &self.target,
            &options,
            self.shared.stopper.clone(),
            &listener,
        );
        Ok(run.await?)
    }
}

/// The rules of which this holds, by id.
fn compared(run: &Run, clean: &Run, is: fn(&RuleResult, &RuleResult) -> bool) -> Vec<String> {
    let pairs = run.rules.iter().zip(&clean.rules).filter(|(rule, clean)| rule.id == clean.id);
    pairs.filter(|(rule, clean)| is(rule, clean)).map(|(rule, _)| rule.id.clone()).collect()
}
