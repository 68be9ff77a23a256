//! Joins the runs of `check` that shards of one run made: findings together decide each verdict, as if one process had run all
//! scenarios.

use super::{
    Cause, Clocks, Ending, Finding, Retry, RuleResult, Run, ScenarioRef, Summary, Suspended, Verdict,
    WaiverState,
};

/// Why a rule has no verdict in a shard: its scenarios belong to another.
pub const IN_ANOTHER_SHARD: &str = "its scenarios are in another shard";

/// Joins the runs of all shards; `None` if there is none.
pub fn merge_checks(runs: Vec<Run>) -> Option<Run> {
    let mut runs = runs.into_iter().map(|mut run| {
        // Whether the whole proves little is no matter of its parts.
        let doubts = run.doubts();
        run.warnings.retain(|warning| !doubts.contains(warning));
        run
    });
    let mut merged = runs.next()?;
    for run in runs {
        add(&mut merged, run);
    }
    for rule in &mut merged.rules {
        settle(rule);
    }
    merged.scenarios.sort_by(|a, b| (&a.file, &a.scenario).cmp(&(&b.file, &b.scenario)));
    let counted = Summary::count(&merged.rules);
    let Summary { scenarios, requests, bytes_sent, .. } = merged.summary;
    merged.summary = Summary { scenarios, requests, bytes_sent, ..counted };
    let doubts = merged.doubts();
    merged.warnings.extend(doubts);
    Some(merged)
}

fn add(merged: &mut Run, run: Run) {
    let causes = add_causes(&mut merged.causes, run.causes);
    for rule in run.rules {
        let findings = rule.findings.into_iter().map(|finding| Finding {
            cause: finding.cause.and_then(|cause| causes.get(cause).copied()),
            ..finding
        });
        match merged.rules.iter_mut().find(|known| known.id == rule.id) {
            Some(known) => {
                known.findings.extend(findings);
                known.verdict = known.verdict.and(rule.verdict);
                add_scenarios(&mut known.scenarios, rule.scenarios);
                known.reason = better_reason(known.reason.take(), rule.reason);
            }
            None => merged.rules.push(RuleResult { findings: findings.collect(), ..rule }),
        }
    }
    merged.started_at = merged.started_at.clone().min(run.started_at);
    merged.took_seconds = merged.took_seconds.max(run.took_seconds);
    if merged.ending == Ending::Completed {
        merged.ending = run.ending;
    }
    merged.summary.scenarios += run.summary.scenarios;
    merged.summary.requests += run.summary.requests;
    merged.summary.bytes_sent += run.summary.bytes_sent;
    merged.leftovers.extend(run.leftovers);
    for warning in run.warnings {
        if !merged.warnings.contains(&warning) {
            merged.warnings.push(warning);
        }
    }
    for result in run.waivers {
        match merged.waivers.iter_mut().find(|known| known.waiver == result.waiver) {
            Some(known) if rank(result.state) > rank(known.state) => known.state = result.state,
            Some(_) => {}
            None => merged.waivers.push(result),
        }
    }
    merged.pacing = std::mem::take(&mut merged.pacing).and(&run.pacing);
    merged.retries.extend::<Vec<Retry>>(run.retries);
    if merged.clocks == Clocks::default() {
        merged.clocks = run.clocks;
    }
    if merged.capabilities.is_empty() {
        merged.capabilities = run.capabilities;
    }
    merged.suspended.extend::<Vec<Suspended>>(run.suspended);
    for (status, count) in run.answers {
        *merged.answers.entry(status).or_default() += count;
    }
    merged.scenarios.extend(run.scenarios);
    for excerpt in run.excerpts {
        if !merged.excerpts.contains(&excerpt) {
            merged.excerpts.push(excerpt);
        }
    }
    // A run folder is on the machine of its shard.
    merged.folder = None;
}

/// A waiver that one shard needs is needed, whatever the others saw.
fn rank(state: WaiverState) -> u8 {
    match state {
        WaiverState::Idle => 0,
        WaiverState::Stale => 1,
        WaiverState::Excuses => 2,
        WaiverState::Expired => 3,
    }
}

