//! What a run would do: the same choice and the same interpreter as the run itself, and nothing is sent.

use std::time::Duration;

use super::context::RunContext;
use super::job::{CheckError, RunOptions};
use super::need::Need;
use super::real_time::WaitLimits;
use super::sending::RateLimitUse;
use uptake_outcome::{Forecast, ForecastFate, ForecastLoad, ForecastScenario};
use uptake_stop::Stopper;
use uptake_suite::{Loaded, Scenario};
use uptake_target::{CallKind, Calls, Target};

/// What [`run`](super::run) would do with `options`.
pub fn forecast(
    loaded: &Loaded,
    target: &Target,
    options: &RunOptions,
    waits: Option<WaitLimits>,
) -> Result<Forecast, CheckError> {
    let context = RunContext::new(loaded, target, options, Stopper::default())?.with_waits(waits);
    let chosen = options.selection.scenarios(loaded, target);
    let mut calls = Calls::default();
    let mut scenarios = Vec::new();
    for scenario in chosen {
        let (forecast, own) = one(&context, scenario);
        calls.extend(own);
        scenarios.push(forecast);
    }
    let longest = scenarios.iter().filter(|scenario| scenario.fate == ForecastFate::Runs);
    let longest = longest.map(|scenario| scenario.waits_seconds).max().unwrap_or(0);
    let load = scenarios.iter().map(|scenario| scenario.load);
    Ok(Forecast {
        suite: loaded.suite.name.clone(),
        target: target.name.clone(),
        base_url: target.base_url.to_string(),
        budgets: context.counts.pacing(target.budgets).budgets,
        rules: loaded.suite.rules.iter().filter(|rule| options.selection.has(rule)).count(),
        total: load.fold(ForecastLoad::default(), ForecastLoad::and),
        pacing_seconds: target.budgets.map_or(0.0, |budgets| budgets.least(calls).as_secs_f64()),
        waiting_seconds: Duration::from_secs(longest).as_secs_f64(),
        scenarios,
    })
}

fn one(context: &RunContext<'_>, scenario: &Scenario) -> (ForecastScenario, Calls) {
    let mut need = Need::of(&context.environment, scenario);
    let target = context.target();
    // A clock that can be moved lets no real time pass.
    let moves_clock = target.clock.is_some() && scenario.moves_clock();
    let waits_seconds = if moves_clock { 0 } else { need.time.as_secs() };
    let limits = context.waits.filter(|_| !moves_clock);
    let lacking = context.environment.unmet(&scenario.needs);
    let fate = match lacking.or_else(|| need.takes_too_long(limits?)) {
        Some(why) => {
            need.calls = Calls::default();
            need.bytes = 0;
            ForecastFate::NotApplicable { why }
        }
        None if limits.is_some_and(|limits| need.is_suspended(limits)) => ForecastFate::Suspended,
        None => ForecastFate::Runs,
    };
    if !matches!(fate, ForecastFate::NotApplicable { .. })
        && RateLimitUse::of(scenario) == RateLimitUse::Exceeds
        && let Some(budgets) = target.budgets
    {
        // It goes on until it is refused.
        need.calls.add(CallKind::Read, budgets.calls.of(CallKind::Read));
    }
    let suite = context.environment.suite;
    let area = scenario.rules().first().and_then(|id| suite.rule(id)).map(|rule| rule.area.clone());
    let forecast = ForecastScenario {
        name: scenario.name.clone(),
        file: scenario.file.clone(),
        area: area.unwrap_or_else(|| "none".to_owned()),
        load: ForecastLoad {
            uploads: need.calls.of(CallKind::Upload).into(),
            writes: need.calls.of(CallKind::Write).into(),
            reads: need.calls.of(CallKind::Read).into(),
            bytes: need.bytes,
        },
        waits_seconds,
        fate,
    };
    (forecast, need.calls)
}
