//! A load run for a terminal: what was offered and what was reached, a line for each phase, then what a reader must know.
//!
//! ```text
//! steady against staging at https://staging.example.test/
//! open model: 100/s, poisson arrivals, at most 16 in flight; 200 scheduled; uptake 0.1.0, seed 7
//!
//! uploads    198 completed, 99.0/s; 2 failed (1.000 %)
//! goodput    99.0 MiB/s: 198.0 MiB acknowledged in 198 segments
//! sent       200.0 MiB in 200 requests, 1 repeated; 201.0 MiB on the wire
//! generator  2 threads, busiest at 12 % of a processor; at most 8 connections; 20.0 MiB of memory
//!
//!  phase    samples       p50       p90        p95        p99      p99.9       max
//! ────────────────────────────────────────────────────────────────────────────────
//!  upload       198   4.00 ms   5.00 ms  2.500 s *  2.500 s *  2.500 s *   2.500 s
//!  service      198   3.90 ms   3.90 ms  3.90 ms *  3.90 ms *  1.000 s *   1.000 s
//! upload: response time, from the instant at which an upload was due; service: from its start
//! * fewer than 10 samples lie beyond this percentile
//!
//! FAILED: upload.p99 > 2s: 2.500 s (seed 7, exit code 1)
//! ```

use std::fmt::Write as _;

use super::{
    page::Page,
    style::{Style, Tone, tone_of_exit},
};
use crate::figures::{MIN_BEYOND, micros, percentiles, rate, threshold_text};
use crate::text::one_line;
use uptake_outcome::Exit;
use uptake_outcome::load::{LoadEnding, LoadRun, Offered, Phase, PhaseResult, ServerOwner};
use uptake_outcome::text::{bytes, count, duration};

/// `run` for a terminal.
pub fn load_terminal(run: &LoadRun, style: Style) -> String {
    let mut page = Page::new(style);
    head(&mut page, run);
    totals(&mut page, run);
    phases(&mut page, run);
    section(&mut page, Tone::Quiet, "Notes", &run.warnings);
    errors(&mut page, run);
    let title = "The load generator was the bottleneck, so the figures do not describe the target";
    section(&mut page, Tone::Doubt, title, &run.saturation);
    thresholds(&mut page, run);
    page.gap();
    page.strong(tone_of_exit(run.exit()), &load_sentence(run));
    page.text()
}

/// What `run` came to, and the exit code that follows from it.
pub fn load_sentence(run: &LoadRun) -> String {
    let exit = run.exit();
    let broken: Vec<String> = run.broken().map(|threshold| one_line(&threshold_text(threshold))).collect();
    let what = match (exit, &run.ending) {
        (_, LoadEnding::NotWritten { why }) => format!("REPORT NOT WRITTEN: {why}; {}", counts(run)),
        (Exit::Interrupted, _) => format!("INTERRUPTED: {}", counts(run)),
        (Exit::CouldNotTest, _) if run.is_saturated() => {
            "COULD NOT TEST: the load generator was the bottleneck (--allow-saturated accepts that)"
                .to_owned()
        }
        (Exit::CouldNotTest, _) => "COULD NOT TEST: no upload got a response".to_owned(),
        (Exit::NothingTested, _) => "NOTHING MEASURED: no upload was completed".to_owned(),
        (Exit::Failed, LoadEnding::Aborted { why }) => format!("ABORTED: {why}"),
        (Exit::Failed, _) => format!("FAILED: {}", broken.join("; ")),
        _ => format!("DONE: {}", counts(run)),
    };
    format!("{what}, in {} (seed {}, exit code {})", duration(run.took_seconds), run.seed, exit.code())
}

fn counts(run: &LoadRun) -> String {
    let summary = &run.summary;
    let uploads = count(summary.uploads, "upload");
    format!("{uploads}, {:.1}/s, {} failed", summary.uploads_per_second, summary.errors)
}

fn head(page: &mut Page, run: &LoadRun) {
    let target = &run.target;
    let owner = match target.owner {
        ServerOwner::Own => " (uptake's own server, in this process)",
        ServerOwner::Named => "",
    };
    let (name, base_url) = (one_line(&target.name), one_line(&target.address()));
    page.strong(Tone::Plain, &format!("{} against {name} at {base_url}{owner}", one_line(&run.name)));
    let model = match &run.offered {
        Offered::Open { rate, arrivals, max_in_flight, arrivals_due } => {
            format!(
                "open model: {rate}, {arrivals} arrivals, at most {max_in_flight} at once; {} due",
                count(*arrivals_due, "upload")
            )
        }
        Offered::Closed { uploaders, think } => {
            format!("closed model: {}, think time {think}", count(*uploaders, "uploader"))
        }
    };
    page.broken(&format!("{model}; uptake {}, seed {}", run.uptake, run.seed));
}

