//! The figures of a run that conditions are held against.

use std::collections::BTreeMap;

use uptake_outcome::load::{LoadRun, Micros, Phase};

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
    /// Uploads abandoned or given up on purpose.
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

/// Figures that have been collected.
#[derive(Debug, Clone, Default)]
pub(crate) struct Collected {
    pub(crate) phases: BTreeMap<Phase, Micros>,
    pub(crate) counts: Counts,
}

impl Figures for Collected {
    fn samples(&self, phase: Phase) -> Option<&Micros> {
        self.phases.get(&phase)
    }

    fn counts(&self) -> Counts {
        self.counts
    }
}

impl Counts {
    /// Those of a whole run.
    pub(crate) fn of_run(run: &LoadRun) -> Self {
        let summary = &run.summary;
        Self {
            uploads: summary.uploads,
            errors: summary.errors,
            abandoned: summary.abandoned + summary.given_up,
            not_started: summary.not_started,
            retries: summary.retries,
            early_responses: summary.early_responses,
            goodput_bytes: summary.goodput_bytes,
            seconds: run.took_seconds,
        }
    }

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
