//! Two groups of load runs side by side.
//!
//! ```text
//! old: 3 runs, new: 3 runs
//!
//!  figure              old        new        change   with 95 % confidence
//! ─────────────────────────────────────────────────────────────────────────
//!  uploads per second  198.2/s    201.0/s     +1.4 %  -0.2 % to +3.0 %
//!  upload.p99          12.10 ms   18.33 ms   +51.5 %  +40.1 % to +62.9 %
//! ```

use super::{
    load::{micros, rate},
    page::Page,
    style::{Style, Tone},
};
use uptake_outcome::load::{Comparison, Difference, Unit};

/// The comparison for a terminal; figures that are worse by more than `allowed` are named at the end.
pub fn comparison_terminal(
    comparison: &Comparison,
    sizes: (usize, usize),
    allowed: Option<f64>,
    style: Style,
) -> String {
    let mut page = Page::new(style);
    let runs = |number| if number == 1 { "1 run".to_owned() } else { format!("{number} runs") };
    page.strong(Tone::Plain, &format!("old: {}, new: {}", runs(sizes.0), runs(sizes.1)));
    let repeated = comparison.differences.iter().any(|difference| difference.interval.is_some());
    let mut heading = vec!["figure", "old", "new", "change"];
    if repeated {
        heading.push("with 95 % confidence");
    }
    let heading = heading.into_iter().map(str::to_owned).collect();
    let rows = comparison.differences.iter().map(|difference| row(difference, repeated));
    let records: Vec<Vec<String>> = std::iter::once(heading).chain(rows).collect();
    page.figures(&records);
    if !repeated {
        page.broken("One run on a side says nothing of chance; repeat runs to learn how far a difference can be believed.");
    }
    if let Some(allowed) = allowed {
        page.gap();
        verdict(&mut page, comparison, allowed);
    }
    page.text()
}

fn verdict(page: &mut Page, comparison: &Comparison, allowed: f64) {
    let worse: Vec<&Difference> =
        comparison.differences.iter().filter(|difference| difference.is_worse_than(allowed)).collect();
    if worse.is_empty() {
        page.strong(Tone::Good, &format!("NOT WORSE: no figure by more than {:.1} %", allowed * 100.0));
        return;
    }
    let named: Vec<String> = worse
        .iter()
        .map(|difference| format!("{} {}", difference.figure, percent(difference.change())))
        .collect();
    page.strong(Tone::Bad, &format!("WORSE by more than {:.1} %: {}", allowed * 100.0, named.join(", ")));
}

fn row(difference: &Difference, repeated: bool) -> Vec<String> {
    let value = |value: f64| written(difference.unit, value);
    let mut cells = vec![
        difference.figure.clone(),
        value(difference.old),
        value(difference.new),
        percent(difference.change()),
    ];
    if repeated {
        let interval = difference
            .interval
            .map(|interval| format!("{} to {}", percent(interval.low), percent(interval.high)));
        cells.push(interval.unwrap_or_default());
    }
    cells
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "microseconds are no fractions to a reader"
)]
fn written(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Micros => micros(value.round() as u64),
        Unit::PerSecond => format!("{value:.1}/s"),
        Unit::BytesPerSecond => rate(value),
        Unit::Share => format!("{:.3} %", value * 100.0),
    }
}

fn percent(share: f64) -> String {
    if share.is_finite() { format!("{:+.1} %", share * 100.0) } else { "from none".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::sample;
    use uptake_outcome::load::{LoadRun, LoadSummary, Phase, compare};

    fn slower(rate: f64) -> LoadRun {
        let mut run = sample::run();
        run.summary = LoadSummary { uploads_per_second: rate, ..run.summary };
        if let Some(upload) = run.phases.get_mut(&Phase::Upload) {
            upload.p50 *= 2;
        }
        run
    }

    #[test]
    fn repeated_runs_side_by_side() {
        let comparison = compare(&[sample::run(), sample::run()], &[slower(80.0), slower(84.0)]);
        let text = comparison_terminal(&comparison, (2, 2), Some(0.1), Style::plain(100));
        assert!(text.starts_with("old: 2 runs, new: 2 runs\n"), "{text}");
        let line =
            |figure: &str| text.lines().find(|line| line.contains(figure)).unwrap_or_default().to_owned();
        assert!(line("uploads per second").contains("99.0/s"), "{text}");
        assert!(line("uploads per second").contains("82.0/s"), "{text}");
        assert!(line("uploads per second").contains("-17.2 %"), "{text}");
        assert!(line("upload.p50").contains("+100.0 %  +100.0 % to +100.0 %"), "{text}");
        assert!(line("WORSE by more than 10.0 %").contains("upload.p50 +100.0 %"), "{text}");
        // Two runs that differ leave it open whether the rate fell by more than chance.
        assert!(!line("WORSE by more than 10.0 %").contains("uploads per second"), "{text}");
    }

    #[test]
    fn a_single_run_on_a_side_is_told_to_say_nothing_of_chance() {
        let comparison = compare(&[sample::run()], &[sample::run()]);
        let text = comparison_terminal(&comparison, (1, 1), Some(0.1), Style::plain(100));
        assert!(text.contains("says nothing of chance") && text.contains("NOT WORSE"), "{text}");
    }
}
