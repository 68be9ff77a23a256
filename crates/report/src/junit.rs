//! The run as JUnit XML for CI systems: one test suite for each area, one test case for each rule.
//!
//! ```xml
//! <testsuites name="uptake check: api-video" tests="17" skipped="6" failures="2" errors="4" time="3.207">
//!     <testsuite name="bytes" tests="2" skipped="1" errors="0" failures="1">
//!         <properties>
//!             <property name="seed" value="7"/>
//!         </properties>
//!         <testcase name="BYTES-07 A range of 5 MiB less one byte …" classname="api-video.bytes" file="…">
//!             <failure message="expected status 400, got status 201" type="must">…</failure>
//!         </testcase>
//! ```
//!
//! A *failure* means that the target broke the rule, an *error* that the rule could not be tested (blocked, inconclusive).
//! Rules that are not applicable, not covered, suspended or waived are *skipped*. A run that did not complete, or that tested
//! nothing, has a test case of its own with an error: an empty green file would mislead.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite, XmlString};

use super::{
    facts,
    text::{one_line, visible},
};
use uptake_outcome::{Ending, Finding, Level, RuleResult, Run, Verdict};

/// `run` as JUnit XML.
#[expect(clippy::missing_panics_doc, reason = "what is expected cannot fail")]
pub fn junit(run: &Run) -> String {
    let mut report = Report::new(xml(&format!("uptake check: {}", run.suite)));
    // An invalid duration (negative, not finite) is left out.
    if let Ok(time) = Duration::try_from_secs_f64(run.took_seconds) {
        report.set_time(time);
    }
    let of_run: Vec<TestCase> = [of_ending(run), of_warnings(run)].into_iter().flatten().collect();
    if !of_run.is_empty() {
        let mut suite = suite(run, "run");
        suite.add_test_cases(of_run);
        report.add_test_suite(suite);
    }
    let mut areas: Vec<&str> = Vec::new();
    for rule in &run.rules {
        if !areas.contains(&rule.area.as_str()) {
            areas.push(&rule.area);
        }
    }
    for area in areas {
        let mut suite = suite(run, area);
        suite.add_test_cases(run.rules.iter().filter(|rule| rule.area == area).map(|rule| case(run, rule)));
        report.add_test_suite(suite);
    }
    report.to_string().expect("writing to a String cannot fail, and the text is UTF-8")
}

/// The test case of a run that did not complete.
fn of_ending(run: &Run) -> Option<TestCase> {
    let why = unfinished(run)?;
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(xml(&one_line(&why))).set_type("run").set_description(xml(&why));
    let mut case = TestCase::new("the run completed", status);
    case.set_classname(xml(&format!("{}.run", run.suite)));
    Some(case)
}

/// The test case for the warnings. It is *skipped*: warnings fail nothing, but nobody reads a green test case.
fn of_warnings(run: &Run) -> Option<TestCase> {
    let first = run.warnings.first()?;
    let more = run.warnings.len() - 1;
    let message = if more == 0 { first.clone() } else { format!("{first} (and {more} more)") };
    let mut status = TestCaseStatus::skipped();
    status.set_message(xml(&one_line(&message))).set_type("warning");
    status.set_description(xml(&run.warnings.join("\n")));
    let mut case = TestCase::new("warnings", status);
    case.set_classname(xml(&format!("{}.run", run.suite)));
    Some(case)
}

/// Why the file would be green or empty without a reason.
fn unfinished(run: &Run) -> Option<String> {
    match &run.ending {
        Ending::OutOfReach { .. }
        | Ending::CredentialRefused { .. }
        | Ending::HarnessFailed { .. }
        | Ending::NotWritten { .. } => run.ending.trouble(),
        Ending::Interrupted => Some("the run was interrupted".to_owned()),
        Ending::FirstFailure => Some("the run stopped at the first failure (--fail-fast)".to_owned()),
        Ending::Completed if run.rules.iter().any(|rule| rule.verdict.is_judged()) => None,
        Ending::Completed => Some("no rule was tested".to_owned()),
    }
}

fn suite(run: &Run, name: &str) -> TestSuite {
    let mut suite = TestSuite::new(xml(name));
    suite.add_properties([
        property("uptake", &run.uptake),
        property("suite", &run.suite),
        property("target", &run.target.name),
        property("base-url", &run.target.base_url),
        property("http-version", &run.target.http_version.to_string()),
        property("seed", &run.seed.to_string()),
    ]);
    suite.extra.insert(xml("timestamp"), xml(&run.started_at));
    suite
}

fn property(name: &str, value: &str) -> Property {
    Property::new(xml(name), xml(value))
}