fn totals(page: &mut Page, run: &LoadRun) {
    let summary = &run.summary;
    page.gap();
    let mut uploads = format!(
        "uploads    {} completed, {:.1}/s; {} failed ({:.3} %)",
        summary.uploads,
        summary.uploads_per_second,
        summary.errors,
        summary.error_share * 100.0
    );
    for (number, word) in [
        (summary.abandoned, "abandoned"),
        (summary.resumed, "resumed"),
        (summary.given_up, "given up after too many lost connections"),
        (summary.verified, "verified"),
        (summary.not_started, "due but never started"),
        (summary.unfinished, "cut off at the end"),
    ] {
        if number > 0 {
            write!(uploads, "; {number} {word}").expect("writing to a String cannot fail");
        }
    }
    page.raw(&uploads);
    if summary.dropped > 0 {
        page.raw(&format!(
            "dropped    {} on purpose, in the middle of a segment",
            count(summary.dropped, "connection")
        ));
    }
    let repeated = if summary.retries > 0 { format!(", {} retried", summary.retries) } else { String::new() };
    page.raw(&format!(
        "goodput    {}: {} acknowledged in {}",
        rate(summary.goodput_bytes_per_second),
        bytes(summary.goodput_bytes),
        count(summary.segments, "segment")
    ));
    page.raw(&format!(
        "sent       {} in {}{repeated}; {} on the wire",
        bytes(summary.bytes_sent),
        count(summary.requests, "request"),
        bytes(summary.bytes_on_wire)
    ));
    let generator = &run.generator;
    page.raw(&format!(
        "generator  {}, busiest at {:.0} % of a processor; at most {}; {} of memory",
        count(generator.threads, "thread"),
        generator.cpu_busiest * 100.0,
        count(summary.connections_peak, "connection"),
        bytes(generator.resident_bytes)
    ));
}

fn phases(page: &mut Page, run: &LoadRun) {
    if run.phases.is_empty() {
        return;
    }
    let heading =
        ["phase", "samples", "p50", "p90", "p95", "p99", "p99.9", "max"].map(str::to_owned).to_vec();
    let rows = run.phases.iter().map(|(phase, result)| row(*phase, result));
    let records: Vec<Vec<String>> = std::iter::once(heading).chain(rows).collect();
    page.figures(&records);
    if run.phases.contains_key(&Phase::Upload) && matches!(run.offered, Offered::Open { .. }) {
        let text =
            "upload: response time, from the instant at which an upload was due; service: from its start";
        page.broken(text);
    }
    if run.phases.contains_key(&Phase::Paced) {
        page.broken(
            "paced: time for which an upload waited for its own client; service and segment exclude it",
        );
    }
    if records.iter().flatten().any(|cell| cell.ends_with('*')) {
        page.broken(&format!("* fewer than {MIN_BEYOND} samples lie beyond this percentile"));
    }
    let clipped: u64 = run.phases.values().map(|result| result.clipped).sum();
    if clipped > 0 {
        page.broken(&format!("{} above an hour, counted as one hour", count(clipped, "sample")));
    }
}

fn row(phase: Phase, result: &PhaseResult) -> Vec<String> {
    let mut cells = vec![phase.word().to_owned(), result.count.to_string()];
    cells.extend(percentiles(result).map(|(value, is_supported)| {
        let mark = if is_supported { "" } else { " *" };
        format!("{}{mark}", micros(value))
    }));
    cells.push(micros(result.max));
    cells
}

fn section(page: &mut Page, tone: Tone, title: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    page.section(tone, title);
    for item in items {
        page.item(&one_line(item));
    }
}

fn errors(page: &mut Page, run: &LoadRun) {
    let lines: Vec<String> = run
        .errors
        .iter()
        .map(|error| {
            let status = error.status.map(|status| format!(" {status}")).unwrap_or_default();
            format!("{} x {}, {}{status}: {}", error.count, error.step, error.class, error.text)
        })
        .collect();
    section(page, Tone::Bad, "Errors", &lines);
}

fn thresholds(page: &mut Page, run: &LoadRun) {
    if run.thresholds.is_empty() {
        return;
    }
    let tone = if run.broken().next().is_some() { Tone::Bad } else { Tone::Good };
    page.section(tone, "Thresholds");
    for threshold in &run.thresholds {
        let word = if threshold.broken { "failed:" } else { "ok:    " };
        page.item(&format!("{word} {}", one_line(&threshold_text(threshold))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::sample;

    #[test]
    fn a_run_that_broke_a_threshold() {
        insta::assert_snapshot!(load_terminal(&sample::run(), Style::plain(100)));
    }

    #[test]
    fn a_run_with_lost_connections_and_paced_clients() {
        let mut run = sample::run();
        run.summary.dropped = 7;
        run.summary.resumed = 4;
        run.summary.given_up = 1;
        run.phases.insert(Phase::Paced, run.phases[&Phase::Service].clone());
        insta::assert_snapshot!(load_terminal(&run, Style::plain(100)));
    }

    #[test]
    fn a_generator_that_was_the_bottleneck_says_so() {
        let run = LoadRun { saturation: vec!["the schedule lagged".to_owned()], ..sample::run() };
        let text = load_terminal(&run, Style::plain(100));
        assert!(
            text.contains("The load generator was the bottleneck, so the figures do not describe the target\n  the schedule lagged"),
            "{text}"
        );
        assert!(text.contains("exit code 3"), "{text}");
        let allowed = LoadRun { saturation_allowed: true, thresholds: Vec::new(), ..run };
        assert!(load_sentence(&allowed).starts_with("DONE"));
    }
}
