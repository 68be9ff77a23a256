//! A rule as the page of a check shows it: what it says, and each finding that decides its verdict.

use super::exchange::ExchangeView;
use super::page::{Fact, fact, searchable, shown, tone_of_verdict};
use crate::facts;
use uptake_outcome::text::count;
use uptake_outcome::{Finding, RuleResult, Run, ScenarioRecord, Verdict};

/// How many places at which a rule failed are shown in full.
const SHOWN: usize = 8;

/// A rule.
#[derive(Debug)]
pub(super) struct RuleView {
    pub(super) id: String,
    pub(super) area: String,
    pub(super) level: String,
    pub(super) text: String,
    pub(super) verdict: &'static str,
    pub(super) tone: &'static str,
    pub(super) search: String,
    pub(super) is_open: bool,
    pub(super) facts: Vec<Fact>,
    pub(super) findings: Vec<FindingView>,
    pub(super) tested_by: String,
    pub(super) scenarios: Vec<(String, String)>,
    pub(super) rerun: Option<String>,
}

/// The findings at one place.
#[derive(Debug)]
pub(super) struct FindingView {
    pub(super) title: String,
    pub(super) facts: Vec<Fact>,
    pub(super) sides: Vec<(String, String)>,
    pub(super) exchange: Option<ExchangeView>,
    pub(super) excerpt: Vec<ExcerptLine>,
    pub(super) transcript: Vec<(String, ExchangeView)>,
    /// A shell script that repeats them; empty where there is none.
    pub(super) script: String,
}

/// A line of the scenario.
#[derive(Debug)]
pub(super) struct ExcerptLine {
    pub(super) text: String,
    pub(super) is_marked: bool,
}

impl RuleView {
    pub(super) fn new(run: &Run, rule: &RuleResult) -> Self {
        // Only what a reader may have to act on is shown with its findings.
        let is_worth_showing = rule.verdict > Verdict::Passed || rule.level == uptake_outcome::Level::May;
        let groups = if is_worth_showing { facts::grouped(rule) } else { Vec::new() };
        let more = groups.len().saturating_sub(SHOWN);
        let findings: Vec<FindingView> =
            groups.iter().take(SHOWN).map(|group| FindingView::new(run, group)).collect();
        let source = rule.source.join(", ");
        let scenarios: Vec<(String, String)> =
            rule.scenarios.iter().map(|scenario| (shown(&scenario.name), shown(&scenario.file))).collect();
        let searched: Vec<&str> =
            scenarios.iter().flat_map(|(name, file)| [name.as_str(), file.as_str()]).collect();
        let more = if more == 0 { String::new() } else { format!("{more} more places, in the JSON report") };
        let waiver = run.waiver_of(&rule.id).map(|result| result.waiver.words()).unwrap_or_default();
        let reason = rule.reason.as_deref().unwrap_or_default();
        let facts = [
            fact("Source", &source),
            fact("Reason", reason),
            fact("Waiver", if waiver == reason { "" } else { &waiver }),
            fact("Also", &more),
        ];
        let verdict = rule.verdict.word();
        Self {
            id: shown(&rule.id),
            area: shown(&rule.area),
            level: rule.level.to_string(),
            text: shown(&rule.text),
            verdict,
            tone: tone_of_verdict(rule.verdict),
            search: searchable(&[&rule.id, &rule.text, &source, &searched.join(" "), reason]),
            is_open: rule.verdict == Verdict::Failed,
            facts: facts.into_iter().flatten().collect(),
            findings,
            tested_by: format!("Tested by {}", count(scenarios.len(), "scenario")),
            scenarios,
            rerun: facts::rerun(run, rule).filter(|_| rule.verdict == Verdict::Failed).map(|fact| fact.text),
        }
    }
}

impl FindingView {
    fn new(run: &Run, group: &[&Finding]) -> Self {
        let first = group[0];
        let cause = first.cause.and_then(|index| run.causes.get(index));
        let facts = [
            fact("Scenario", &first.scenario),
            fact("Step", &first.step),
            fact("At", &first.place.to_string()),
            fact("Cause", cause.map_or("", |cause| &cause.text)),
        ];
        let exchange = first.exchange.as_ref().or_else(|| cause.and_then(|cause| cause.exchange.as_ref()));
        Self {
            title: shown(&format!("{}: {}", first.scenario, first.step)),
            facts: facts.into_iter().flatten().collect(),
            sides: group.iter().map(|finding| (shown(&finding.expected), shown(&finding.observed))).collect(),
            exchange: exchange.map(ExchangeView::new),
            excerpt: excerpt(run, first),
            transcript: transcript(run, first),
            script: record_of(run, first)
                .and_then(|record| record.script.as_deref())
                .map(shown)
                .unwrap_or_default(),
        }
    }
}

/// The lines of the scenario around the finding, with their numbers.
fn excerpt(run: &Run, finding: &Finding) -> Vec<ExcerptLine> {
    let Some(excerpt) = run.excerpts.iter().find(|excerpt| excerpt.place == finding.place) else {
        return Vec::new();
    };
    let line = |(number, line): (u32, &String)| ExcerptLine {
        text: shown(&format!("{number:>4}  {line}")),
        is_marked: number == finding.place.line,
    };
    (excerpt.first_line..).zip(&excerpt.lines).map(line).collect()
}

/// The scenario's record, where a rule failed in it.
fn record_of<'r>(run: &'r Run, finding: &Finding) -> Option<&'r ScenarioRecord> {
    let mut records = run.scenarios.iter().filter(|_| finding.verdict == Verdict::Failed);
    records.find(|record| (&record.scenario, &record.file) == (&finding.scenario, &finding.place.file))
}

/// Everything that the scenario of a failure exchanged.
fn transcript(run: &Run, finding: &Finding) -> Vec<(String, ExchangeView)> {
    let exchanges = record_of(run, finding).map(|record| record.exchanges.as_slice()).unwrap_or_default();
    exchanges.iter().map(|sent| (shown(&sent.label), ExchangeView::sent(sent))).collect()
}
