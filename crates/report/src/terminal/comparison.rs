//! Two groups of load runs side by side.
//!
//! ```text
//! old: 3 runs, new: 3 runs
//!
//!  figure              old        new        change   with 95 % confidence
//! ─────────────────────────────────────────────────────────────────────────
//!  rate                198.2/s    201.0/s     +1.4 %  -0.2 % to +3.0 %
//!  upload.p99          12.10 ms   18.33 ms   +51.5 %  +40.1 % to +62.9 %
//! ```

use super::{
    page::Page,
    style::{Style, Tone},
};
use crate::figures::{percent, written};
use uptake_outcome::load::{Difference, Fares, JudgedFigure};
use uptake_outcome::text::count;

/// The comparison for a terminal; `judged` are the figures that were held against a tolerance.
pub fn comparison_terminal(
    differences: &[Difference],
    sizes: (usize, usize),
    judged: &[JudgedFigure],
    style: Style,
) -> String {
    let mut page = Page::new(style);
    page.strong(Tone::Plain, &format!("old: {}, new: {}", count(sizes.0, "run"), count(sizes.1, "run")));
    let is_repeated = differences.iter().any(|difference| difference.interval.is_some());
    let mut heading = vec!["figure", "old", "new", "change"];
    if is_repeated {
        heading.push("with 95 % confidence");
    }
    let heading = heading.into_iter().map(str::to_owned).collect();
    let rows = differences.iter().map(|difference| row(difference, is_repeated));
    let records: Vec<Vec<String>> = std::iter::once(heading).chain(rows).collect();
    page.figures(&records);
    if !is_repeated {
        page.broken(SINGLE);
    }
    if !judged.is_empty() {
        page.gap();
        conclusion(&mut page, judged);
    }
    page.text()
}

const SINGLE: &str = "With a single run on a side, a difference cannot be distinguished from chance: repeat the runs, and compare several with several.";

fn conclusion(page: &mut Page, judged: &[JudgedFigure]) {
    let of = |fares: Fares| judged.iter().filter(move |judged| judged.fares == fares);
    let worse: Vec<String> = of(Fares::Worse)
        .map(|judged| {
            let change = judged.change.map(percent).unwrap_or_default();
            format!("{} {change} (allowed {:.1} %)", judged.figure, judged.allowed * 100.0)
        })
        .collect();
    let unknown: Vec<&str> = of(Fares::Unknown).map(|judged| judged.figure.as_str()).collect();
    if !worse.is_empty() {
        page.strong(Tone::Bad, &format!("WORSE: {}", worse.join(", ")));
    } else if !unknown.is_empty() {
        let text = format!("CANNOT TELL: too few runs measured {}", unknown.join(", "));
        page.strong(Tone::Doubt, &text);
    } else {
        let figures = count(judged.len(), "figure");
        page.strong(
            Tone::Good,
            &format!("NOT WORSE: {figures} within the tolerance, or worse only by chance"),
        );
    }
}

fn row(difference: &Difference, is_repeated: bool) -> Vec<String> {
    let value = |value: f64| written(difference.unit, value);
    let mut cells = vec![
        difference.figure.clone(),
        value(difference.old),
        value(difference.new),
        percent(difference.change),
    ];
    if is_repeated {
        let interval = difference
            .interval
            .map(|interval| format!("{} to {}", percent(interval.low), percent(interval.high)));
        cells.push(interval.unwrap_or_default());
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::sample;
    use uptake_outcome::load::{LoadRun, LoadSummary, Phase, Tolerance, compare, judge};

    fn slower(rate: f64) -> LoadRun {
        let mut run = sample::run();
        run.summary = LoadSummary { uploads_per_second: rate, ..run.summary };
        if let Some(upload) = run.phases.get_mut(&Phase::Upload) {
            upload.p50 *= 2;
        }
        run
    }

    fn text(old: &[LoadRun], new: &[LoadRun]) -> String {
        let differences = compare(old, new);
        let judged = judge(&differences, &[Tolerance { figure: None, allowed: 0.1 }]);
        comparison_terminal(&differences, (old.len(), new.len()), &judged, Style::plain(100))
    }

    #[test]
    fn repeated_runs_side_by_side() {
        let text = text(&[sample::run(), sample::run()], &[slower(80.0), slower(84.0)]);
        assert!(text.starts_with("old: 2 runs, new: 2 runs\n"), "{text}");
        let line =
            |figure: &str| text.lines().find(|line| line.contains(figure)).unwrap_or_default().to_owned();
        assert!(line(" rate ").contains("99.0/s"), "{text}");
        assert!(line(" rate ").contains("82.0/s"), "{text}");
        assert!(line(" rate ").contains("-17.2 %"), "{text}");
        assert!(line("upload.p50").contains("+100.0 %  +100.0 % to +100.0 %"), "{text}");
        assert!(line("WORSE: ").contains("upload.p50 +100.0 % (allowed 10.0 %)"), "{text}");
        // Two runs that differ leave it open whether the rate fell by more than chance.
        assert!(!line("WORSE: ").contains("rate"), "{text}");
    }

    #[test]
    fn a_single_run_on_a_side_proves_nothing() {
        let text = text(&[sample::run()], &[slower(80.0)]);
        assert!(text.contains("a difference cannot be distinguished from chance"), "{text}");
        assert!(text.contains("CANNOT TELL: too few runs measured rate, "), "{text}");
    }
}
