//! The run as a person reads it, on a terminal or at the end of a CI log.
//!
//! What matters most comes last, where the reader looks when a run ends: the table, then notes, then rules that could not be
//! tested, then failures, then the summary.
//!
//! ```text
//! api-video against staging at https://staging.example.test
//! 58 scenarios, 612 requests, 1.1 GiB sent, uptake 0.1.0, seed 7
//!
//!  area    rules   passed   failed
//! ─────────────────────────────────
//!  auth       15       15
//!  bytes      24       23        1
//! ─────────────────────────────────
//!  all        39       38        1
//!
//! Failed
//!   BYTES-07  must  A byte range of 5 MiB less one byte that is not the last is refused with 400
//!     source    ref/video-content-range-by-bytes-range-too-small
//!     at        scenarios/api-video/bytes/sizes.yaml:14:7
//!     scenario  A range a byte too small
//!     step      send 5 MiB less one byte
//!     expected  status 400
//!     got       status 201
//!     response  201 {"videoId": "vi42", "title": "clip.mp4"}
//!     curl      curl -X POST 'https://staging.example.test/upload?token=***'
//!
//! FAILED: 39 rules: 1 failed, 38 passed, in 3.2 s (seed 7, exit code 1)
//! ```

mod capacity;
mod comparison;
mod forecast;
mod load;
mod matrix;
mod page;
mod sections;
mod servers;
mod slowest;
mod style;
mod table;
mod unjudged;

pub use capacity::{capacity_sentence, capacity_terminal};
pub use comparison::comparison_terminal;
pub use forecast::forecast_terminal;
pub use load::{load_sentence, load_terminal};
pub(crate) use matrix::matrix_heading;
pub use matrix::{matrix_sentence, matrix_terminal};
pub use servers::{servers_sentence, servers_terminal};
pub use style::Style;

use self::{
    page::Page,
    style::{Tone, tone_of_exit},
};
use super::{sentence, text::one_line};
use uptake_outcome::text::{bytes, count, duration};
use uptake_outcome::{ClockSource, Ending, FailOn, Run};

/// `run` for a terminal.
pub fn terminal(run: &Run, style: Style, fail_on: FailOn) -> String {
    let mut page = Page::new(style);
    head(&mut page, run);
    let never_began = !matches!(run.ending, Ending::Completed | Ending::Interrupted)
        && !run.rules.iter().any(|rule| rule.verdict.is_judged());
    // Where nothing could be tested, a table of zeros would hide the reason.
    if !never_began {
        table::areas(&mut page, run);
        unjudged::not_covered(&mut page, run);
        unjudged::by_reason(&mut page, run);
        sections::observed(&mut page, run);
        sections::tolerated(&mut page, run);
        sections::waived(&mut page, run);
    }
    slowest::scenarios(&mut page, run);
    sections::warnings(&mut page, run);
    sections::retries(&mut page, run);
    sections::baseline(&mut page, run);
    sections::leftovers(&mut page, run);
    unjudged::inconclusive(&mut page, run);
    unjudged::blocked(&mut page, run);
    sections::failed(&mut page, run, fail_on);
    page.gap();
    page.strong(tone_of_exit(run.exit(fail_on)), &sentence(run, fail_on));
    page.text()
}

fn head(page: &mut Page, run: &Run) {
    let target = &run.target;
    page.strong(
        Tone::Plain,
        &format!(
            "{} against {} at {}",
            one_line(&run.suite),
            one_line(&target.name),
            one_line(&target.address())
        ),
    );
    page.broken(&format!(
        "{}, {}, {} sent, uptake {}, seed {}",
        count(run.summary.scenarios, "scenario"),
        count(run.summary.requests, "request"),
        bytes(run.summary.bytes_sent),
        run.uptake,
        run.seed
    ));
    for said in [paced(run), clock(run), abilities(run)].into_iter().flatten() {
        page.broken(&said);
    }
}

/// The offset of the target's clock, where there is one.
fn clock(run: &Run) -> Option<String> {
    let by_creation = run.clocks.used == Some(ClockSource::Created);
    let first = if by_creation { run.clocks.created } else { run.clocks.date };
    let reading = first.or(run.clocks.date).or(run.clocks.created)?;
    let (offset, unsure) = (reading.offset_seconds, reading.uncertainty_seconds);
    (offset.abs() > unsure + 0.5).then(|| {
        let way = if offset > 0.0 { "ahead of" } else { "behind" };
        let by = if by_creation { ", by creation dates" } else { "" };
        format!("target clock: {} {way} the local clock (± {unsure:.1} s{by})", duration(offset.abs()))
    })
}

