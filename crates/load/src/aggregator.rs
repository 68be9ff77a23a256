//! Merges what the threads measured: into one row for each second, and into the totals.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use super::early_end::EarlyEnd;
use super::plan::LoadPlan;
use super::recorder::Recorder;
use super::threshold::{Counts, Figures};
use super::worker_report::{RecorderPool, WorkerReport, WorkerTotal};
use uptake_outcome::load::{IntervalHistogram, Micros, Phase, Second, encode};

/// A second of the run that is over.
#[derive(Debug)]
pub struct IntervalReport<'r> {
    /// What ended in it.
    pub second: &'r Second,
    /// What ended since the end of the warm-up.
    pub totals: RunningTotals,
    /// The samples since the end of the warm-up.
    pub samples: PhaseSamples<'r>,
}

/// The samples of each phase.
#[derive(Debug, Clone, Copy)]
pub struct PhaseSamples<'r>(&'r Recorder);

impl<'r> PhaseSamples<'r> {
    /// Those of a phase.
    pub fn of(self, phase: Phase) -> &'r Micros {
        self.0.samples(phase)
    }
}

/// What ended so far.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RunningTotals {
    /// Uploads completed.
    pub uploads: u64,
    /// Uploads failed.
    pub errors: u64,
    /// The median response time, in microseconds.
    pub p50: u64,
    /// The 99th percentile.
    pub p99: u64,
}

/// Is told about each second of a run.
pub type ProgressListener = Box<dyn Fn(&IntervalReport<'_>) + Send>;

/// Whether the histograms of each second are kept beside the totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntervalHistograms {
    /// They are kept, phase by phase, for an interval log.
    Keep,
    /// Only the totals are kept.
    Discard,
}

/// Everything that was measured.
#[derive(Debug, Default)]
pub(super) struct Totals {
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

/// A second that not all threads have reported yet.
#[derive(Debug)]
struct PendingSecond {
    recorder: Recorder,
    reports: usize,
    connections: u64,
    in_flight: u64,
    cpu: f64,
}

/// Merges reports until every thread has sent its last one.
pub(super) struct Aggregator<'p> {
    pub(super) plan: &'p LoadPlan,
    pub(super) threads: usize,
    pub(super) intervals: IntervalHistograms,
    pub(super) recorders: RecorderPool,
    pub(super) early_end: EarlyEnd,
    pub(super) listener: ProgressListener,
}

impl Aggregator<'_> {
    pub(super) fn run(self, reports: &Receiver<WorkerReport>) -> Totals {
        let mut totals = Totals::default();
        let mut pending: BTreeMap<u64, PendingSecond> = BTreeMap::new();
        // The last second of each thread that has ended: it reports nothing about later ones.
        let mut last_seconds = vec![None; self.threads];
        while let Ok(report) = reports.recv() {
            if let Some(total) = report.total {
                last_seconds[report.worker] = Some(report.second);
                totals.add_worker(&total);
            }
            self.add(&mut pending, report);
            while let Some(entry) = pending.first_entry() {
                let second = *entry.key();
                let ended = last_seconds.iter().flatten().filter(|last| **last < second).count();
                if entry.get().reports + ended < self.threads {
                    break;
                }
                self.close(second, entry.remove(), &mut totals);
            }
        }
        for (second, row) in pending {
            self.close(second, row, &mut totals);
        }
        totals
    }

    fn add(&self, pending: &mut BTreeMap<u64, PendingSecond>, report: WorkerReport) {
        let row = match pending.entry(report.second) {
            // The first recorder becomes the row's, so that none is allocated for it.
            Entry::Vacant(entry) => entry.insert(PendingSecond {
                recorder: report.recorder,
                reports: 0,
                connections: 0,
                in_flight: 0,
                cpu: 0.0,
            }),
            Entry::Occupied(entry) => {
                let row = entry.into_mut();
                row.recorder.add(&report.recorder);
                self.recorders.put(report.recorder);
                row
            }
        };
        row.reports += 1;
        row.connections += report.connections;
        row.in_flight += report.in_flight;
        row.cpu = row.cpu.max(share(report.cpu.running, report.length));
    }

    /// Adds a complete second to the totals.
    fn close(&self, second: u64, row: PendingSecond, totals: &mut Totals) {
        totals.recorder.add(&row.recorder);
        let closed = row.second(second);
        if self.intervals == IntervalHistograms::Keep {
            totals.intervals.extend(interval_histograms(&row.recorder, second));
        }
        self.recorders.put(row.recorder);
        let responses = totals.recorder.samples(Phase::Upload);
        let so_far = RunningTotals {
            uploads: totals.recorder.counters.uploads,
            errors: totals.recorder.counters.errors,
            p50: responses.value_at_quantile(0.5),
            p99: responses.value_at_quantile(0.99),
        };
        let samples = PhaseSamples(&totals.recorder);
        (self.listener)(&IntervalReport { second: &closed, totals: so_far, samples });
        totals.series.push(closed);
        self.abort_if_asked(&totals.recorder, second);
    }

    fn abort_if_asked(&self, recorder: &Recorder, second: u64) {
        #[expect(clippy::cast_precision_loss, reason = "a run has fewer seconds than 2^52")]
        let measured = Measured { recorder, seconds: second as f64 + 1.0 };
        for threshold in &self.plan.abort_on {
            if threshold.is_broken_so_far(&measured) {
                let value = threshold.judge(&measured).value.unwrap_or_default();
                self.early_end.abort(format!("{threshold}: {value}"));
            }
        }
    }
}

impl Totals {
    fn add_worker(&mut self, worker: &WorkerTotal) {
        let WorkerTotal { connections_peak, last_end, cpu, length } = *worker;
        self.connections_peak += connections_peak;
        self.last_end = self.last_end.max(last_end);
        self.cpu_seconds += cpu.running.as_secs_f64();
        self.cpu_busiest = self.cpu_busiest.max(share(cpu.running, length));
        self.cpu_occupied = self.cpu_occupied.max(share(cpu.running + cpu.waiting, length));
        self.cpu_waited = self.cpu_waited.max(share(cpu.waiting, length));
    }
}

impl PendingSecond {
    /// The row of the series.
    fn second(&self, second: u64) -> Second {
        let upload = self.recorder.samples(Phase::Upload);
        let at = |quantile| {
            if upload.is_empty() { 0 } else { upload.value_at_quantile(quantile).min(upload.max()) }
        };
        let counters = self.recorder.counters;
        Second {
            second,
            started: counters.started,
            uploads: counters.uploads,
            errors: counters.errors,
            segments: counters.segments,
            goodput_bytes: counters.goodput_bytes,
            bytes_sent: counters.bytes_sent,
            connections: self.connections,
            in_flight: self.in_flight,
            upload_p50: at(0.5),
            upload_p90: at(0.9),
            upload_p99: at(0.99),
            upload_max: upload.max(),
            lag_max: self.recorder.samples(Phase::Lag).max(),
            cpu: (self.cpu * 1_000.0).round() / 1_000.0,
        }
    }
}

fn interval_histograms(recorder: &Recorder, second: u64) -> Vec<IntervalHistogram> {
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
        let counters = self.recorder.counters;
        Counts {
            uploads: counters.uploads,
            errors: counters.errors,
            abandoned: counters.abandoned + counters.given_up,
            not_started: counters.not_started,
            retries: counters.retries,
            early_responses: counters.early_responses,
            goodput_bytes: counters.goodput_bytes,
            seconds: self.seconds,
        }
    }
}
