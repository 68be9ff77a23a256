//! The run as Markdown, for the summary of a job or a comment on a change.
//!
//! ```markdown
//! ## uptake: api-video against staging
//!
//! **FAILED: 39 rules: 1 failed, 38 passed, in 3.2 s (seed 7, exit code 1)**
//!
//! | area | rules | passed | failed |
//! | --- | ---: | ---: | ---: |
//! | bytes | 2 | 1 | 1 |
//!
//! ### Failed
//!
//! <details><summary><b>BYTES-07</b> (must) A range of 5 MiB …</summary>
//! ```
//!
//! Responses stand in fenced blocks, or with every character escaped that means something in Markdown or HTML.

use std::fmt::Write as _;

use super::{
    facts::{self, COLUMNS},
    sentence,
    text::one_line,
};
use uptake_outcome::text::count;
use uptake_outcome::{FailOn, RuleResult, Run, Verdict};

/// How many failures of one rule are shown in full: GitHub accepts summaries of up to 1 MiB.
const TOLD: usize = 3;

/// `run` as Markdown.
pub fn markdown(run: &Run, fail_on: FailOn) -> String {
    let mut text = String::new();
    line(&mut text, &format!("## uptake: {} against {}", plain(&run.suite), plain(&run.target.name)));
    line(&mut text, &format!("**{}**", plain(&sentence(run, fail_on))));
    warnings(&mut text, run);
    table(&mut text, run);
    baseline(&mut text, run);
    failed(&mut text, run, fail_on);
    unjudged(&mut text, run, Verdict::Blocked);
    unjudged(&mut text, run, Verdict::Inconclusive);
    waived(&mut text, run);
    listed(
        &mut text,
        run,
        Verdict::Tolerated,
        "Tolerated (deviates from the documentation, but the rule allows it)",
    );
    unjudged(&mut text, run, Verdict::Suspended);
    unjudged(&mut text, run, Verdict::NotApplicable);
    unjudged(&mut text, run, Verdict::NotCovered);
    leftovers(&mut text, run);
    let target = format!(
        "{} at {}, {}, uptake {}, {}",
        run.target.name,
        run.target.address(),
        count(run.summary.requests, "request"),
        run.uptake,
        run.started_at
    );
    add(&mut text, &format!("<sub>{}</sub>\n", plain(&target)));
    text
}

fn add(text: &mut String, more: &str) {
    text.push_str(more);
}

fn line(text: &mut String, line: &str) {
    add(text, line);
    add(text, "\n\n");
}

/// A text on one line that is shown as it is. Where it stands in HTML, entities are read all the same.
fn plain(text: &str) -> String {
    let mut shown = String::new();
    for c in one_line(text).chars() {
        match c {
            '&' | '<' | '>' | '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' | '@' | '$' => {
                write!(shown, "&#{};", u32::from(c)).expect("writing to a String cannot fail");
            }
            c => shown.push(c),
        }
    }
    shown
}

/// A text between fences that are longer than any that it holds.
fn fenced(text: &str) -> String {
    let mut longest = 0;
    let mut here = 0;
    for c in text.chars() {
        here = if c == '`' { here + 1 } else { 0 };
        longest = longest.max(here);
    }
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}text\n{text}\n{fence}")
}

fn warnings(text: &mut String, run: &Run) {
    if run.warnings.is_empty() {
        return;
    }
    text.push_str("> [!WARNING]\n");
    for warning in &run.warnings {
        add(text, &format!("> - {}\n", plain(warning)));
    }
    text.push('\n');
}

