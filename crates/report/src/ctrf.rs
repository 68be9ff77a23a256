//! The run in the Common Test Report Format (<https://ctrf.io>): one test for each rule.
//!
//! ```json
//! { "reportFormat": "CTRF", "specVersion": "0.0.0", "results": {
//!     "tool": { "name": "uptake", "version": "0.1.0" },
//!     "summary": { "tests": 141, "passed": 139, "failed": 2, … },
//!     "tests": [ { "name": "TTL-02 After it expired, …", "status": "failed", "duration": 61, "suite": ["ttl"], … } ] } }
//! ```
//!
//! A rule that could not be tested (blocked, inconclusive) has the status `other`, and `rawStatus` is its verdict.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::facts;
use super::text::visible;
use uptake_outcome::{RuleResult, Run, Verdict};

/// `run` in the Common Test Report Format.
#[expect(clippy::missing_panics_doc, reason = "what is expected cannot fail")]
pub fn ctrf(run: &Run) -> String {
    let tests: Vec<Value> = run.rules.iter().map(|rule| test(run, rule)).collect();
    let of = |status: &str| tests.iter().filter(|test| test["status"] == status).count();
    let start = run.started_at.parse::<Timestamp>().map_or(0, Timestamp::as_millisecond);
    let took = millis(run.took_seconds);
    let document = json!({
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "generatedBy": format!("uptake {}", run.uptake),
        "results": {
            "tool": { "name": "uptake", "version": run.uptake },
            "summary": {
                "tests": tests.len(),
                "passed": of("passed"),
                "failed": of("failed"),
                "skipped": of("skipped"),
                "pending": of("pending"),
                "other": of("other"),
                "start": start,
                "stop": start.saturating_add(i64::try_from(took).unwrap_or(i64::MAX)),
                "duration": took,
            },
            "tests": tests,
            "extra": {
                "suite": run.suite,
                "target": run.target.name,
                "baseUrl": run.target.base_url,
                "httpVersion": run.target.http_version,
                "seed": run.seed,
            },
        },
    });
    let mut text = serde_json::to_string_pretty(&document).expect("it is plain data");
    text.push('\n');
    text
}

fn test(run: &Run, rule: &RuleResult) -> Value {
    let status = match rule.verdict {
        Verdict::Passed | Verdict::Tolerated => "passed",
        Verdict::Failed => "failed",
        Verdict::Suspended => "pending",
        Verdict::Blocked | Verdict::Inconclusive => "other",
        Verdict::NotApplicable | Verdict::NotCovered | Verdict::Waived => "skipped",
    };
    let mut test = json!({
        "testId": rule.id,
        "name": format!("{} {}", rule.id, rule.text),
        "status": status,
        "rawStatus": rule.verdict.word(),
        "duration": millis(facts::rule_seconds(run, rule)),
        "suite": [run.suite, rule.area],
        "tags": [rule.level.to_string()],
    });
    let first = rule.deciding().next();
    if let Some(finding) = first {
        test["filePath"] = json!(finding.place.file);
        test["line"] = json!(finding.place.line);
    }
    if !matches!(rule.verdict, Verdict::Passed | Verdict::Tolerated) {
        let found = first.map(|finding| format!("expected {}, got {}", finding.expected, finding.observed));
        if let Some(message) = rule.reason.clone().or(found) {
            test["message"] = json!(visible(&message));
        }
        let groups = facts::grouped(rule);
        let trace: Vec<String> =
            groups.iter().map(|findings| facts::lines(&facts::of_findings(findings))).collect();
        if !trace.is_empty() {
            test["trace"] = json!(trace.join("\n\n"));
        }
    }
    test
}

/// Whole milliseconds; what is no duration is none.
fn millis(seconds: f64) -> u64 {
    let time = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::ctrf;
    use crate::sample;
    use uptake_outcome::ScenarioRecord;

    fn document(run: &uptake_outcome::Run) -> Value {
        serde_json::from_str(&ctrf(run)).expect("JSON")
    }

    #[test]
    fn a_rule_is_one_test_and_the_counts_are_those_of_the_tests() {
        for run in [sample::run(), sample::waived(), sample::green(), sample::out_of_reach()] {
            let document = document(&run);
            let summary = &document["results"]["summary"];
            let tests = document["results"]["tests"].as_array().expect("a list");
            assert_eq!(tests.len(), run.rules.len());
            for status in ["passed", "failed", "skipped", "pending", "other"] {
                let count = tests.iter().filter(|test| test["status"] == status).count();
                assert_eq!(summary[status], count, "{status}");
            }
            assert_eq!(summary["failed"], run.summary.failed);
            assert_eq!(summary["other"], run.summary.blocked + run.summary.inconclusive);
        }
    }

    #[test]
    fn a_failure_says_where_and_why() {
        let document = document(&sample::run());
        let tests = document["results"]["tests"].as_array().expect("a list");
        let test = tests.iter().find(|test| test["testId"] == "BYTES-07").expect("it is there");
        assert_eq!(test["line"], 14);
        assert_eq!(test["message"], "expected status 400, got status 201");
        assert!(test["trace"].as_str().is_some_and(|trace| trace.contains("curl -X POST")), "{test}");
    }

    #[test]
    fn a_test_takes_as_long_as_the_scenarios_of_its_rule() {
        let mut run = sample::run();
        let scenario = run.rules[0].scenarios[0].clone();
        run.scenarios.push(ScenarioRecord {
            scenario: scenario.name,
            file: scenario.file,
            took_seconds: 1.25,
            exchanges: Vec::new(),
            script: None,
        });
        assert_eq!(document(&run)["results"]["tests"][0]["duration"], 1250);
        assert!(crate::junit(&run).contains("time=\"1.250\""), "JUnit has it too");
    }
}
