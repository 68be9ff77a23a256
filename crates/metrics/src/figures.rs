//! What was measured so far: sums, the state of the last second, and the samples of each phase in the buckets of others.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::exponential::Exponential;
use crate::histogram::Classic;
use uptake_outcome::load::{Micros, Phase, Second};

/// What was measured so far. Clones show the same.
#[derive(Debug, Clone)]
pub struct Metrics {
    labels: Arc<[(&'static str, String)]>,
    started: SystemTime,
    so_far: Arc<Mutex<Figures>>,
}

/// Sums since the beginning, and the state at the end of the last second.
#[derive(Debug, Default, Clone)]
pub(crate) struct Figures {
    pub(crate) started: u64,
    pub(crate) completed: u64,
    pub(crate) failed: u64,
    pub(crate) segments: u64,
    pub(crate) goodput_bytes: u64,
    pub(crate) sent_bytes: u64,
    pub(crate) in_flight: u64,
    pub(crate) connections: u64,
    pub(crate) cpu: f64,
    pub(crate) phases: Vec<PhaseFigures>,
}

/// The samples of one phase.
#[derive(Debug, Clone)]
pub(crate) struct PhaseFigures {
    pub(crate) phase: Phase,
    pub(crate) classic: Classic,
    pub(crate) exponential: Exponential,
}

impl Metrics {
    /// Nothing was measured yet. The labels stand at every figure.
    pub fn new(labels: &[(&'static str, String)]) -> Self {
        Self { labels: labels.into(), started: SystemTime::now(), so_far: Arc::default() }
    }

    /// Adds a second. `samples` gives all samples of a phase since the beginning.
    pub fn record<'s>(&self, second: &Second, samples: &dyn Fn(Phase) -> &'s Micros) {
        // Outside the lock, which a reader may hold.
        let present = Phase::ALL.into_iter().map(|phase| (phase, samples(phase)));
        let phases = present.filter(|(_, samples)| !samples.is_empty()).map(|(phase, samples)| {
            PhaseFigures { phase, classic: samples.into(), exponential: samples.into() }
        });
        let phases = phases.collect();
        let mut figures = self.so_far.lock().unwrap_or_else(PoisonError::into_inner);
        figures.started += second.started;
        figures.completed += second.uploads;
        figures.failed += second.errors;
        figures.segments += second.segments;
        figures.goodput_bytes += second.goodput_bytes;
        figures.sent_bytes += second.bytes_sent;
        figures.in_flight = second.in_flight;
        figures.connections = second.connections;
        figures.cpu = second.cpu;
        figures.phases = phases;
    }

    /// The figures now.
    pub(crate) fn now(&self) -> Figures {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What stands at every figure.
    pub(crate) fn labels(&self) -> &[(&'static str, String)] {
        &self.labels
    }

    /// When counting began.
    #[cfg_attr(not(feature = "telemetry"), expect(dead_code, reason = "only a push tells it"))]
    pub(crate) fn started(&self) -> SystemTime {
        self.started
    }
}
