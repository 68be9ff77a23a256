//! One whole run of the suite against one kind of server, faithful or with one defect.
//!
//! Rules that need a limit of calls are judged against a server of their own: one whose limit is low enough to be
//! reached soon would refuse the rest of the suite, and one whose limit is high would be asked thousands of times.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use super::error::ProveError;
use super::sandbox::{RATE_LIMIT, Sandbox};
use uptake_check::Selection;
use uptake_outcome::{Ending, Run, Summary, Verdict};
use uptake_reference::{Config, Defects, RateLimit};
use uptake_stop::Stopper;
use uptake_suite::{Cost, Loaded};

/// How many scenarios run side by side against each server.
const SCENARIOS: NonZeroUsize = NonZeroUsize::new(4).expect("it is not zero");

/// The reference server shows at once what it has received; this is for a machine that is busy.
const PATIENCE: Duration = Duration::from_millis(500);

/// Calls a minute that are soon spent.
const FEW: RateLimit = RateLimit { uploads: 1_000, writes: 1_000, reads: 30 };

/// One whole run.
#[derive(Clone)]
pub(super) struct Trial {
    pub(super) loaded: Arc<Loaded>,
    pub(super) seed: u64,
    pub(super) stopper: Stopper,
    pub(super) defects: Defects,
}

impl Trial {
    /// Runs it.
    pub(super) async fn run(self) -> Result<Run, ProveError> {
        let whole = self.against(None, Vec::new()).await?;
        let suite = &self.loaded.suite;
        let needs_limit =
            |id: &str| suite.rule(id).is_some_and(|rule| rule.needs.iter().any(|need| need == RATE_LIMIT));
        let limited: Vec<String> = whole
            .rules
            .iter()
            .filter(|rule| rule.verdict == Verdict::NotApplicable && needs_limit(&rule.id))
            .map(|rule| rule.id.clone())
            .collect();
        if limited.is_empty() || whole.ending != Ending::Completed {
            return Ok(whole);
        }
        Ok(joined(whole, self.against(Some(FEW), limited).await?))
    }

    /// Judges `rules` (all, where none is named) against a server of its own.
    async fn against(&self, rate_limit: Option<RateLimit>, rules: Vec<String>) -> Result<Run, ProveError> {
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
        };
        let run = uptake_check::run(&self.loaded, &target, &options, self.stopper.clone(), &|_| {}).await?;
        // Not waited for: what still hangs on a defective server must not hold up the others.
        drop(server);
        Ok(run)
    }
}

/// What was not applicable to the one server, as the other was judged.
fn joined(mut whole: Run, limited: Run) -> Run {
    let before = whole.causes.len();
    whole.causes.extend(limited.causes);
    whole.leftovers.extend(limited.leftovers);
    for mut rule in limited.rules {
        for finding in &mut rule.findings {
            finding.cause = finding.cause.map(|cause| cause + before);
        }
        let place = whole.rules.iter_mut().find(|known| known.id == rule.id);
        if let Some(known) = place.filter(|known| known.verdict == Verdict::NotApplicable) {
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
