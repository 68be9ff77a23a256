//! Merges what the threads measured: into one row for each second, and into the whole.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use super::plan::Plan;
use super::recorder::Recorder;
use super::stop::EarlyEnd;
use super::threshold::{Counts, Figures};
use super::worker::{Report, Spare};
use uptake_outcome::load::{IntervalHistogram, Micros, Phase, Second, encode};

/// What goes on, for those who watch.
#[derive(Debug)]
pub enum Event<'e> {
    /// A second is over.
    Second {
        /// What ended in it.
        row: &'e Second,
        /// What ended so far.
        so_far: SoFar,
    },
}

/// The run so far.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SoFar {
    /// Uploads completed.
    pub uploads: u64,
    /// Uploads failed.
    pub errors: u64,
    /// Half of the response times are at most this, in microseconds.
    pub p50: u64,
    /// 99 percent are.
    pub p99: u64,
}

/// Who watches.
pub type Listener = Box<dyn Fn(&Event<'_>) + Send>;

/// Whether the histograms of each second are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intervals {
    /// They are, phase by phase, for an interval log.
    Kept,
    /// Only their sum is.
    Summed,
}

/// All that was measured.
#[derive(Debug, Default)]
pub(super) struct Merged {
    pub(super) recorder: Recorder,
    pub(super) series: Vec<Second>,
    pub(super) intervals: Vec<IntervalHistogram>,
    pub(super) connections_peak: u64,
    pub(super) last_end: Duration,
    pub(super) cpu_seconds: f64,
    pub(super) cpu_busiest: f64,
    pub(super) cpu_occupied: f64,
    pub(super) cpu_waited: f64,
}

/// A second whose threads have not all told yet.
#[derive(Debug)]
struct Row {
    recorder: Recorder,
    told: usize,
    connections: u64,
    in_flight: u64,
    cpu: f64,
}

impl Row {
    fn new(recorder: Recorder) -> Self {
        Self { recorder, told: 0, connections: 0, in_flight: 0, cpu: 0.0 }
    }
}

/// Merges until every thread has told its last.
pub(super) struct Merger<'m> {
    pub(super) plan: &'m Plan,
    pub(super) threads: usize,
    pub(super) intervals: Intervals,
    pub(super) spare: Spare,
    pub(super) stopper: EarlyEnd,
    pub(super) listener: Listener,
}

impl Merger<'_> {
    pub(super) fn run(self, reports: &Receiver<Report>) -> Merged {
        let mut merged = Merged::default();
        let mut rows: BTreeMap<u64, Row> = BTreeMap::new();
        // Threads that are done tell nothing of later seconds.
        let mut done = vec![None; self.threads];
        while let Ok(report) = reports.recv() {
            let row = match rows.entry(report.second) {
                // The first recorder becomes the row, so that none is made for it.
                Entry::Vacant(entry) => entry.insert(Row::new(report.recorder)),
                Entry::Occupied(entry) => {
                    let row = entry.into_mut();
                    row.recorder.add(&report.recorder);
                    self.spare.put(report.recorder);
                    row
                }
            };
            row.told += 1;
            row.connections += report.connections;
            row.in_flight += report.in_flight;
            row.cpu = row.cpu.max(share(report.spent.running, report.length));
            if let Some(last) = report.last {
                done[report.worker] = Some(report.second);
                merged.connections_peak += last.connections_peak;
                merged.last_end = merged.last_end.max(last.end);
                merged.cpu_seconds += last.spent.running.as_secs_f64();
                merged.cpu_busiest = merged.cpu_busiest.max(share(last.spent.running, last.length));
                let occupied = share(last.spent.running + last.spent.waiting, last.length);
                merged.cpu_occupied = merged.cpu_occupied.max(occupied);
                merged.cpu_waited = merged.cpu_waited.max(share(last.spent.waiting, last.length));
            }
            while let Some(entry) = rows.first_entry() {
                let second = *entry.key();
                let silent = done.iter().flatten().filter(|last| **last < second).count();
                if entry.get().told + silent < self.threads {
                    break;
                }
                self.close(second, entry.remove(), &mut merged);
            }
        }
        for (second, row) in rows {
            self.close(second, row, &mut merged);
        }
        merged
    }

    fn close(&self, second: u64, row: Row, merged: &mut Merged) {
        let Row { recorder, connections, in_flight, cpu, .. } = row;
        merged.recorder.add(&recorder);
        let upload = recorder.samples(Phase::Upload);
        let at = |quantile| {
            if upload.is_empty() { 0 } else { upload.value_at_quantile(quantile).min(upload.max()) }
        };
        let tally = recorder.tally;
        let closed = Second {
            second,
            started: tally.started,
            uploads: tally.uploads,
            errors: tally.errors,
            segments: tally.segments,
            goodput_bytes: tally.goodput_bytes,
            bytes_sent: tally.bytes_sent,
            connections,
            in_flight,
            upload_p50: at(0.5),
            upload_p90: at(0.9),
            upload_p99: at(0.99),
            upload_max: upload.max(),
            lag_max: recorder.samples(Phase::Lag).max(),
            cpu: (cpu * 1_000.0).round() / 1_000.0,
        };
        if self.intervals == Intervals::Kept {
            merged.intervals.extend(kept(&recorder, second));
        }
        self.spare.put(recorder);
        let all = merged.recorder.samples(Phase::Upload);
        let so_far = SoFar {
            uploads: merged.recorder.tally.uploads,
            errors: merged.recorder.tally.errors,
            p50: all.value_at_quantile(0.5),
            p99: all.value_at_quantile(0.99),
        };
        (self.listener)(&Event::Second { row: &closed, so_far });
        merged.series.push(closed);
        self.abort(&merged.recorder, second);
    }

    fn abort(&self, recorder: &Recorder, second: u64) {
        #[expect(clippy::cast_precision_loss, reason = "a run has fewer seconds than 2^52")]
        let measured = Measured { recorder, seconds: second as f64 + 1.0 };
        for threshold in &self.plan.abort_on {
            if threshold.is_broken_so_far(&measured) {
                let value = threshold.judge(&measured).value.unwrap_or_default();
                self.stopper.abort(format!("{threshold}: {value}"));
            }
        }
    }
}

fn kept(recorder: &Recorder, second: u64) -> Vec<IntervalHistogram> {
    #[expect(clippy::cast_precision_loss, reason = "a run has fewer seconds than 2^52")]
    let interval = |phase| IntervalHistogram {
        phase,
        start: second as f64,
        length: 1.0,
        histogram: encode(recorder.samples(phase)),
    };
    Phase::ALL.into_iter().filter(|phase| !recorder.samples(*phase).is_empty()).map(interval).collect()
}

fn share(part: Duration, whole: Duration) -> f64 {
    if whole.is_zero() { 0.0 } else { part.as_secs_f64() / whole.as_secs_f64() }
}

/// What was measured, as thresholds see it.
pub(super) struct Measured<'m> {
    pub(super) recorder: &'m Recorder,
    pub(super) seconds: f64,
}

impl Figures for Measured<'_> {
    fn samples(&self, phase: Phase) -> Option<&Micros> {
        Some(self.recorder.samples(phase))
    }

    fn counts(&self) -> Counts {
        let tally = self.recorder.tally;
        Counts {
            uploads: tally.uploads,
            errors: tally.errors,
            abandoned: tally.abandoned,
            not_started: tally.not_started,
            retries: tally.retries,
            goodput_bytes: tally.goodput_bytes,
            seconds: self.seconds,
        }
    }
}