/// Adds causes, each once, and returns the new index of each.
fn add_causes(causes: &mut Vec<Cause>, more: Vec<Cause>) -> Vec<usize> {
    more.into_iter()
        .map(|cause| {
            let known = causes.iter().position(|known| known.kind == cause.kind && known.text == cause.text);
            let Some(at) = known else {
                causes.push(cause);
                return causes.len() - 1;
            };
            for scenario in cause.scenarios {
                if !causes[at].scenarios.contains(&scenario) {
                    causes[at].scenarios.push(scenario);
                }
            }
            at
        })
        .collect()
}

fn add_scenarios(scenarios: &mut Vec<ScenarioRef>, more: Vec<ScenarioRef>) {
    for scenario in more {
        if !scenarios.contains(&scenario) {
            scenarios.push(scenario);
        }
    }
}

/// That another shard tests a rule is no reason once all shards are together.
fn better_reason(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), other) if one != IN_ANOTHER_SHARD => Some(one).or(other),
        (one, other) => other.or(one),
    }
}

/// Puts findings into the order of their files. A verdict that findings give needs no reason.
fn settle(rule: &mut RuleResult) {
    rule.findings.sort_by(|a, b| (&a.place.file, a.place.line).cmp(&(&b.place.file, b.place.line)));
    match rule.verdict {
        // In no shard: the selection left them out.
        Verdict::NotCovered if rule.reason.as_deref() == Some(IN_ANOTHER_SHARD) => {
            rule.reason =
                Some("its scenarios transfer much data and were not selected; add `--cost large`".to_owned());
        }
        Verdict::NotCovered | Verdict::NotApplicable => {}
        _ => rule.reason = None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CauseKind, sample};

    fn shard(id: &str, verdict: Verdict) -> Run {
        let mut run = sample::run_of(&[(id, verdict)]);
        if verdict == Verdict::Blocked {
            run.rules[0].findings[0].cause = Some(0);
            let place = run.rules[0].findings[0].place.clone();
            let (kind, text) = (CauseKind::Precondition, "no token".to_owned());
            run.causes.push(Cause { kind, text, place, scenarios: vec!["a".to_owned()], exchange: None });
        }
        run
    }

    #[test]
    fn the_findings_of_all_shards_decide_a_verdict() {
        let merged =
            merge_checks(vec![shard("A-01", Verdict::Passed), shard("A-01", Verdict::Failed)]).expect("runs");
        let rule = &merged.rules[0];
        assert_eq!((rule.verdict, merged.summary.failed), (Verdict::Failed, 1));
        assert!(merge_checks(Vec::new()).is_none());
    }

    #[test]
    fn a_rule_that_one_shard_tests_has_the_verdict_of_that_shard() {
        let mut elsewhere = shard("A-01", Verdict::NotCovered);
        elsewhere.rules[0].findings.clear();
        elsewhere.rules[0].reason = Some(IN_ANOTHER_SHARD.to_owned());
        for order in [false, true] {
            let mut runs = vec![elsewhere.clone(), shard("A-01", Verdict::Passed)];
            if order {
                runs.reverse();
            }
            let merged = merge_checks(runs).expect("runs");
            assert_eq!((merged.rules[0].verdict, merged.rules[0].reason.clone()), (Verdict::Passed, None));
        }
    }

    #[test]
    fn causes_are_named_once_and_findings_point_to_them() {
        let blocked = || shard("A-01", Verdict::Blocked);
        let mut other = blocked();
        other.causes[0].text = "another".to_owned();
        let merged = merge_checks(vec![blocked(), blocked(), other]).expect("runs");
        assert_eq!(merged.causes.len(), 2);
        let pointed: Vec<_> = merged.rules[0].findings.iter().map(|finding| finding.cause).collect();
        assert_eq!(pointed, [Some(0), Some(0), Some(1)]);
    }
}