fn table(text: &mut String, run: &Run) {
    if run.rules.is_empty() {
        return;
    }
    let has = |verdict: &Verdict| run.rules.iter().any(|rule| rule.verdict == *verdict);
    let columns: Vec<Verdict> = COLUMNS.into_iter().filter(has).collect();
    let mut heads = vec!["area", "rules"];
    heads.extend(columns.iter().map(|verdict| verdict.word()));
    add(text, &format!("| {} |\n| --- | ---: |{}\n", heads.join(" | "), " ---: |".repeat(columns.len())));
    let mut areas: Vec<&str> = Vec::new();
    for rule in &run.rules {
        if !areas.contains(&rule.area.as_str()) {
            areas.push(&rule.area);
        }
    }
    let mut row = |name: &str, chosen: &dyn Fn(&RuleResult) -> bool| {
        let rules: Vec<_> = run.rules.iter().filter(|rule| chosen(rule)).collect();
        add(text, &format!("| {} | {} |", plain(name), rules.len()));
        for verdict in &columns {
            let number = rules.iter().filter(|rule| rule.verdict == *verdict).count();
            let cell = if number == 0 { String::new() } else { format!("{number} ") };
            add(text, &format!(" {cell}|"));
        }
        text.push('\n');
    };
    for area in &areas {
        row(area, &|rule| rule.area == *area);
    }
    if areas.len() > 1 {
        row("all", &|_| true);
    }
    text.push('\n');
}

fn baseline(text: &mut String, run: &Run) {
    let Some(baseline) = &run.baseline else { return };
    line(text, &format!("### Compared with the baseline of {}", plain(&baseline.started_at)));
    for (title, changes) in [("worse", &baseline.worse), ("better", &baseline.better)] {
        for change in changes {
            add(text, &format!("- {title}: {}\n", plain(&change.words())));
        }
    }
    if !baseline.known.is_empty() {
        let rules = count(baseline.known.len(), "rule");
        add(text, &format!("- known failures: {rules}: {}\n", plain(&baseline.known.join(" "))));
    }
    if baseline.worse.is_empty() && baseline.better.is_empty() {
        text.push_str("- no change\n");
    }
    text.push('\n');
}

fn of(run: &Run, verdict: Verdict) -> Vec<&RuleResult> {
    run.rules.iter().filter(|rule| rule.verdict == verdict).collect()
}

fn failed(text: &mut String, run: &Run, fail_on: FailOn) {
    let counts = |rule: &&RuleResult| fail_on.counts(rule.level) && run.is_new(rule);
    let (binding, excused): (Vec<_>, Vec<_>) = of(run, Verdict::Failed).into_iter().partition(counts);
    for (title, rules) in
        [("Failed", binding), ("Failed (not required, or known from the baseline)", excused)]
    {
        if rules.is_empty() {
            continue;
        }
        line(text, &format!("### {title}"));
        for rule in rules {
            details(text, run, rule);
        }
    }
}

/// A rule with all its findings, folded up.
fn details(text: &mut String, run: &Run, rule: &RuleResult) {
    line(
        text,
        &format!(
            "<details><summary><b>{}</b> ({}) {}</summary>",
            plain(&rule.id),
            rule.level,
            plain(&rule.text)
        ),
    );
    if let Some(reason) = &rule.reason {
        line(text, &plain(reason));
    }
    let groups = facts::grouped(rule);
    for findings in groups.iter().take(TOLD) {
        line(text, &fenced(&facts::lines(&facts::of_findings(findings))));
    }
    for place in facts::elsewhere(&groups, TOLD) {
        line(text, &format!("also at {}", plain(&place)));
    }
    if let Some(rerun) = facts::rerun(run, rule) {
        line(text, &fenced(&facts::lines(&[rerun])));
    }
    line(text, "</details>");
}

fn waived(text: &mut String, run: &Run) {
    let rules = of(run, Verdict::Waived);
    if rules.is_empty() {
        return;
    }
    line(text, "### Waived (known failures)");
    text.push_str("| rule | | reason | until |\n| --- | --- | --- | --- |\n");
    for rule in rules {
        let (reason, until) = match run.waiver_of(&rule.id) {
            Some(result) => {
                let issue =
                    result.waiver.issue.as_ref().map_or_else(String::new, |issue| format!(" ({issue})"));
                (format!("{}{issue}", result.waiver.reason), result.waiver.until.as_str())
            }
            None => (rule.reason.clone().unwrap_or_default(), ""),
        };
        add(
            text,
            &format!(
                "| {} | {} | {} | {} |\n",
                plain(&rule.id),
                plain(&rule.text),
                plain(&reason),
                plain(until)
            ),
        );
    }
    text.push('\n');
}

