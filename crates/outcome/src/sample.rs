//! Small runs for the tests of this room.

use std::collections::BTreeMap;

use super::{
    Ending, FORMAT, Finding, HttpVersion, Level, Place, RuleResult, Run, Summary, TargetSummary, Verdict,
};

/// A run in which each rule was found as it says, once.
pub(super) fn run_of(verdicts: &[(&str, Verdict)]) -> Run {
    let rules: Vec<_> = verdicts.iter().map(|(id, verdict)| with_findings(id, &[*verdict])).collect();
    Run {
        format: FORMAT,
        uptake: "0.0.0".to_owned(),
        suite: "sample".to_owned(),
        suite_digest: String::new(),
        target: TargetSummary {
            http_version: HttpVersion::Http1,
            name: "sample".to_owned(),
            base_url: "http://127.0.0.1/".to_owned(),
            proxy: None,
            capabilities: Vec::new(),
        },
        seed: 1,
        started_at: "2026-01-15T23:59:59Z".to_owned(),
        took_seconds: 1.0,
        ending: Ending::Completed,
        summary: Summary::count(&rules),
        rules,
        causes: Vec::new(),
        leftovers: Vec::new(),
        pacing: super::Pacing::default(),
        retries: Vec::new(),
        suspended: Vec::new(),
        clocks: super::Clocks::default(),
        capabilities: Vec::new(),
        folder: None,
        warnings: Vec::new(),
        answers: BTreeMap::new(),
        left_out: Vec::new(),
        waivers: Vec::new(),
        baseline: None,
        rerun: None,
        scenarios: Vec::new(),
        excerpts: Vec::new(),
    }
}

/// A rule that was found so, each time in another step.
pub(super) fn with_findings(id: &str, verdicts: &[Verdict]) -> RuleResult {
    RuleResult {
        id: id.to_owned(),
        area: "a".to_owned(),
        level: Level::Must,
        text: "A rule".to_owned(),
        source: Vec::new(),
        verdict: verdicts.iter().copied().fold(Verdict::NotCovered, Verdict::and),
        reason: None,
        scenarios: Vec::new(),
        findings: verdicts.iter().enumerate().map(|(step, verdict)| finding(step, *verdict)).collect(),
    }
}

fn finding(step: usize, verdict: Verdict) -> Finding {
    Finding {
        verdict,
        scenario: "A scenario".to_owned(),
        step: format!("step {step}"),
        place: Place { file: "a.yaml".to_owned(), line: 1, column: 1 },
        expected: "status 200".to_owned(),
        observed: "something".to_owned(),
        exchange: None,
        cause: None,
    }
}