fn case(run: &Run, rule: &RuleResult) -> TestCase {
    let mut case = TestCase::new(xml(&format!("{} {}", rule.id, rule.text)), status(run, rule));
    case.set_classname(xml(&format!("{}.{}", run.suite, rule.area)));
    if let Some((file, line)) = place(rule) {
        case.extra.insert(xml("file"), xml(file));
        if let Some(line) = line {
            case.extra.insert(xml("line"), xml(&line.to_string()));
        }
    }
    if let Ok(time) = Duration::try_from_secs_f64(facts::rule_seconds(run, rule)) {
        case.set_time(time);
    }
    case.add_properties([
        property("rule", &rule.id),
        property("level", &rule.level.to_string()),
        property("verdict", rule.verdict.word()),
    ]);
    if let Some(result) = run.waiver_of(&rule.id) {
        case.add_property(property("waiver", &result.waiver.words()));
        if let Some(issue) = &result.waiver.issue {
            case.add_property(property("issue", issue));
        }
    }
    // Two kinds of success that a reader should see: tolerated deviations, and what `may` rules observed.
    if rule.verdict == Verdict::Tolerated {
        case.set_system_out(xml(&format!("tolerated\n{}", details(run, rule))));
    } else if rule.verdict == Verdict::Passed && rule.level == Level::May {
        case.set_system_out(xml(&format!("observed\n{}", details(run, rule))));
    }
    case
}

fn status(run: &Run, rule: &RuleResult) -> TestCaseStatus {
    let (mut status, kind) = match rule.verdict {
        Verdict::Passed | Verdict::Tolerated => return TestCaseStatus::success(),
        Verdict::Failed => (TestCaseStatus::non_success(NonSuccessKind::Failure), rule.level.to_string()),
        Verdict::Blocked | Verdict::Inconclusive => {
            (TestCaseStatus::non_success(NonSuccessKind::Error), rule.verdict.to_string())
        }
        Verdict::NotApplicable | Verdict::NotCovered | Verdict::Suspended | Verdict::Waived => {
            (TestCaseStatus::skipped(), rule.verdict.to_string())
        }
    };
    let message = match rule.verdict {
        Verdict::Failed => message(run, rule),
        verdict => format!("{verdict}: {}", message(run, rule)),
    };
    status.set_type(xml(&kind)).set_message(xml(&one_line(&message)));
    // GitLab shows the text of the element and not its message.
    let text = if rule.deciding().next().is_some() { details(run, rule) } else { message };
    status.set_description(xml(&text));
    status
}

/// The verdict's reason on one line.
fn message(run: &Run, rule: &RuleResult) -> String {
    let first = rule.deciding().next();
    let cause = first.and_then(|finding| finding.cause).and_then(|index| run.causes.get(index));
    match (cause, &rule.reason, first) {
        (Some(cause), _, _) => cause.text.clone(),
        (None, Some(reason), Some(finding)) if rule.verdict == Verdict::Failed => {
            format!("expected {}, got {}; {reason}", finding.expected, finding.observed)
        }
        (None, Some(reason), _) => reason.clone(),
        (None, None, Some(finding)) => format!("expected {}, got {}", finding.expected, finding.observed),
        (None, None, None) => "no reason given".to_owned(),
    }
}

/// Rule, source, and every finding that carries the verdict.
fn details(run: &Run, rule: &RuleResult) -> String {
    let because =
        rule.reason.as_ref().map_or_else(String::new, |reason| format!("\nreason    {}", one_line(reason)));
    let source = rule.source.join(", ");
    let head = format!("{} ({}): {}\nsource    {source}{because}", rule.id, rule.level, rule.text);
    let groups = facts::grouped(rule);
    let told = groups.iter().map(|findings| told(run, findings));
    let rerun = (rule.verdict == Verdict::Failed).then(|| facts::rerun(run, rule)).flatten();
    let rerun = rerun.map(|fact| facts::lines(&[fact]));
    std::iter::once(head).chain(told).chain(rerun).collect::<Vec<_>>().join("\n\n")
}

fn told(run: &Run, findings: &[&Finding]) -> String {
    let mut facts = facts::of_findings(findings);
    if let Some(cause) =
        findings.first().and_then(|first| first.cause).and_then(|index| run.causes.get(index))
    {
        facts.push(facts::Fact::broken("cause", &cause.text));
        facts.extend(facts::of_cause(cause));
    }
    facts::lines(&facts)
}

/// The file that decides, and the line where it is one expectation that does.
fn place(rule: &RuleResult) -> Option<(&str, Option<u32>)> {
    let deciding = rule.deciding().next().map(|finding| &finding.place);
    let deciding = deciding.map(|place| (place.file.as_str(), Some(place.line)));
    deciding.or_else(|| rule.scenarios.first().map(|scenario| (scenario.file.as_str(), None)))
}

/// Text that XML can hold, with nothing dropped on the way.
fn xml(text: &str) -> XmlString {
    XmlString::new(visible(text))
}

#[cfg(test)]
mod tests;
