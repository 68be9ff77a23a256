//! What a report says about one finding: the same labelled facts in every format.

use std::collections::BTreeSet;

use super::text::{clipped, one_line, visible};
use uptake_outcome::text::count;
use uptake_outcome::{Cause, ExchangeRecord, Finding, HttpVersion, RuleResult, Run, ScenarioRecord, Verdict};

/// One labelled fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) label: &'static str,
    pub(super) text: String,
    pub(super) flow: Flow,
}

/// What may be done to a fact's text to fit it into a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// It may be broken between words.
    Broken,
    /// It may be shortened to an excerpt.
    Clipped,
    /// Nothing: it is there to be copied or clicked.
    Whole,
}

/// The columns of a table of verdicts from left to right; only those that occur are shown.
pub(super) const COLUMNS: [Verdict; 9] = [
    Verdict::Passed,
    Verdict::Tolerated,
    Verdict::Waived,
    Verdict::Failed,
    Verdict::Blocked,
    Verdict::Inconclusive,
    Verdict::Suspended,
    Verdict::NotApplicable,
    Verdict::NotCovered,
];

/// The widest label.
pub(super) const LABEL_WIDTH: usize = 8;

impl Fact {
    pub(super) fn broken(label: &'static str, text: &str) -> Self {
        Self { label, text: visible(text).trim_end().to_owned(), flow: Flow::Broken }
    }

    pub(super) fn whole(label: &'static str, text: &str) -> Self {
        Self { label, text: visible(text).trim_end().to_owned(), flow: Flow::Whole }
    }

    fn clipped(label: &'static str, text: &str) -> Self {
        Self { label, text: one_line(text), flow: Flow::Clipped }
    }
}

/// The findings that carry the rule's verdict, those of one expectation on one exchange together.
pub(super) fn grouped(rule: &RuleResult) -> Vec<Vec<&Finding>> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    for finding in rule.deciding() {
        match groups.last_mut() {
            Some(group) if are_one(group[0], finding) => group.push(finding),
            _ => groups.push(vec![finding]),
        }
    }
    groups
}

/// The places of the groups behind the first `told`, which are shown whole: each place once, and none that is shown already.
pub(super) fn elsewhere(groups: &[Vec<&Finding>], told: usize) -> Vec<String> {
    let (shown, rest) = groups.split_at(told.min(groups.len()));
    let place = |findings: &Vec<&Finding>| findings[0].place.to_string();
    let mut seen: BTreeSet<String> = shown.iter().map(place).collect();
    rest.iter().map(place).filter(|place| seen.insert(place.clone())).collect()
}

fn are_one(a: &Finding, b: &Finding) -> bool {
    let made_at = |finding: &Finding| (finding.place.clone(), finding.scenario.clone(), finding.step.clone());
    made_at(a) == made_at(b) && a.cause == b.cause && (a.exchange == b.exchange || b.exchange.is_none())
}

/// Everything that a reader needs to act on the findings at one place.
pub(super) fn of_findings(findings: &[&Finding]) -> Vec<Fact> {
    let Some(first) = findings.first() else { return Vec::new() };
    let mut facts = vec![
        Fact::whole("at", &first.place.to_string()),
        Fact::broken("scenario", &first.scenario),
        Fact::broken("step", &first.step),
    ];
    for finding in findings {
        facts.push(Fact::broken("expected", &finding.expected));
        facts.push(Fact::broken("got", &finding.observed));
    }
    facts.extend(first.exchange.iter().flat_map(of_exchange));
    facts
}

/// Everything that a reader needs to act on `cause`, but for its text.
pub(super) fn of_cause(cause: &Cause) -> Vec<Fact> {
    const NAMED: usize = 3;
    let mut facts = vec![Fact::whole("at", &cause.place.to_string())];
    match cause.scenarios.len() {
        0 => {}
        1..=NAMED => facts.push(Fact::broken("affects", &cause.scenarios.join("; "))),
        more => facts.push(Fact::broken("affects", &count(more, "scenario"))),
    }
    facts.extend(cause.exchange.iter().flat_map(of_exchange));
    facts
}

/// The response, and the command that repeats the request.
pub(super) fn of_exchange(exchange: &ExchangeRecord) -> Vec<Fact> {
    let status = exchange.status.map(|status| status.to_string());
    // HTTP/1.1 goes without saying.
    let version = Some("HTTP/2").filter(|_| exchange.http_version == HttpVersion::Http2);
    let answer = version.into_iter().chain(status.as_deref()).chain([exchange.answer.trim()]);
    let answer: Vec<&str> = answer.collect();
    vec![Fact::clipped("response", answer.join(" ").trim()), Fact::whole("curl", &exchange.curl)]
}

/// How long the scenarios that test `rule` ran, in seconds.
pub(super) fn rule_seconds(run: &Run, rule: &RuleResult) -> f64 {
    let tests = |record: &&ScenarioRecord| {
        rule.scenarios.iter().any(|known| (&known.name, &known.file) == (&record.scenario, &record.file))
    };
    // A sum of nothing is -0.
    run.scenarios.iter().filter(tests).map(|record| record.took_seconds).fold(0.0, |sum, took| sum + took)
}

/// The command that tests `rule` again.
pub(super) fn rerun(run: &Run, rule: &RuleResult) -> Option<Fact> {
    let command = run.rerun.as_ref()?;
    Some(Fact::whole("rerun", &format!("{command} --rule {}", rule.id)))
}

/// The facts as plain lines, for formats that have no page.
pub(super) fn lines(facts: &[Fact]) -> String {
    const CLIP: usize = 400;
    let mut lines = Vec::new();
    for Fact { label, text, flow } in facts {
        match flow {
            Flow::Clipped => lines.push(format!("{label:LABEL_WIDTH$}  {}", clipped(text, CLIP))),
            // What follows the first line of a command stands as it is: indented, a quoted body would be another.
            Flow::Whole => lines.push(format!("{label:LABEL_WIDTH$}  {text}")),
            Flow::Broken => {
                let indent = format!("\n{:LABEL_WIDTH$}  ", "");
                lines.push(format!("{label:LABEL_WIDTH$}  {}", text.replace('\n', &indent)));
            }
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{elsewhere, grouped};
    use crate::sample;

    #[test]
    fn a_place_is_named_once_however_many_rows_failed_there() {
        let run = sample::run();
        let rule = run.rules.iter().find(|rule| !grouped(rule).is_empty()).expect("one is judged");
        let here = rule.deciding().next().expect("it has a finding").clone();
        let there = |line| {
            let mut finding = here.clone();
            finding.place.line = line;
            finding
        };
        let findings = [here.clone(), there(901), there(902), there(901), here.clone()];
        let groups: Vec<_> = findings.iter().map(|finding| vec![finding]).collect();
        let places =
            |lines: &[u32]| lines.iter().map(|line| there(*line).place.to_string()).collect::<Vec<_>>();
        assert_eq!(elsewhere(&groups, 1), places(&[901, 902]));
        assert_eq!(elsewhere(&groups, 2), places(&[902]));
        assert_eq!(elsewhere(&groups, 9), Vec::<String>::new());
    }
}
