//! The figures of a run that conditions are held against.

use uptake_outcome::load::{Micros, Phase};

/// The figures of a run, or of a run so far.
pub(crate) trait Figures {
    /// The samples of a phase.
    fn samples(&self, phase: Phase) -> Option<&Micros>;
    /// The counts.
    fn counts(&self) -> Counts;
}

/// The counts of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Counts {
    /// Uploads completed.
    pub(crate) uploads: u64,
    /// Uploads failed.
    pub(crate) errors: u64,
    /// Uploads abandoned on purpose.
    pub(crate) abandoned: u64,
    /// Uploads due but never started.
    pub(crate) not_started: u64,
    /// Requests repeated.
    pub(crate) retries: u64,
    /// Responses that came before their request had been sent.
    pub(crate) early_responses: u64,
    /// Acknowledged bytes of files.
    pub(crate) goodput_bytes: u64,
    /// Seconds so far.
    pub(crate) seconds: f64,
}

impl Counts {
    /// Adds those of another time.
    pub(crate) fn add(&mut self, other: &Self) {
        self.uploads += other.uploads;
        self.errors += other.errors;
        self.abandoned += other.abandoned;
        self.not_started += other.not_started;
        self.retries += other.retries;
        self.early_responses += other.early_responses;
        self.goodput_bytes += other.goodput_bytes;
        self.seconds += other.seconds;
    }
}
