//! Rules that were not tested: each reason once, with its rules.

use super::{
    page::Page,
    sections::{of, why},
    style::tone_of,
};
use crate::facts;
use uptake_outcome::text::count;
use uptake_outcome::{CauseKind, RuleResult, Run, Verdict};

/// Rules that no scenario tested.
pub(super) fn not_covered(page: &mut Page, run: &Run) {
    grouped(page, run, Verdict::NotCovered, "Not covered");
}

/// Rules that do not apply, or that are suspended.
pub(super) fn by_reason(page: &mut Page, run: &Run) {
    grouped(page, run, Verdict::NotApplicable, "Not applicable");
    grouped(page, run, Verdict::Suspended, "Suspended");
    let first = run.suspended.iter().map(|suspended| suspended.from.as_str()).min();
    if let Some((first, folder)) = first.zip(run.folder.as_deref()) {
        page.item(&format!("resume at {first}: uptake resume {folder}"));
    }
}

/// Rules without a result because of the network, a rate limit or the clock.
pub(super) fn inconclusive(page: &mut Page, run: &Run) {
    caused(page, run, Verdict::Inconclusive, &[CauseKind::Network, CauseKind::RateLimit, CauseKind::Time]);
}

/// Rules behind a failed precondition.
pub(super) fn blocked(page: &mut Page, run: &Run) {
    caused(page, run, Verdict::Blocked, &[CauseKind::Precondition]);
}

fn grouped(page: &mut Page, run: &Run, verdict: Verdict, title: &str) {
    let groups = by_why(of(run, verdict));
    if groups.is_empty() {
        return;
    }
    page.section(tone_of(verdict), title);
    for (reason, rules) in groups {
        group(page, reason, &rules);
    }
}

fn caused(page: &mut Page, run: &Run, verdict: Verdict, kinds: &[CauseKind]) {
    let title = if verdict == Verdict::Blocked {
        "Blocked (a precondition failed, so these rules could not be tested)"
    } else {
        "Inconclusive (the network, a rate limit or the clock prevented a result)"
    };
    let causes: Vec<_> =
        run.causes.iter().enumerate().filter(|(_, cause)| kinds.contains(&cause.kind)).collect();
    let others =
        by_why(of(run, verdict).filter(|rule| rule.deciding().all(|finding| finding.cause.is_none())));
    if causes.is_empty() && others.is_empty() {
        return;
    }
    page.section(tone_of(verdict), title);
    for (index, cause) in causes {
        let behind = |rule: &&RuleResult| rule.findings.iter().any(|finding| finding.cause == Some(index));
        let rules: Vec<_> = run.rules.iter().filter(behind).collect();
        group(page, &cause.text, &rules);
        page.facts(&facts::of_cause(cause));
    }
    for (reason, rules) in others {
        group(page, reason, &rules);
    }
}

fn group(page: &mut Page, reason: &str, rules: &[&RuleResult]) {
    page.item(&format!("{}: {reason}", count(rules.len(), "rule")));
    page.ids(rules.iter().copied());
}

fn by_why<'a>(rules: impl Iterator<Item = &'a RuleResult>) -> Vec<(&'a str, Vec<&'a RuleResult>)> {
    let mut groups: Vec<(&str, Vec<&RuleResult>)> = Vec::new();
    for rule in rules {
        let reason = why(rule);
        match groups.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, rules)) => rules.push(rule),
            None => groups.push((reason, vec![rule])),
        }
    }
    groups
}
