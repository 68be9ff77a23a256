//! What a sending thread reports once a second, and at its end.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::cpu::CpuTime;
use super::recorder::Recorder;

/// What a thread did in one second.
pub(super) struct WorkerReport {
    pub(super) worker: usize,
    /// The second, counted from the end of the warm-up.
    pub(super) second: u64,
    pub(super) recorder: Recorder,
    pub(super) connections: u64,
    pub(super) in_flight: u64,
    pub(super) cpu: CpuTime,
    /// How long the interval was.
    pub(super) length: Duration,
    /// Only in the last report of a thread.
    pub(super) total: Option<WorkerTotal>,
}

/// What a thread did in the whole run.
#[derive(Debug, Clone, Copy)]
pub(super) struct WorkerTotal {
    pub(super) connections_peak: u64,
    /// When the last measured upload ended.
    pub(super) last_end: Duration,
    /// The processor time since the end of the warm-up, and how long that was.
    pub(super) cpu: CpuTime,
    pub(super) length: Duration,
}

/// Empty recorders, reused so that none is allocated while the run goes on.
#[derive(Debug, Clone, Default)]
pub(super) struct RecorderPool(Arc<Mutex<Vec<Recorder>>>);

impl RecorderPool {
    pub(super) fn take(&self) -> Recorder {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Empties a recorder and keeps it.
    pub(super) fn put(&self, mut recorder: Recorder) {
        recorder.clear();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(recorder);
    }
}