/// The capabilities that were detected, and those that are missing.
fn abilities(run: &Run) -> Option<String> {
    let named = |able: bool| {
        let names = run.capabilities.iter().filter(|finding| finding.detected == Some(able));
        names.map(|finding| one_line(&finding.name)).collect::<Vec<_>>().join(", ")
    };
    let parts: Vec<_> = [("detected capabilities", named(true)), ("missing", named(false))]
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(word, names)| format!("{word}: {names}"))
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// What keeping to the target's rate limits took; `None` where it took nothing.
fn paced(run: &Run) -> Option<String> {
    let pacing = &run.pacing;
    let mut parts = Vec::new();
    if pacing.waited_seconds >= 0.1 {
        parts.push(format!("waited {} for the target's rate limits", duration(pacing.waited_seconds)));
    }
    if pacing.turned_seconds > 0 {
        let turned = std::time::Duration::from_secs(pacing.turned_seconds).as_secs_f64();
        parts.push(format!("advanced the target's clock by {} instead of waiting", duration(turned)));
    }
    if pacing.answered_429 > 0 {
        parts.push(format!("{} with status 429", count(pacing.answered_429, "response")));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{Style, terminal};
    use crate::{sample, sentence};
    use uptake_outcome::{FailOn, Run, Verdict};

    fn plain(run: &Run) -> String {
        terminal(run, Style::plain(100), FailOn::Must)
    }

    #[test]
    fn a_run_of_every_verdict() {
        insta::assert_snapshot!(plain(&sample::run()));
    }

    #[test]
    fn a_run_of_every_verdict_in_colour() {
        insta::assert_snapshot!(
            terminal(&sample::run(), Style::coloured(100), FailOn::Must).replace('\u{1b}', "␛")
        );
    }

    #[test]
    fn a_run_held_against_waivers_and_a_baseline() {
        insta::assert_snapshot!(plain(&sample::waived()));
    }

    #[test]
    fn a_run_in_which_all_passed() {
        insta::assert_snapshot!(plain(&sample::green()));
    }

    #[test]
    fn a_target_out_of_reach() {
        insta::assert_snapshot!(plain(&sample::out_of_reach()));
    }

    #[test]
    fn every_rule_that_did_not_pass_is_named() {
        let run = sample::run();
        let text = plain(&run);
        for rule in run.rules.iter().filter(|rule| rule.verdict != Verdict::Passed) {
            assert!(text.contains(&rule.id), "{} is {}", rule.id, rule.verdict);
        }
    }

    #[test]
    fn colour_changes_nothing_but_the_colour() {
        let run = sample::run();
        let coloured = terminal(&run, Style::coloured(100), FailOn::Must);
        let mut bare = String::new();
        let mut rest = coloured.as_str();
        while let Some((before, after)) = rest.split_once("\u{1b}[") {
            bare.push_str(before);
            rest = after.split_once('m').expect("a colour ends with m").1;
        }
        bare.push_str(rest);
        let trimmed = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        assert_eq!(trimmed(&bare), trimmed(&plain(&run)));
    }

    #[test]
    fn nothing_that_a_target_answers_acts_on_the_terminal() {
        let mut run = sample::run();
        for finding in run.rules.iter_mut().flat_map(|rule| &mut rule.findings) {
            finding.observed = "\u{1b}[2Jnothing to see\u{7}\r".to_owned();
            if let Some(exchange) = &mut finding.exchange {
                exchange.answer = "\u{9b}2J".to_owned();
                exchange.curl.push_str(" \u{1b}]0;title\u{7}");
            }
        }
        assert!(!plain(&run).contains(|c: char| c.is_control() && c != '\n'));
    }

    /// The sample, with one rule failed in these lines of a file.
    fn failed_in(lines: std::ops::RangeInclusive<u32>) -> Run {
        let mut run = sample::run();
        let rule = run.rules.iter_mut().find(|rule| rule.id == "BYTES-07").expect("it is in the sample");
        let first = rule.findings[0].clone();
        rule.findings = lines
            .map(|line| {
                let mut finding = first.clone();
                finding.place.line = line;
                finding
            })
            .collect();
        run
    }

    #[test]
    fn a_rule_that_failed_in_many_places_is_told_three_times_and_named_for_the_others() {
        let text = plain(&failed_in(101..=105));
        let told = |line: u32| text.contains(&format!("sizes.yaml:{line}:7"));
        assert!((101..=105).all(told), "every place is named");
        let (_, failures) = text.split_once("\nFailed\n").expect("a rule failed");
        assert_eq!(failures.matches("    expected  ").count(), 3);
    }

    #[test]
    fn a_command_of_several_lines_stays_as_it_is() {
        let mut run = failed_in(1..=1);
        let command = "curl 'https://staging.example.test/' -d '{\n  \"ttl\": 60\n}'";
        for finding in run.rules.iter_mut().flat_map(|rule| &mut rule.findings) {
            finding.exchange.iter_mut().for_each(|exchange| command.clone_into(&mut exchange.curl));
        }
        assert!(plain(&run).contains(command));
    }

    #[test]
    fn a_narrow_page_breaks_prose_and_cuts_answers() {
        let mut run = failed_in(1..=1);
        for finding in run.rules.iter_mut().flat_map(|rule| &mut rule.findings) {
            finding.observed = "many words ".repeat(30);
            finding.exchange.iter_mut().for_each(|exchange| exchange.answer = "x ".repeat(400));
        }
        let text = terminal(&run, Style::plain(72), FailOn::Must);
        let (_, failures) = text.split_once("\nFailed\n").expect("a rule failed");
        let prose = failures.lines().filter(|line| line.starts_with("  ") && !line.contains("  curl  "));
        for line in prose {
            assert!(line.chars().count() <= 72, "{line:?}");
        }
    }

    #[test]
    fn the_last_line_is_the_whole_run_in_one_sentence() {
        for run in [sample::run(), sample::green(), sample::out_of_reach()] {
            assert_eq!(plain(&run).lines().next_back(), Some(&*sentence(&run, FailOn::Must)));
        }
    }
}
