//! The run as workflow commands, which GitHub shows as annotations at the scenario's file and line.
//!
//! ```text
//! ::error title=uptake::FAILED: 39 rules: 1 failed, 38 passed, in 3.2 s (seed 7, exit code 1)
//! ::error file=scenarios/api-video/bytes/sizes.yaml,line=14,col=7,title=BYTES-07 (must) failed::A range of 5 MiB …%0Aexpected …
//! ::warning file=waivers.yaml,line=3,col=9,title=BYTES-11 waiver::stale waiver: BYTES-11 no longer fails; …
//! ```
//!
//! One annotation for each rule. GitHub shows ten of each kind for a step, so the summary comes first, then what fails the
//! gate, then the rest.

use super::{
    facts::{self, Flow},
    sentence,
    text::{clipped, visible},
};
use uptake_outcome::{Exit, FailOn, Place, RuleResult, Run, Verdict};

/// The severity of an annotation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Error,
    Warning,
    Notice,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// `run` as workflow commands, one a line.
pub fn github(run: &Run, fail_on: FailOn) -> String {
    let kind = match run.exit(fail_on) {
        Exit::Success => Kind::Notice,
        Exit::Suspended => Kind::Warning,
        _ => Kind::Error,
    };
    let mut lines = vec![command(kind, None, "uptake", &sentence(run, fail_on))];
    let mut rules: Vec<_> =
        run.rules.iter().filter_map(|rule| Some((severity(run, rule, fail_on)?, rule))).collect();
    rules.sort_by_key(|(kind, _)| *kind as u8);
    lines.extend(rules.into_iter().map(|(kind, rule)| annotation(run, kind, rule)));
    // What became of waivers stands in the warnings too; there it has no place.
    let waivers: Vec<_> = run.waivers.iter().filter_map(|result| Some((result, result.warning()?))).collect();
    for (result, warning) in &waivers {
        let title = format!("{} waiver", result.waiver.rule);
        lines.push(command(Kind::Warning, Some(&result.waiver.place), &title, warning));
    }
    for warning in run.warnings.iter().filter(|text| !waivers.iter().any(|(_, told)| told == *text)) {
        lines.push(command(Kind::Warning, None, "uptake", warning));
    }
    for change in run.baseline.iter().flat_map(|baseline| &baseline.better) {
        lines.push(command(Kind::Notice, None, "better than the baseline", &change.words()));
    }
    for leftover in &run.leftovers {
        lines.push(command(
            Kind::Warning,
            None,
            "not cleaned up",
            &format!("{}: {}", leftover.what, leftover.why),
        ));
    }
    lines.join("\n") + "\n"
}

/// The severity of a verdict; `None` where there is nothing to do.
fn severity(run: &Run, rule: &RuleResult, fail_on: FailOn) -> Option<Kind> {
    match rule.verdict {
        Verdict::Failed | Verdict::Blocked | Verdict::Inconclusive => {
            let counts = fail_on.counts(rule.level) && run.is_new(rule);
            Some(if counts { Kind::Error } else { Kind::Warning })
        }
        Verdict::Waived | Verdict::Tolerated | Verdict::Suspended => Some(Kind::Notice),
        Verdict::Passed | Verdict::NotApplicable | Verdict::NotCovered => None,
    }
}

fn annotation(run: &Run, kind: Kind, rule: &RuleResult) -> String {
    const CLIP: usize = 400;
    let title = format!("{} ({}) {}", rule.id, rule.level, rule.verdict);
    let mut lines = vec![rule.text.clone()];
    lines.extend(rule.reason.clone());
    let groups = facts::grouped(rule);
    if let Some(findings) = groups.first() {
        if let Some(cause) = findings[0].cause.and_then(|index| run.causes.get(index)) {
            lines.push(format!("cause: {}", cause.text));
        } else {
            let rerun = (rule.verdict == Verdict::Failed).then(|| facts::rerun(run, rule)).flatten();
            lines.extend(facts::of_findings(findings).into_iter().chain(rerun).map(|fact| match fact.flow {
                Flow::Clipped => format!("{}: {}", fact.label, clipped(&fact.text, CLIP)),
                Flow::Broken | Flow::Whole => format!("{}: {}", fact.label, fact.text),
            }));
        }
    }
    lines.extend(facts::elsewhere(&groups, 1).iter().map(|place| format!("also at {place}")));
    command(kind, groups.first().map(|findings| &findings[0].place), &title, &lines.join("\n"))
}

/// A workflow command. A property may hold neither a colon nor a comma as it is, and nothing may hold a line end.
fn command(kind: Kind, place: Option<&Place>, title: &str, message: &str) -> String {
    let place = place.map_or_else(String::new, |place| {
        format!("file={},line={},col={},", property(&place.file), place.line, place.column)
    });
    format!("::{} {place}title={}::{}", kind.word(), property(title), data(message))
}

fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{command, github};
    use crate::{github::Kind, sample};
    use uptake_outcome::{FailOn, Place, Verdict};

    #[test]
    fn a_run_of_every_verdict() {
        insta::assert_snapshot!(github(&sample::waived(), FailOn::Must));
    }

    #[test]
    fn what_means_something_to_github_is_escaped() {
        let place = Place { file: "a,b:c%.yaml".to_owned(), line: 3, column: 1 };
        assert_eq!(
            command(Kind::Error, Some(&place), "x: y, z", "100 %\nend\r::error::not a command, only: text"),
            "::error file=a%2Cb%3Ac%25.yaml,line=3,col=1,title=x%3A y%2C z::\
             100 %25%0Aend\\u{d}::error::not a command, only: text"
        );
    }

    #[test]
    fn every_line_is_one_command_and_what_fails_the_gate_comes_first() {
        let run = sample::run();
        let text = github(&run, FailOn::Must);
        let kinds: Vec<&str> = text
            .lines()
            .map(|line| line.strip_prefix("::").and_then(|line| line.split(' ').next()).expect("a command"))
            .collect();
        let failed = run.rules.iter().filter(|rule| rule.verdict == Verdict::Failed).count();
        assert!(failed > 0 && kinds[0] == "error", "{text}");
        let last_error = kinds.iter().rposition(|kind| *kind == "error").expect("there is one");
        assert!(kinds[..last_error].iter().all(|kind| *kind == "error"), "{kinds:?}");
    }
}
