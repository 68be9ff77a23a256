//! Runs of the suite against one kind of server, faithful or with one defect: whole, or of some rules until they have shown
//! enough.
//!
//! Rules that need a limit of calls are judged against a server of their own: one whose limit is low enough to be
//! reached soon would refuse the rest of the suite, and one whose limit is high would be asked thousands of times.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::error::ProveError;
use super::failure_tracker::{Enough, FailureTracker};
use super::found::Found;
use super::sandbox::{RATE_LIMIT, Sandbox};
use uptake_check::{KeepExchanges, Selection};
use uptake_outcome::{Ending, RuleResult, Run, Summary, Verdict};
use uptake_reference::{Config, Defects, RateLimit};
use uptake_stop::Stopper;
use uptake_suite::{Cost, Loaded};

/// How many scenarios run side by side against each server.
const SCENARIOS: NonZeroUsize = NonZeroUsize::new(4).expect("it is not zero");

/// The reference server shows at once what it has received; this is for a machine that is busy.
const PATIENCE: Duration = Duration::from_millis(500);

/// Calls a minute that are soon spent.
const FEW: RateLimit = RateLimit { uploads: 1_000, writes: 1_000, reads: 30 };

/// The suite against one kind of server, faithful or with one defect.
#[derive(Clone)]
pub(super) struct SuiteRun {
    pub(super) loaded: Arc<Loaded>,
    pub(super) seed: u64,
    pub(super) stopper: Stopper,
    pub(super) defects: Defects,
}

impl SuiteRun {
    /// Judges every rule.
    pub(super) async fn whole(self) -> Result<Run, ProveError> {
        let whole = self.judge(None, Vec::new(), &|_| {}).await?;
        let limited: Vec<String> = whole
            .rules
            .iter()
            .filter(|rule| self.needs_limit(&rule.id) || self.is_judged_past_limit(&rule.id))
            .map(|rule| rule.id.clone())
            .collect();
        if limited.is_empty() || whole.ending != Ending::Completed {
            return Ok(whole);
        }
        Ok(joined(whole, self.judge(Some(FEW), limited, &|_| {}).await?))
    }

    /// Judges `rules` until they have shown enough, and holds that against the `clean` run; nothing where it was interrupted.
    pub(super) async fn test(
        self,
        rules: Vec<String>,
        enough: Enough,
        clean: Arc<Run>,
    ) -> Result<Option<Found>, ProveError> {
        let is_limited = |rule: &&String| self.needs_limit(rule) || self.is_judged_past_limit(rule);
        let limited = rules.iter().filter(is_limited).cloned().collect::<Vec<_>>();
        let usual = rules.into_iter().filter(|rule| !self.needs_limit(rule)).collect();
        let mut found = Found::default();
        for (rate_limit, rules) in [(None, usual), (Some(FEW), limited)] {
            let has_enough = enough == Enough::OneFailed && !found.caught_by.is_empty();
            if rules.is_empty() || has_enough || found.error.is_some() {
                continue;
            }
            let watch = FailureTracker::new(enough, &rules);
            let began = Instant::now();
            let listener = |event| watch.see(event);
            // What is dropped is not cleaned up, and need not be: the server ends with it.
            found = found.and(tokio::select! {
                run = self.judge(rate_limit, rules, &listener) => match run? {
                    Run { ending: Ending::Interrupted, .. } => return Ok(None),
                    run => Found::of(&clean, &run),
                },
                failed = watch.enough() => Found::failed(failed, began.elapsed()),
            });
        }
        Ok(Some(found))
    }

    fn needs_limit(&self, id: &str) -> bool {
        self.loaded.suite.rule(id).is_some_and(|rule| rule.needs.has.iter().any(|need| need == RATE_LIMIT))
    }

    /// Whether a scenario that passes the limit judges a rule, though the rule itself needs no limit.
    fn is_judged_past_limit(&self, id: &str) -> bool {
        self.loaded.scenarios.iter().any(|scenario| {
            scenario.needs.has.iter().any(|need| need == RATE_LIMIT) && scenario.rules().contains(&id)
        })
    }

    /// Judges `rules` (all, where none is named) against a server of its own.
    async fn judge(
        &self,
        rate_limit: Option<RateLimit>,
        rules: Vec<String>,
        listener: &uptake_check::Listener<'_>,
    ) -> Result<Run, ProveError> {
        let config = Config {
            defects: self.defects,
            rate_limit,
            ..Sandbox::within(Sandbox::small(self.seed), self.loaded.suite.limits)
        };
        let Sandbox { server, target } = Sandbox::start(config).await?;
        let options = uptake_check::RunOptions {
            selection: Selection { rules, cost: Cost::Large, ..Selection::default() },
            jobs: SCENARIOS,
            seed: self.seed,
            patience: PATIENCE,
            keep: KeepExchanges::None,
            reports_exchanges: false,
        };
        let run = uptake_check::run(&self.loaded, &target, &options, self.stopper.clone(), listener).await?;
        // Not waited for: what still hangs on a defective server must not hold up the others.
        drop(server);
        Ok(run)
    }
}

/// What was not applicable to the one server, as the other was judged; and what failed on the other alone.
fn joined(mut whole: Run, limited: Run) -> Run {
    let before = whole.causes.len();
    whole.causes.extend(limited.causes);
    whole.leftovers.extend(limited.leftovers);
    for mut rule in limited.rules {
        for finding in &mut rule.findings {
            finding.cause = finding.cause.map(|cause| cause + before);
        }
        let place = whole.rules.iter_mut().find(|known| known.id == rule.id);
        let is_worse = |known: &RuleResult| {
            known.verdict == Verdict::NotApplicable
                || (rule.verdict == Verdict::Failed && known.verdict != Verdict::Failed)
        };
        if let Some(known) = place.filter(|known| is_worse(known)) {
            *known = rule;
        }
    }
    whole.summary = Summary {
        scenarios: whole.summary.scenarios + limited.summary.scenarios,
        requests: whole.summary.requests + limited.summary.requests,
        bytes_sent: whole.summary.bytes_sent + limited.summary.bytes_sent,
        ..Summary::count(&whole.rules)
    };
    Run { ending: limited.ending, took_seconds: whole.took_seconds + limited.took_seconds, ..whole }
}
