//! The results of a run as one value.

use super::context::RunContext;
use super::detect::{contradictions, shown};
use super::interpreter::{ScenarioResult, Suspension, http_version};
use super::job::RunOptions;
use super::request_counts::Totals;
use super::verdicts::fold;
use uptake_outcome::{
    CapabilityFinding, FORMAT, RuleResult, Run, ScenarioRecord, Summary, Suspended, TargetSummary,
};
use uptake_suite::{Loaded, Needs, Scenario};
use uptake_target::Target;

/// A run that is over.
pub(crate) struct Finished<'s> {
    pub(crate) chosen: Vec<&'s Scenario>,
    pub(crate) results: Vec<Option<ScenarioResult>>,
    /// Which of the chosen scenarios wait.
    pub(crate) suspended: Vec<(usize, Suspension)>,
    pub(crate) started_at: String,
    /// What earlier processes have counted.
    pub(crate) totals: Totals,
    pub(crate) capabilities: Vec<CapabilityFinding>,
    /// The scenarios that ran in this process.
    pub(crate) records: Vec<ScenarioRecord>,
}

/// A target, as reports name it.
pub fn target_summary(target: &Target) -> TargetSummary {
    TargetSummary {
        name: target.name.clone(),
        base_url: target.base_url.to_string(),
        proxy: target.proxy(),
        http_version: http_version(target.settings.version),
        capabilities: target.capabilities.iter().map(|capability| capability.name.clone()).collect(),
    }
}

/// The results, nothing masked.
pub(crate) fn summarize(
    loaded: &Loaded,
    context: &RunContext<'_>,
    options: &RunOptions,
    finished: Finished<'_>,
) -> Run {
    let Finished { chosen, results, suspended, started_at, totals, mut capabilities, records } = finished;
    let suspended = suspended.into_iter().map(|(at, since)| suspension(chosen[at], &since)).collect();
    let ran = results.iter().filter(|result| result.is_some()).count();
    let results = chosen.into_iter().zip(results).collect();
    let lacking = |needs: &Needs| context.environment.unmet(needs);
    let (rules, causes, leftovers) = fold(loaded, &lacking, &options.selection, results);
    let target = context.target();
    let totals = context.counts.totals(&totals, target.budgets);
    shown(context, &mut capabilities);
    let mut warnings = overruled(loaded, &rules);
    warnings.extend(contradictions(&capabilities));
    warnings.extend(context.clocks.warnings());
    warnings.extend(context.counts.warnings());
    let mut summary = Summary::count(&rules);
    summary.scenarios = ran;
    summary.requests = totals.pacing.requests;
    summary.bytes_sent = totals.bytes_sent;
    Run {
        format: FORMAT,
        uptake: env!("CARGO_PKG_VERSION").to_owned(),
        suite: loaded.suite.name.clone(),
        suite_digest: loaded.sources.digest.clone(),
        target: target_summary(target),
        seed: options.seed,
        started_at,
        took_seconds: totals.took_seconds,
        ending: context.stop.ending(),
        summary,
        left_out: left_out(loaded, &rules),
        rules,
        causes,
        leftovers,
        warnings,
        pacing: totals.pacing,
        retries: totals.retries,
        clocks: context.clocks.readings(),
        capabilities,
        suspended,
        folder: None,
        answers: totals.answers,
        waivers: Vec::new(),
        baseline: None,
        rerun: None,
        scenarios: records,
        excerpts: Vec::new(),
    }
}

/// What the suite takes back of the suite that it extends: nobody should find out from a verdict that is missed.
fn overruled(loaded: &Loaded, judged: &[RuleResult]) -> Vec<String> {
    let reason = |result: &RuleResult| {
        let rule = loaded.suite.rule(&result.id)?;
        let reason = rule.overruled.as_deref()?;
        Some(format!("{} is overridden by the suite {}: {reason}", rule.id, loaded.suite.name))
    };
    judged.iter().filter_map(reason).collect()
}

fn suspension(scenario: &Scenario, since: &Suspension) -> Suspended {
    Suspended {
        scenario: scenario.name.clone(),
        file: scenario.file.clone(),
        step: since.step.clone(),
        from: since.due.to_string(),
        until: since.latest.map(|latest| latest.to_string()),
    }
}

/// The areas of which a filter left no rule. Where only some scenarios were given, only their areas: whoever names a
/// scenario does not expect the others.
fn left_out(loaded: &Loaded, rules: &[RuleResult]) -> Vec<String> {
    let named: Vec<&str> = loaded.scenarios.iter().flat_map(Scenario::rules).collect();
    let is_there = |area: &str| {
        let mut of_area = loaded.suite.rules.iter().filter(|rule| rule.area == area);
        of_area.any(|rule| loaded.is_whole || named.contains(&rule.id.as_str()))
    };
    let areas = loaded.suite.areas.iter().map(|(name, _)| name);
    areas.filter(|name| is_there(name) && !rules.iter().any(|rule| rule.area == **name)).cloned().collect()
}
