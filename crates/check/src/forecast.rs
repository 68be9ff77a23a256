//! What a run would do: the same choice and the same calculation as the run itself, and nothing is sent.

use std::time::Duration;

use super::estimate::Estimate;
use super::passing::Waits;
use super::queue::{Manners, manners};
use super::run::{CheckError, Plan};
use super::world::World;
use uptake_outcome::{Forecast, ForecastFate, ForecastLoad, ForecastScenario};
use uptake_stop::Stopper;
use uptake_suite::{Loaded, Scenario};
use uptake_target::{CallKind, Calls, Target};

/// What [`run`](super::run) would do with `plan`.
pub fn forecast(
    loaded: &Loaded,
    target: &Target,
    plan: &Plan,
    waits: Option<Waits>,
) -> Result<Forecast, CheckError> {
    let world = World::new(loaded, target, plan, Stopper::default())?.with_waits(waits);
    let chosen = plan.selection.scenarios(&loaded.suite, &loaded.scenarios);
    let mut calls = Calls::default();
    let mut scenarios = Vec::new();
    for scenario in chosen {
        let (told, need) = tell(&world, scenario);
        calls.extend(need);
        scenarios.push(told);
    }
    let longest = scenarios.iter().filter(|scenario| scenario.fate == ForecastFate::Runs);
    let longest = longest.map(|scenario| scenario.waits_seconds).max().unwrap_or(0);
    Ok(Forecast {
        suite: loaded.suite.name.clone(),
        target: target.name.clone(),
        base_url: target.base_url.to_string(),
        budgets: world.tally.pacing(target.budgets).budgets,
        rules: loaded.suite.rules.iter().filter(|rule| plan.selection.has(rule)).count(),
        total: scenarios
            .iter()
            .map(|scenario| scenario.load)
            .fold(ForecastLoad::default(), ForecastLoad::and),
        pacing_seconds: target.budgets.map_or(0.0, |budgets| budgets.least(calls).as_secs_f64()),
        waiting_seconds: Duration::from_secs(longest).as_secs_f64(),
        scenarios,
    })
}

fn tell(world: &World<'_>, scenario: &Scenario) -> (ForecastScenario, Calls) {
    let mut need = Estimate::whole(world, scenario);
    let mut fate = match world.lacking(&scenario.needs) {
        Some(why) => ForecastFate::NotApplicable { why },
        None => ForecastFate::Runs,
    };
    if fate != ForecastFate::Runs {
        need.calls = Calls::default();
        need.bytes = 0;
    } else if manners(scenario) == Manners::Breaks
        && let Some(budgets) = world.target.budgets
    {
        // It goes on until it is refused.
        let reads = budgets.calls.of(CallKind::Read);
        need.calls.add(CallKind::Read, reads);
    }
    // A clock that can be turned lets no real time pass.
    let turns = world.target.clock.is_some() && scenario.moves_clock();
    let waits = if turns { Duration::ZERO } else { need.time };
    if let Some(allowed) = world.waits.filter(|_| !turns && fate == ForecastFate::Runs) {
        if let Some(why) = need.takes_too_long(allowed) {
            need.calls = Calls::default();
            need.bytes = 0;
            fate = ForecastFate::NotApplicable { why };
        } else if need.longest > allowed.within {
            fate = ForecastFate::Suspended;
        }
    }
    let load = ForecastLoad {
        uploads: need.calls.of(CallKind::Upload).into(),
        writes: need.calls.of(CallKind::Write).into(),
        reads: need.calls.of(CallKind::Read).into(),
        bytes: need.bytes,
    };
    let area = scenario.rules().first().and_then(|id| world.suite.rule(id)).map(|rule| rule.area.clone());
    let told = ForecastScenario {
        name: scenario.name.clone(),
        file: scenario.file.clone(),
        area: area.unwrap_or_else(|| "none".to_owned()),
        load,
        waits_seconds: waits.as_secs(),
        fate,
    };
    (told, need.calls)
}
