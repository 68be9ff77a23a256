//! Merges several runs: histograms and counts are added, so that the result is exact.

use std::collections::BTreeMap;

use thiserror::Error;

use super::histogram::HistogramError;
use super::likeness::{UnlikeRuns, check_mergeable};
use super::phase::{Phase, PhaseResult};
use super::run::{
    ErrorCount, Generator, IntervalHistogram, LoadEnding, LoadRun, LoadSummary, Offered, Second,
};

/// Runs that cannot be merged.
#[derive(Debug, Error)]
pub enum MergeError {
    /// There is none.
    #[error("there is no run to merge")]
    Nothing,
    /// They do not belong together.
    #[error(transparent)]
    Unlike(#[from] UnlikeRuns),
    /// A histogram that cannot be read.
    #[error("the histogram of {phase} in run {run}: {why}")]
    Histogram {
        /// Its phase.
        phase: &'static str,
        /// Which run, from 1.
        run: usize,
        /// What is wrong with it.
        why: HistogramError,
    },
    /// A run whose beginning cannot be read.
    #[error("run {run} began at `{at}`, which is not a time")]
    Start {
        /// Which run, from 1.
        run: usize,
        /// As written.
        at: String,
    },
}

/// Merges runs. Runs at the same time count as one span of time, runs one after another as the sum of theirs. A run must not
/// be given twice, and all must have the same model.
pub fn merge(runs: &[LoadRun]) -> Result<LoadRun, MergeError> {
    let first = runs.first().ok_or(MergeError::Nothing)?;
    check_mergeable(runs)?;
    let phases = phases(runs)?;
    let (started_at, origin, took) = span(runs)?;
    let mut summary = runs.iter().fold(LoadSummary::default(), |sum, run| added(&sum, &run.summary));
    summary.uploads_per_second = rate(summary.uploads, took);
    summary.goodput_bytes_per_second = rate(summary.goodput_bytes, took);
    let ended = summary.uploads + summary.abandoned + summary.given_up + summary.errors;
    summary.error_share = share(summary.errors, ended);
    let mut saturation: Vec<String> = runs.iter().flat_map(|run| run.saturation.clone()).collect();
    let mut warnings: Vec<String> = runs.iter().flat_map(|run| run.warnings.clone()).collect();
    for texts in [&mut saturation, &mut warnings] {
        let mut seen = std::collections::BTreeSet::new();
        texts.retain(|text| seen.insert(text.clone()));
    }
    Ok(LoadRun {
        name: if runs.len() == 1 { first.name.clone() } else { format!("{} (merged)", first.name) },
        offered: offered(runs),
        started_at,
        took_seconds: took,
        ending: runs
            .iter()
            .map(|run| &run.ending)
            .find(|ending| **ending != LoadEnding::Completed)
            .unwrap_or(&LoadEnding::Completed)
            .clone(),
        summary,
        phases,
        errors: errors(runs),
        series: series(runs, &origin),
        generator: generator(runs),
        saturation,
        saturation_allowed: runs.iter().all(|run| run.saturation_allowed || run.saturation.is_empty()),
        thresholds: runs.iter().flat_map(|run| run.thresholds.clone()).collect(),
        warnings,
        intervals: intervals(runs, &origin),
        ..first.clone()
    })
}

fn phases(runs: &[LoadRun]) -> Result<BTreeMap<Phase, PhaseResult>, MergeError> {
    let mut sums = BTreeMap::new();
    for (index, run) in runs.iter().enumerate() {
        for (phase, result) in &run.phases {
            let wrong = |why| MergeError::Histogram { phase: phase.word(), run: index + 1, why };
            let samples = result.samples().map_err(wrong)?;
            let (histogram, clipped) = sums.entry(*phase).or_insert_with(|| (super::histogram::empty(), 0));
            histogram.add(&samples).expect("both have the same bounds");
            *clipped += result.clipped;
        }
    }
    Ok(sums
        .into_iter()
        .map(|(phase, (histogram, clipped))| (phase, PhaseResult::of(&histogram, clipped)))
        .collect())
}

/// The earliest beginning, how far each run began after it, and the length of all spans together, overlaps once.
fn span(runs: &[LoadRun]) -> Result<(String, Vec<f64>, f64), MergeError> {
    let mut starts = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        let at: jiff::Timestamp = run
            .started_at
            .parse()
            .map_err(|_| MergeError::Start { run: index + 1, at: run.started_at.clone() })?;
        starts.push(at);
    }
    let earliest = starts.iter().min().copied().ok_or(MergeError::Nothing)?;
    let offsets: Vec<f64> = starts.iter().map(|at| at.duration_since(earliest).as_secs_f64()).collect();
    let mut spans: Vec<(f64, f64)> =
        offsets.iter().zip(runs).map(|(from, run)| (*from, from + run.took_seconds)).collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut took, mut reached) = (0.0, 0.0_f64);
    for (from, to) in spans {
        took += (to - from.max(reached)).max(0.0);
        reached = reached.max(to);
    }
    Ok((earliest.to_string(), offsets, took))
}

