//! Runs in which rules have given verdicts, for the tests of this crate.

use uptake_outcome::{
    DefectResult, Ending, FORMAT, HttpVersion, Level, RuleResult, Run, Summary, TargetSummary, TestedWith,
    Verdict,
};
use uptake_reference::Defect;

use crate::found::Found;

/// A run in which these rules have these verdicts.
pub(crate) fn run(verdicts: &[(&str, Verdict)], ending: Ending) -> Run {
    let rules = verdicts.iter().map(|(id, verdict)| RuleResult {
        id: (*id).to_owned(),
        area: id.split('-').next().expect("a part").to_lowercase(),
        level: Level::Must,
        text: String::new(),
        source: Vec::new(),
        verdict: *verdict,
        reason: None,
        scenarios: Vec::new(),
        findings: Vec::new(),
    });
    Run {
        format: FORMAT,
        uptake: "0.1.0".to_owned(),
        suite: "api-video".to_owned(),
        suite_digest: String::new(),
        target: TargetSummary {
            http_version: HttpVersion::Http1,
            name: String::new(),
            base_url: String::new(),
            proxy: None,
            capabilities: Vec::new(),
        },
        seed: 1,
        started_at: String::new(),
        took_seconds: 1.0,
        ending,
        summary: Summary::default(),
        rules: rules.collect(),
        causes: Vec::new(),
        leftovers: Vec::new(),
        warnings: Vec::new(),
        pacing: uptake_outcome::Pacing::default(),
        retries: Vec::new(),
        suspended: Vec::new(),
        clocks: uptake_outcome::Clocks::default(),
        capabilities: Vec::new(),
        folder: None,
        answers: std::collections::BTreeMap::new(),
        left_out: Vec::new(),
        waivers: Vec::new(),
        baseline: None,
        rerun: None,
        scenarios: Vec::new(),
        excerpts: Vec::new(),
    }
}

/// A run in which three rules passed.
pub(crate) fn clean() -> Run {
    run(
        &[("AUTH-01", Verdict::Passed), ("TOKEN-01", Verdict::Passed), ("TOKEN-02", Verdict::Passed)],
        Ending::Completed,
    )
}

/// What became of a defect of the area `token` under which the rules have these verdicts.
pub(crate) fn found(auth: Verdict, token: Verdict, other: Verdict) -> DefectResult {
    let under = [("AUTH-01", auth), ("TOKEN-01", token), ("TOKEN-02", other)];
    let found = Found::of(&clean(), &run(&under, Ending::Completed));
    found.result(defect("ttl-in-milliseconds"), &clean(), TestedWith::WholeSuite)
}

/// The defect of this name.
pub(crate) fn defect(name: &str) -> Defect {
    name.parse().expect("it is planted")
}
