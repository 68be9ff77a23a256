//! What deserves more than a number: failures, deviations, observations, warnings, retries, leftovers.

use super::{
    page::Page,
    style::{Tone, tone_of},
};
use crate::{
    facts::{self, Fact},
    text::one_line,
};
use uptake_outcome::{FailOn, Finding, Level, Retried, RuleResult, Run, Verdict};

/// How many failures of one rule are shown in full; the others are listed.
const TOLD: usize = 3;

/// What `may` rules observed. They never fail.
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

/// Deviations that a rule allows.
pub(super) fn tolerated(page: &mut Page, run: &Run) {
    let rules: Vec<_> = of(run, Verdict::Tolerated).filter(|rule| !is_observation(rule)).collect();
    if rules.is_empty() {
        return;
    }
    page.section(
        tone_of(Verdict::Tolerated),
        "Tolerated (deviates from the documentation, but the rule allows it)",
    );
    for rule in rules {
        page.rule(tone_of(Verdict::Tolerated), rule, &rule.text);
        for finding in rule.deciding() {
            page.facts(&short(finding));
        }
    }
}

/// Known failures.
pub(super) fn waived(page: &mut Page, run: &Run) {
    let mut rules = of(run, Verdict::Waived).peekable();
    if rules.peek().is_none() {
        return;
    }
    page.section(tone_of(Verdict::Waived), "Waived (known failures)");
    for rule in rules {
        page.rule(tone_of(Verdict::Waived), rule, &rule.text);
        if let Some(reason) = &rule.reason {
            page.fact(&Fact::broken("reason", reason));
        }
        for finding in rule.deciding() {
            page.facts(&short(finding));
        }
    }
}

/// Warnings.
pub(super) fn warnings(page: &mut Page, run: &Run) {
    if run.warnings.is_empty() {
        return;
    }
    page.section(Tone::Warning, "Warnings");
    for warning in &run.warnings {
        page.item(warning);
    }
}

/// Retries after a lost connection.
pub(super) fn retries(page: &mut Page, run: &Run) {
    if run.retries.is_empty() {
        return;
    }
    page.section(Tone::Warning, "Retried after a lost connection");
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for retry in &run.retries {
        let what = match retry.what {
            Retried::Request => "request sent again",
            Retried::Scenario => "scenario restarted",
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

/// Changes since the baseline.
pub(super) fn baseline(page: &mut Page, run: &Run) {
    let Some(baseline) = &run.baseline else { return };
    let title = format!("Compared with the baseline of {} ({})", baseline.started_at, baseline.target);
    page.section(Tone::Plain, &one_line(&title));
    for (label, changes) in [("better", &baseline.better), ("worse", &baseline.worse)] {
        for change in changes {
            page.fact(&Fact::broken(label, &change.words()));
        }
    }
    if !baseline.known.is_empty() {
        page.fact(&Fact::broken("known", &baseline.known.join(" ")));
    }
    if baseline.better.is_empty() && baseline.worse.is_empty() {
        page.item("no change");
    }
}

/// Resources that the run created and could not remove.
pub(super) fn leftovers(page: &mut Page, run: &Run) {
    if run.leftovers.is_empty() {
        return;
    }
    page.section(Tone::Warning, "Not cleaned up (created by this run and not removed)");
    for leftover in &run.leftovers {
        page.item(&leftover.what);
        page.fact(&Fact::broken("scenario", &leftover.scenario));
        page.fact(&Fact::broken("reason", &leftover.why));
        page.facts(&leftover.exchange.iter().flat_map(facts::of_exchange).collect::<Vec<_>>());
    }
}

/// Failures; those that fail the run come last.
pub(super) fn failed(page: &mut Page, run: &Run, fail_on: FailOn) {
    let (required, excused): (Vec<_>, Vec<_>) =
        of(run, Verdict::Failed).partition(|rule| fail_on.counts(rule.level));
    let (binding, known): (Vec<_>, Vec<_>) = required.into_iter().partition(|rule| run.is_new(rule));
    if !excused.is_empty() {
        page.section(tone_of(Verdict::Tolerated), "Failed (not required)");
        failures(page, run, &excused, tone_of(Verdict::Tolerated));
    }
    if !known.is_empty() {
        page.section(tone_of(Verdict::Tolerated), "Failed (known from the baseline)");
        failures(page, run, &known, tone_of(Verdict::Tolerated));
    }
    if !binding.is_empty() {
        page.section(tone_of(Verdict::Failed), "Failed");
        failures(page, run, &binding, tone_of(Verdict::Failed));
    }
}

fn failures(page: &mut Page, run: &Run, rules: &[&RuleResult], tone: Tone) {
    for (index, rule) in rules.iter().enumerate() {
        if index > 0 {
            page.gap();
        }
        page.rule(tone, rule, &rule.text);
        page.fact(&Fact::broken("source", &rule.source.join(", ")));
        if let Some(reason) = &rule.reason {
            page.fact(&Fact::broken("note", reason));
        }
        let groups = facts::grouped(rule);
        for (index, findings) in groups.iter().take(TOLD).enumerate() {
            if index > 0 {
                page.gap();
            }
            page.facts(&facts::of_findings(findings));
        }
        for (index, place) in facts::elsewhere(&groups, TOLD).iter().enumerate() {
            page.fact(&Fact::whole(if index == 0 { "also at" } else { "" }, place));
        }
        if let Some(rerun) = facts::rerun(run, rule) {
            page.fact(&rerun);
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

/// The reason for a verdict in one line.
pub(super) fn why(rule: &RuleResult) -> &str {
    let observed = rule.deciding().map(|finding| finding.observed.as_str()).next();
    observed.or(rule.reason.as_deref()).unwrap_or("no reason given")
}

pub(super) fn of(run: &Run, verdict: Verdict) -> impl Iterator<Item = &RuleResult> {
    run.rules.iter().filter(move |rule| rule.verdict == verdict)
}