fn offered(runs: &[LoadRun]) -> Offered {
    let mut sum = runs[0].offered.clone();
    for run in &runs[1..] {
        match (&mut sum, &run.offered) {
            (
                Offered::Open { arrivals_due, max_in_flight, .. },
                Offered::Open { arrivals_due: more, max_in_flight: at_once, .. },
            ) => {
                *arrivals_due += more;
                *max_in_flight += at_once;
            }
            (Offered::Closed { uploaders, .. }, Offered::Closed { uploaders: more, .. }) => {
                *uploaders += more;
            }
            _ => {}
        }
    }
    sum
}

fn added(sum: &LoadSummary, run: &LoadSummary) -> LoadSummary {
    LoadSummary {
        uploads: sum.uploads + run.uploads,
        errors: sum.errors + run.errors,
        started: sum.started + run.started,
        abandoned: sum.abandoned + run.abandoned,
        resumed: sum.resumed + run.resumed,
        dropped: sum.dropped + run.dropped,
        given_up: sum.given_up + run.given_up,
        not_started: sum.not_started + run.not_started,
        unfinished: sum.unfinished + run.unfinished,
        segments: sum.segments + run.segments,
        goodput_bytes: sum.goodput_bytes + run.goodput_bytes,
        bytes_sent: sum.bytes_sent + run.bytes_sent,
        bytes_on_wire: sum.bytes_on_wire + run.bytes_on_wire,
        early_responses: sum.early_responses + run.early_responses,
        requests: sum.requests + run.requests,
        retries: sum.retries + run.retries,
        verified: sum.verified + run.verified,
        connections: sum.connections + run.connections,
        connections_peak: sum.connections_peak + run.connections_peak,
        warm_up_uploads: sum.warm_up_uploads + run.warm_up_uploads,
        ..LoadSummary::default()
    }
}

fn errors(runs: &[LoadRun]) -> Vec<ErrorCount> {
    let mut sums: Vec<ErrorCount> = Vec::new();
    for error in runs.iter().flat_map(|run| &run.errors) {
        let same = |sum: &&mut ErrorCount| {
            (&sum.step, &sum.class, sum.status) == (&error.step, &error.class, error.status)
        };
        match sums.iter_mut().find(same) {
            Some(sum) => sum.count += error.count,
            None => sums.push(error.clone()),
        }
    }
    sums.sort_by_key(|sum| std::cmp::Reverse(sum.count));
    sums
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds since the earliest beginning"
)]
fn series(runs: &[LoadRun], offsets: &[f64]) -> Vec<Second> {
    let mut rows: BTreeMap<u64, Second> = BTreeMap::new();
    for (run, offset) in runs.iter().zip(offsets) {
        for second in &run.series {
            let at = second.second + offset.round() as u64;
            let row = rows.entry(at).or_insert_with(|| Second { second: at, ..Second::default() });
            row.started += second.started;
            row.uploads += second.uploads;
            row.errors += second.errors;
            row.segments += second.segments;
            row.goodput_bytes += second.goodput_bytes;
            row.bytes_sent += second.bytes_sent;
            row.connections += second.connections;
            row.in_flight += second.in_flight;
            // Percentiles cannot be added; of runs side by side the worst is shown.
            row.upload_p50 = row.upload_p50.max(second.upload_p50);
            row.upload_p90 = row.upload_p90.max(second.upload_p90);
            row.upload_p99 = row.upload_p99.max(second.upload_p99);
            row.upload_max = row.upload_max.max(second.upload_max);
            row.lag_max = row.lag_max.max(second.lag_max);
            row.cpu = row.cpu.max(second.cpu);
        }
    }
    rows.into_values().collect()
}

fn intervals(runs: &[LoadRun], offsets: &[f64]) -> Vec<IntervalHistogram> {
    let mut all: Vec<_> = runs
        .iter()
        .zip(offsets)
        .flat_map(|(run, offset)| {
            run.intervals
                .iter()
                .map(move |interval| IntervalHistogram { start: interval.start + offset, ..interval.clone() })
        })
        .collect();
    all.sort_by(|a, b| a.start.total_cmp(&b.start).then(a.phase.cmp(&b.phase)));
    all
}

fn generator(runs: &[LoadRun]) -> Generator {
    runs.iter().map(|run| &run.generator).fold(Generator::default(), |sum, run| Generator {
        threads: sum.threads + run.threads,
        cpu_seconds: sum.cpu_seconds + run.cpu_seconds,
        cpu_busiest: sum.cpu_busiest.max(run.cpu_busiest),
        cpu_occupied: sum.cpu_occupied.max(run.cpu_occupied),
        cpu_waited: sum.cpu_waited.max(run.cpu_waited),
        resident_bytes: sum.resident_bytes.max(run.resident_bytes),
    })
}

#[expect(clippy::cast_precision_loss, reason = "a rate is not a count")]
fn rate(number: u64, seconds: f64) -> f64 {
    if seconds > 0.0 { number as f64 / seconds } else { 0.0 }
}

#[expect(clippy::cast_precision_loss, reason = "a share is not a count")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