fn listed(text: &mut String, run: &Run, verdict: Verdict, title: &str) {
    let rules = of(run, verdict);
    if rules.is_empty() {
        return;
    }
    line(text, &format!("### {title}"));
    for rule in rules {
        add(text, &format!("- {} ({}) {}", plain(&rule.id), rule.level, plain(&rule.text)));
        if let Some(finding) = rule.deciding().next() {
            add(
                text,
                &format!(
                    ": expected {}, got {} ({})",
                    plain(&finding.expected),
                    plain(&finding.observed),
                    plain(&finding.place.to_string())
                ),
            );
        }
        text.push('\n');
    }
    text.push('\n');
}

/// Rules that were not tested: each reason once, with its rules.
fn unjudged(text: &mut String, run: &Run, verdict: Verdict) {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for rule in of(run, verdict) {
        let first = rule.deciding().next();
        let cause = first.and_then(|finding| finding.cause).and_then(|index| run.causes.get(index));
        let reason = match (cause, &rule.reason, first) {
            (Some(cause), _, _) => format!("{} ({})", cause.text, cause.place),
            (None, Some(reason), _) => reason.clone(),
            (None, None, Some(finding)) => finding.observed.clone(),
            (None, None, None) => "no reason given".to_owned(),
        };
        match groups.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, rules)) => rules.push(&rule.id),
            None => groups.push((reason, vec![&rule.id])),
        }
    }
    if groups.is_empty() {
        return;
    }
    let word = verdict.word();
    line(text, &format!("### {}{}", word[..1].to_uppercase(), &word[1..]));
    for (reason, rules) in groups {
        add(
            text,
            &format!("- {}: {}: {}\n", count(rules.len(), "rule"), plain(&reason), plain(&rules.join(" "))),
        );
    }
    text.push('\n');
}

fn leftovers(text: &mut String, run: &Run) {
    if run.leftovers.is_empty() {
        return;
    }
    line(text, "### Not cleaned up (created by this run and not removed)");
    for leftover in &run.leftovers {
        add(
            text,
            &format!(
                "- {} ({}): {}\n",
                plain(&leftover.what),
                plain(&leftover.scenario),
                plain(&leftover.why)
            ),
        );
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::{fenced, markdown, plain};
    use crate::sample;
    use uptake_outcome::{FailOn, Verdict};

    #[test]
    fn a_run_of_every_verdict() {
        insta::assert_snapshot!(markdown(&sample::waived(), FailOn::Must));
    }

    #[test]
    fn every_rule_that_did_not_pass_is_named() {
        let run = sample::run();
        let text = markdown(&run, FailOn::Must);
        for rule in run.rules.iter().filter(|rule| rule.verdict != Verdict::Passed) {
            assert!(text.contains(&rule.id), "{} is {}", rule.id, rule.verdict);
        }
    }

    #[test]
    fn what_a_target_answers_cannot_write_markdown_or_html() {
        let shown = plain("</details> <img src=x> | **x** [a](b) `c` @team #1 &amp;");
        assert!(!shown.contains(['<', '>', '|', '*', '[', ']', '`', '@']), "{shown}");
        let mut run = sample::run();
        for finding in run.rules.iter_mut().flat_map(|rule| &mut rule.findings) {
            finding.observed = "```\n</details>\n# Passed".to_owned();
        }
        let text = markdown(&run, FailOn::Must);
        assert!(text.contains("````text\n"), "the fence is longer than what it holds: {text}");
        assert_eq!(fenced("a"), "```text\na\n```");
    }
}
