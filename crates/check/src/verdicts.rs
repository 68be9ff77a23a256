//! From what scenarios found to one verdict a rule.

use std::collections::BTreeMap;

use super::interpreter::{Obstacle, ScenarioResult};
use super::selection::Selection;
use uptake_outcome::{Cause, Finding, IN_ANOTHER_SHARD, Leftover, RuleResult, ScenarioRef, Verdict};
use uptake_suite::{Loaded, Needs, Rule, Scenario};

/// Folds findings, in the order of the scenarios' files, whatever the order was in which they ran.
pub(crate) fn fold(
    loaded: &Loaded,
    lacking: &dyn Fn(&Needs) -> Option<String>,
    selection: &Selection,
    results: Vec<(&Scenario, Option<ScenarioResult>)>,
) -> (Vec<RuleResult>, Vec<Cause>, Vec<Leftover>) {
    let named: Vec<&str> = loaded.scenarios.iter().flat_map(Scenario::rules).collect();
    let wanted = |rule: &Rule| selection.has(rule) && (loaded.is_whole || named.contains(&rule.id.as_str()));
    let mut rules: Vec<RuleResult> =
        loaded.suite.rules.iter().filter(|rule| wanted(rule)).map(blank).collect();
    let mut causes = Causes::default();
    let mut leftovers = Vec::new();
    let mut skipped = BTreeMap::new();
    let ran: Vec<(&Scenario, bool)> =
        results.iter().map(|(scenario, result)| (*scenario, result.is_some())).collect();
    for (scenario, result) in results {
        let Some(result) = result else { continue };
        leftovers.extend(result.leftovers);
        for one in result.skipped {
            skipped.entry(one.rule).or_insert(one.reason);
        }
        for obstacle in &result.obstacles {
            causes.index(obstacle, scenario);
        }
        for found in result.found {
            let Some(rule) = rules.iter_mut().find(|rule| rule.id == found.rule) else { continue };
            let cause = found.obstacle.as_ref().map(|obstacle| causes.index(obstacle, scenario));
            rule.findings.push(Finding { cause, ..found.finding });
        }
    }
    for result in &mut rules {
        let Some(rule) = loaded.suite.rule(&result.id) else { continue };
        result.verdict =
            result.findings.iter().map(|finding| finding.verdict).fold(Verdict::NotCovered, Verdict::and);
        result.scenarios = judges(rule, loaded, &result.findings);
        decide(result, (rule, lacking(&rule.needs)), loaded, (selection, &ran));
        if let (Verdict::NotCovered, Some(reason)) = (result.verdict, skipped.remove(&rule.id)) {
            result.reason = Some(reason);
        }
    }
    (rules, causes.0, leftovers)
}

fn blank(rule: &Rule) -> RuleResult {
    RuleResult {
        id: rule.id.clone(),
        area: rule.area.clone(),
        level: rule.level,
        text: rule.text.clone(),
        source: rule.source.clone(),
        verdict: Verdict::NotCovered,
        reason: None,
        scenarios: Vec::new(),
        findings: Vec::new(),
    }
}

/// The scenarios that judge a rule: those that name it; for a rule that every answer is held against and none names,
/// those in which it was found.
fn judges(rule: &Rule, loaded: &Loaded, findings: &[Finding]) -> Vec<ScenarioRef> {
    let refer =
        |scenario: &Scenario| ScenarioRef { name: scenario.name.clone(), file: scenario.file.clone() };
    let naming: Vec<_> = loaded
        .scenarios
        .iter()
        .filter(|scenario| scenario.rules().contains(&rule.id.as_str()))
        .map(refer)
        .collect();
    if !naming.is_empty() {
        return naming;
    }
    let found = |scenario: &&Scenario| findings.iter().any(|finding| finding.scenario == scenario.name);
    loaded.scenarios.iter().filter(found).map(refer).collect()
}

/// Says why, where no finding does.
fn decide(
    result: &mut RuleResult,
    (rule, lacking): (&Rule, Option<String>),
    loaded: &Loaded,
    (selection, ran): (&Selection, &[(&Scenario, bool)]),
) {
    if lacking.is_some() {
        result.verdict = Verdict::NotApplicable;
        result.reason = lacking;
        return;
    }
    match result.verdict {
        Verdict::NotApplicable => {
            result.reason = result.findings.first().map(|finding| finding.observed.clone());
        }
        Verdict::NotCovered => {
            let judging: Vec<_> = loaded
                .scenarios
                .iter()
                .filter(|scenario| scenario.rules().contains(&rule.id.as_str()))
                .collect();
            let chosen =
                |scenario: &&&Scenario| ran.iter().any(|(other, _)| std::ptr::eq(*other, **scenario));
            result.reason = Some(if judging.is_empty() {
                "no scenario tests it".to_owned()
            } else if judging.iter().any(|scenario| selection.is_elsewhere(scenario)) {
                IN_ANOTHER_SHARD.to_owned()
            } else if judging.iter().filter(chosen).count() == 0 {
                "its scenarios transfer much data and were not selected; add `--cost large`".to_owned()
            } else {
                "the run ended before it was tested".to_owned()
            });
        }
        _ => {}
    }
}

/// Causes, each once: the same sentence is the same cause.
#[derive(Default)]
struct Causes(Vec<Cause>);

impl Causes {
    fn index(&mut self, obstacle: &Obstacle, scenario: &Scenario) -> usize {
        let known =
            self.0.iter().position(|cause| cause.kind == obstacle.kind && cause.text == obstacle.text);
        let at = known.unwrap_or_else(|| {
            self.0.push(Cause {
                kind: obstacle.kind,
                text: obstacle.text.clone(),
                place: obstacle.place.clone(),
                scenarios: Vec::new(),
                exchange: obstacle.exchange.clone(),
            });
            self.0.len() - 1
        });
        if !self.0[at].scenarios.contains(&scenario.name) {
            self.0[at].scenarios.push(scenario.name.clone());
        }
        at
    }
}
