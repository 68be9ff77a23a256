//! The charts of a load run.

use std::collections::BTreeMap;

use super::chart::{Axis, Cell, Chart, FULL, HALF, Heat, Line, Lines};
use uptake_outcome::load::{LoadRun, Micros, Offered, Phase, Second, decode};

/// The most columns of a heat map; longer runs have several seconds in each.
const COLUMNS: usize = 90;
/// Rows of a heat map in each power of ten.
const ROWS_A_DECADE: f64 = 8.0;

/// The charts of `run`; one that has nothing to show is left out.
pub(super) fn charts(run: &LoadRun) -> Vec<Chart> {
    [percentiles(&[("this run", run)]), latency(run), rates(run), goodput(run)]
        .into_iter()
        .flatten()
        .collect()
}

/// Percentile curves of the response time, one for each run.
pub(super) fn percentiles(runs: &[(&str, &LoadRun)]) -> Option<Chart> {
    let mut lines = Vec::new();
    let mut nines: f64 = 1.0;
    for ((name, run), colour) in runs.iter().zip(1_u8..) {
        let Some(samples) = run.phases.get(&Phase::Upload).and_then(|phase| phase.samples().ok()) else {
            continue;
        };
        if samples.is_empty() {
            continue;
        }
        // As far as ten samples lie beyond, and one step further.
        let depth = real(samples.len()).log10().ceil().clamp(1.0, 5.0);
        nines = nines.max(depth);
        lines.push(Line { name: (*name).to_owned(), colour, points: curve(&samples, depth) });
    }
    let y = log_range(lines.iter().flat_map(|line| &line.points).map(|point| point.1))?;
    Some(Chart::lines(&Lines {
        title: "Response time by percentile",
        text: "From the instant at which an upload was due to the end of its last response; both axes are logarithmic.".to_owned(),
        series: lines,
        x: Axis { range: 0.0..nines, mark: Box::new(percentile_mark), marks: 7 },
        y: Axis { range: y, mark: Box::new(time_mark), marks: 6 },
        size: if runs.len() > 1 { FULL } else { HALF },
    }))
}

fn curve(samples: &Micros, depth: f64) -> Vec<(f64, f64)> {
    let steps = 120;
    (0..=steps)
        .map(|step| depth * f64::from(step) / f64::from(steps))
        .map(|x| (x, real(samples.value_at_quantile(1.0 - 10_f64.powf(-x)).max(1)).log10()))
        .collect()
}

/// Latency over time: a heat map where the histogram of each second was kept, lines otherwise.
fn latency(run: &LoadRun) -> Option<Chart> {
    heat(run).or_else(|| latency_lines(run))
}

fn heat(run: &LoadRun) -> Option<Chart> {
    let kept: Vec<(f64, Micros)> = run
        .intervals
        .iter()
        .filter(|interval| interval.phase == Phase::Upload)
        .filter_map(|interval| Some((interval.start, decode(&interval.histogram).ok()?)))
        .collect();
    let end = kept.iter().map(|(start, _)| start + 1.0).fold(0.0, f64::max);
    let width = (end / real(COLUMNS as u64)).ceil().max(1.0);
    let mut counts: BTreeMap<(i64, i64), u64> = BTreeMap::new();
    for (start, samples) in &kept {
        for value in samples.iter_recorded() {
            let row = (real(value.value_iterated_to().max(1)).log10() * ROWS_A_DECADE).floor();
            *counts.entry((whole(start / width), whole(row))).or_default() += value.count_at_value();
        }
    }
    let most = *counts.values().max()?;
    let rows = || counts.keys().map(|(_, row)| fraction(*row) / ROWS_A_DECADE);
    let range = log_range(rows().chain(rows().map(|row| row + 1.0 / ROWS_A_DECADE)))?;
    let cells = counts.iter().map(|((column, row), count)| Cell {
        from: (fraction(*column) * width, fraction(*row) / ROWS_A_DECADE),
        to: (fraction(*column + 1) * width, fraction(*row + 1) / ROWS_A_DECADE),
        level: level(*count, most),
    });
    Some(Chart::heat(&Heat {
        title: "Response time over time",
        text:
            "The darker a cell, the more uploads ended in that second with that response time (logarithmic)."
                .to_owned(),
        cells: cells.collect(),
        x: Axis { range: 0.0..end.max(1.0), mark: Box::new(second_mark), marks: 8 },
        y: Axis { range, mark: Box::new(time_mark), marks: 6 },
        size: HALF,
    }))
}

/// How dark a cell is: by the logarithm, so that a single slow upload shows.
fn level(count: u64, most: u64) -> u8 {
    let share = (real(count) + 1.0).ln() / (real(most) + 1.0).ln();
    u8::try_from(whole((share * 6.0).round()).clamp(0, 6)).unwrap_or(6)
}

fn latency_lines(run: &LoadRun) -> Option<Chart> {
    let line = |name: &str, colour, pick: fn(&Second) -> u64| {
        let seconds = run.series.iter().filter(|second| second.uploads > 0);
        let points = seconds.map(|second| (real(second.second), real(pick(second).max(1)).log10()));
        Line { name: name.to_owned(), colour, points: points.collect() }
    };
    let lines = vec![
        line("p50", 1, |second| second.upload_p50),
        line("p90", 2, |second| second.upload_p90),
        line("p99", 3, |second| second.upload_p99),
        line("max", 5, |second| second.upload_max),
    ];
    let range = log_range(lines.iter().flat_map(|line| &line.points).map(|point| point.1))?;
    Some(Chart::lines(&Lines {
        title: "Response time over time",
        text: "Percentiles of the uploads that ended in each second (logarithmic).".to_owned(),
        series: lines,
        x: seconds_axis(run),
        y: Axis { range, mark: Box::new(time_mark), marks: 6 },
        size: HALF,
    }))
}

