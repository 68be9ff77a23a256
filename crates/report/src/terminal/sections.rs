//! What was judged and deserves more than a number: failures, deviations, observations; and what is no verdict at all.

use super::{
    page::Page,
    style::{Tone, tone_of},
};
use crate::{
    facts::{self, Fact},
    text::one_line,
};
use uptake_outcome::{FailOn, Finding, Level, Retried, RuleResult, Run, Verdict};

/// How many places where one rule failed are told in full; the others are only named.
const TOLD: usize = 3;

/// What `may` rules saw: they are reported, never failed.
pub(super) fn observed(page: &mut Page, run: &Run) {
    let mut rules = run.rules.iter().filter(|rule| is_observation(rule)).peekable();
    if rules.peek().is_none() {
        return;
    }
    page.section(Tone::Plain, "Observed");
    for rule in rules {
        page.rule(Tone::Plain, rule, &format!("{}: {}", rule.text, why(rule)));
    }
}

fn is_observation(rule: &RuleResult) -> bool {
    rule.level == Level::May && matches!(rule.verdict, Verdict::Passed | Verdict::Tolerated)
}

/// What is not what the documents say, but what the rule lets pass.
pub(super) fn tolerated(page: &mut Page, run: &Run) {
    let rules: Vec<_> = of(run, Verdict::Tolerated).filter(|rule| !is_observation(rule)).collect();
    if rules.is_empty() {
        return;
    }
    page.section(tone_of(Verdict::Tolerated), "Tolerated: not what the documents say, but let pass");
    for rule in rules {
        page.rule(tone_of(Verdict::Tolerated), rule, &rule.text);
        for finding in rule.deciding() {
            page.facts(&short(finding));
        }
    }
}

/// What failed and is excused.
pub(super) fn waived(page: &mut Page, run: &Run) {
    let mut rules = of(run, Verdict::Waived).peekable();
    if rules.peek().is_none() {
        return;
    }
    page.section(tone_of(Verdict::Waived), "Waived: failed, and excused by name");
    for rule in rules {
        page.rule(tone_of(Verdict::Waived), rule, &rule.text);
        if let Some(reason) = &rule.reason {
            page.fact(&Fact::broken("why", reason));
        }
        for finding in rule.deciding() {
            page.facts(&short(finding));
        }
    }
}

/// What a reader should know beside the verdicts.
pub(super) fn warnings(page: &mut Page, run: &Run) {
    if run.warnings.is_empty() {
        return;
    }
    page.section(Tone::Warning, "Warnings");
    for warning in &run.warnings {
        page.item(warning);
    }
}

/// What was tried again, since the network and not the server was to blame.
pub(super) fn retries(page: &mut Page, run: &Run) {
    if run.retries.is_empty() {
        return;
    }
    page.section(Tone::Warning, "Tried again: a connection was lost");
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for retry in &run.retries {
        let what = match retry.what {
            Retried::Request => "sent again",
            Retried::Scenario => "its scenario begun anew",
        };
        let said = format!("{}, {what}: {}", retry.request, retry.fault);
        match groups.iter_mut().find(|(known, _)| *known == said) {
            Some((_, scenarios)) => scenarios.push(&retry.scenario),
            None => groups.push((said, vec![&retry.scenario])),
        }
    }
    for (said, mut scenarios) in groups {
        let times = if scenarios.len() == 1 { String::new() } else { format!("{} times: ", scenarios.len()) };
        page.item(&format!("{times}{said}"));
        scenarios.dedup();
        scenarios.truncate(TOLD);
        for scenario in scenarios.iter().filter(|scenario| !scenario.is_empty()) {
            page.fact(&Fact::broken("scenario", scenario));
        }
    }
}

/// What changed since an earlier run.
pub(super) fn baseline(page: &mut Page, run: &Run) {
    let Some(baseline) = &run.baseline else { return };
    let title = format!("Against the baseline of {}, {}", baseline.started_at, baseline.target);
    page.section(Tone::Plain, &one_line(&title));
    for (label, changes) in [("better", &baseline.better), ("worse", &baseline.worse)] {
        for change in changes {
            page.fact(&Fact::broken(label, &change.words()));
        }
    }
    if !baseline.known.is_empty() {
        page.fact(&Fact::broken("as bad", &baseline.known.join(" ")));
    }
    if baseline.better.is_empty() && baseline.worse.is_empty() {
        page.item("nothing is worse, and nothing got better");
    }
}

/// What the run made and could not remove again.
pub(super) fn leftovers(page: &mut Page, run: &Run) {
    if run.leftovers.is_empty() {
        return;
    }
    page.section(Tone::Warning, "Left behind: made by the run, and not removed");
    for leftover in &run.leftovers {
        page.item(&leftover.what);
        page.fact(&Fact::broken("scenario", &leftover.scenario));
        page.fact(&Fact::broken("why", &leftover.why));
        page.facts(&leftover.exchange.iter().flat_map(facts::of_exchange).collect::<Vec<_>>());
    }
}

/// What the target broke; last what fails the run.
pub(super) fn failed(page: &mut Page, run: &Run, fail_on: FailOn) {
    let (required, excused): (Vec<_>, Vec<_>) =
        of(run, Verdict::Failed).partition(|rule| fail_on.counts(rule.level));
    let (binding, known): (Vec<_>, Vec<_>) = required.into_iter().partition(|rule| run.is_new(rule));
    if !excused.is_empty() {
        page.section(tone_of(Verdict::Tolerated), "Failed, but not required here");
        failures(page, &excused, tone_of(Verdict::Tolerated));
    }
    if !known.is_empty() {
        page.section(tone_of(Verdict::Tolerated), "Failed as in the baseline");
        failures(page, &known, tone_of(Verdict::Tolerated));
    }
    if !binding.is_empty() {
        page.section(tone_of(Verdict::Failed), "Failed");
        failures(page, &binding, tone_of(Verdict::Failed));
    }
}

fn failures(page: &mut Page, rules: &[&RuleResult], tone: Tone) {
    for (index, rule) in rules.iter().enumerate() {
        if index > 0 {
            page.gap();
        }
        page.rule(tone, rule, &rule.text);
        page.fact(&Fact::broken("source", &rule.source.join(", ")));
        if let Some(reason) = &rule.reason {
            page.fact(&Fact::broken("note", reason));
        }
        for (index, findings) in facts::grouped(rule).iter().enumerate() {
            match index {
                0 => page.facts(&facts::of_findings(findings)),
                1..TOLD => {
                    page.gap();
                    page.facts(&facts::of_findings(findings));
                }
                TOLD => page.fact(&Fact::whole("also at", &findings[0].place.to_string())),
                _ => page.fact(&Fact::whole("", &findings[0].place.to_string())),
            }
        }
    }
}

fn short(finding: &Finding) -> [Fact; 3] {
    [
        Fact::broken("expected", &finding.expected),
        Fact::broken("got", &finding.observed),
        Fact::whole("at", &finding.place.to_string()),
    ]
}

/// Why the rule's verdict is what it is, in one line: what was seen, or why nothing was.
pub(super) fn why(rule: &RuleResult) -> &str {
    let observed = rule.deciding().map(|finding| finding.observed.as_str()).next();
    observed.or(rule.reason.as_deref()).unwrap_or("no reason is known")
}

pub(super) fn of(run: &Run, verdict: Verdict) -> impl Iterator<Item = &RuleResult> {
    run.rules.iter().filter(move |rule| rule.verdict == verdict)
}