/// What was offered, what was started, what was reached, and what failed.
fn rates(run: &LoadRun) -> Option<Chart> {
    let mut lines = vec![
        by_second(run, ("started", 2), |second| second.started),
        by_second(run, ("completed", 1), |second| second.uploads),
        by_second(run, ("failed", 5), |second| second.errors),
    ];
    if let Some(rate) = constant_rate(run) {
        let end = seconds_axis(run).range.end;
        lines.push(Line { name: "offered".to_owned(), colour: 3, points: vec![(0.0, rate), (end, rate)] });
    }
    let text = "Uploads a second.";
    plain(run, ("Offered and reached rate", text), lines, count_mark)
}

fn goodput(run: &LoadRun) -> Option<Chart> {
    let mut lines = vec![
        by_second(run, ("sent", 2), |second| second.bytes_sent),
        by_second(run, ("acknowledged (goodput)", 1), |second| second.goodput_bytes),
    ];
    // In one unit, so that the marks of the axis are round.
    let most = lines.iter().flat_map(|line| &line.points).map(|point| point.1).fold(0.0, f64::max);
    let (unit, mark): (f64, fn(f64) -> String) = match most {
        most if most < 2_048.0 => (1.0, |number| format!("{number} B/s")),
        most if most < 2_097_152.0 => (1_024.0, |number| format!("{number} KiB/s")),
        most if most < 2_147_483_648.0 => (1_048_576.0, |number| format!("{number} MiB/s")),
        _ => (1_073_741_824.0, |number| format!("{number} GiB/s")),
    };
    for point in lines.iter_mut().flat_map(|line| &mut line.points) {
        point.1 /= unit;
    }
    plain(
        run,
        ("Goodput", "Bytes of files a second that the server acknowledged, and bytes sent."),
        lines,
        mark,
    )
}

fn plain(
    run: &LoadRun,
    (title, text): (&'static str, &str),
    lines: Vec<Line>,
    mark: fn(f64) -> String,
) -> Option<Chart> {
    let most = lines.iter().flat_map(|line| &line.points).map(|point| point.1).fold(0.0, f64::max);
    if run.series.is_empty() || most <= 0.0 {
        return None;
    }
    let y = Axis { range: 0.0..most * 1.08, mark: Box::new(mark), marks: 6 };
    Some(Chart::lines(&Lines {
        title,
        text: text.to_owned(),
        series: lines,
        x: seconds_axis(run),
        y,
        size: HALF,
    }))
}

fn by_second(run: &LoadRun, (name, colour): (&str, u8), pick: fn(&Second) -> u64) -> Line {
    let points = run.series.iter().map(|second| (real(second.second), real(pick(second))));
    Line { name: name.to_owned(), colour, points: points.collect() }
}

fn seconds_axis(run: &LoadRun) -> Axis {
    let last = run.series.last().map_or(1.0, |second| real(second.second));
    Axis { range: 0.0..last.max(1.0), mark: Box::new(second_mark), marks: 8 }
}

/// The rate of an open model whose rate does not change.
fn constant_rate(run: &LoadRun) -> Option<f64> {
    let Offered::Open { rate, .. } = &run.offered else { return None };
    rate.strip_suffix("/s")?.trim().parse().ok()
}

/// A range of logarithms around values, at least half a power of ten.
pub(super) fn log_range(values: impl Iterator<Item = f64>) -> Option<std::ops::Range<f64>> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values {
        (low, high) = (low.min(value), high.max(value));
    }
    let room = ((0.5 - (high - low)) / 2.0).max(0.06);
    (low <= high).then(|| (low - room).max(0.0)..high + room)
}

/// A percentile at a number of nines.
fn percentile_mark(nines: f64) -> String {
    match whole((nines * 10.0).round()) {
        0 => "0 %".to_owned(),
        10 => "90 %".to_owned(),
        20 => "99 %".to_owned(),
        30 => "99.9 %".to_owned(),
        40 => "99.99 %".to_owned(),
        50 => "99.999 %".to_owned(),
        _ => String::new(),
    }
}

/// A time of which the logarithm in microseconds is given.
pub(super) fn time_mark(log: f64) -> String {
    let micros = 10_f64.powf(log);
    let (value, unit) = match micros {
        micros if micros < 999.5 => (micros, "µs"),
        micros if micros < 999_500.0 => (micros / 1e3, "ms"),
        micros => (micros / 1e6, "s"),
    };
    if value < 9.95 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
}

fn second_mark(second: f64) -> String {
    if second.fract() == 0.0 { format!("{second:.0} s") } else { String::new() }
}

fn count_mark(count: f64) -> String {
    if count.fract() == 0.0 { format!("{count:.0}/s") } else { format!("{count:.1}/s") }
}

#[expect(clippy::cast_precision_loss, reason = "a chart shows three digits")]
fn real(number: u64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "rows and columns are few")]
fn fraction(number: i64) -> f64 {
    number as f64
}

#[expect(clippy::cast_possible_truncation, reason = "rows and columns are few")]
fn whole(number: f64) -> i64 {
    number as i64
}
