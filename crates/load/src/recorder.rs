//! What a thread measures in a second: a histogram for each phase, and counters. Recording a sample neither locks nor
//! allocates.

use std::time::Duration;

use super::counters::Counters;
use super::failure::Failure;
use uptake_outcome::load::{HIGHEST_MICROS, Micros, Phase, empty};

/// An upload that ended. All times are since the run began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    /// When it was due.
    pub(super) due: Duration,
    pub(super) started: Duration,
    pub(super) finished: Duration,
    /// For how long it waited for its own client, if that is paced.
    pub(super) paced: Option<Duration>,
}

impl Sample {
    /// What the server took: the time from its start to its end in which it did not wait for its own client.
    fn service(self) -> Duration {
        self.finished.saturating_sub(self.started).saturating_sub(self.paced.unwrap_or_default())
    }
}

/// What a thread measured.
#[derive(Debug, Clone)]
pub(super) struct Recorder {
    phases: Vec<Micros>,
    clipped: [u64; Phase::ALL.len()],
    pub(super) counters: Counters,
    failures: Vec<(Failure, u64)>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            phases: Phase::ALL.iter().map(|_| empty()).collect(),
            clipped: [0; Phase::ALL.len()],
            counters: Counters::default(),
            // More kinds of failures than a run meets.
            failures: Vec::with_capacity(32),
        }
    }
}

impl Recorder {
    /// Records the time of a phase.
    pub(super) fn phase(&mut self, phase: Phase, took: Duration) {
        // The lowest value of the histogram is 1.
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
        if micros > HIGHEST_MICROS {
            self.clipped[phase as usize] += 1;
        }
        self.phases[phase as usize].saturating_record(micros.min(HIGHEST_MICROS));
    }

    /// Records a completed upload.
    pub(super) fn completed(&mut self, sample: Sample) {
        self.counters.uploads += 1;
        self.phase(Phase::Upload, sample.finished.saturating_sub(sample.due));
        self.phase(Phase::Service, sample.service());
        if let Some(paced) = sample.paced {
            self.phase(Phase::Paced, paced);
        }
    }

    /// Records a failed upload.
    pub(super) fn failed(&mut self, sample: Sample, failure: Failure) {
        self.counters.errors += 1;
        self.phase(Phase::Failed, sample.finished.saturating_sub(sample.due));
        self.count(failure, 1);
    }

    /// Counts failures of a kind.
    pub(super) fn count(&mut self, failure: Failure, number: u64) {
        match self.failures.iter_mut().find(|(known, _)| *known == failure) {
            Some((_, count)) => *count += number,
            None => self.failures.push((failure, number)),
        }
    }

    /// The samples of a phase.
    pub(super) fn samples(&self, phase: Phase) -> &Micros {
        &self.phases[phase as usize]
    }

    /// How many samples of a phase were clipped.
    pub(super) fn clipped(&self, phase: Phase) -> u64 {
        self.clipped[phase as usize]
    }

    /// The failures, by kind.
    pub(super) fn failures(&self) -> &[(Failure, u64)] {
        &self.failures
    }

    /// Adds what another recorder measured, sample for sample.
    pub(super) fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.phases.iter_mut().zip(&other.phases) {
            if !theirs.is_empty() {
                mine.add(theirs).expect("both have the same bounds");
            }
        }
        for (mine, theirs) in self.clipped.iter_mut().zip(&other.clipped) {
            *mine += theirs;
        }
        self.counters.add(&other.counters);
        for (failure, number) in &other.failures {
            self.count(*failure, *number);
        }
    }

    /// Removes everything, and keeps the allocated memory.
    pub(super) fn clear(&mut self) {
        for histogram in &mut self.phases {
            if !histogram.is_empty() {
                histogram.reset();
            }
        }
        self.clipped = [0; Phase::ALL.len()];
        self.counters = Counters::default();
        self.failures.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{ErrorClass, Step};
    use crate::plan::{Arrivals, OfferedLoad};
    use crate::schedule::Schedule;
    use uptake_payload::Seed;

    /// One uploader, and a server that takes `service` for each upload but stalls for a second in the middle. The times are
    /// computed, not waited for.
    fn stalled(service: Duration) -> Recorder {
        let offered = OfferedLoad::steady("100/s", Some(Duration::from_secs(10))).expect("a rate");
        let mut cursor = Schedule::new(&offered, Arrivals::Constant, Duration::ZERO, Seed(1)).cursor();
        let (stall, end) = (Duration::from_secs(4), Duration::from_secs(5));
        let mut recorder = Recorder::default();
        let mut free = Duration::ZERO;
        for number in 0.. {
            let Some(due) = cursor.due(number, |_| 1.0) else { break };
            let started = due.max(free);
            // Whatever is under way during the stall rests until it is over.
            let mut finished = started + service;
            if finished > stall && started < end {
                finished = end + service;
            }
            free = finished;
            recorder.completed(Sample { due, started, finished, paced: None });
        }
        recorder
    }

    #[test]
    fn a_stall_shows_in_the_response_time_and_not_in_the_service_time() {
        let recorder = stalled(Duration::from_millis(1));
        let at = |phase, quantile| recorder.samples(phase).value_at_quantile(quantile);
        assert_eq!(recorder.counters.uploads, 1_000);
        // Uploads were due at 4.00, 4.01, … 4.99 s; they end one after another from 5.001 s on, one a millisecond. So upload
        // i of them responds after 1001 - 9 i ms; ten are slower than the 990th of a thousand, which is i = 10: 911 ms.
        let exact = 1_001_000 - 10 * 9_000;
        assert!(at(Phase::Upload, 0.99).abs_diff(exact) <= exact / 1_000, "{}", at(Phase::Upload, 0.99));
        assert!(at(Phase::Upload, 0.99) >= 900_000);
        assert!(recorder.samples(Phase::Upload).max().abs_diff(1_001_000) <= 1_001);
        // Of the service times exactly one is long.
        assert_eq!(at(Phase::Service, 0.99), 1_000);
        assert_eq!(at(Phase::Service, 0.999), 1_000);
        assert!(recorder.samples(Phase::Service).max() >= 1_000_000);
    }

    #[test]
    fn every_response_time_of_a_stall_is_the_calculated_one() {
        let recorder = stalled(Duration::from_millis(1));
        // The backlog is gone when upload i starts no later than it is due: 1001 - 9 i <= 1 ms, from i = 112 on.
        let late =
            recorder.samples(Phase::Upload).iter_recorded().filter(|cell| cell.value_iterated_to() > 1_500);
        assert_eq!(late.map(|cell| cell.count_at_value()).sum::<u64>(), 112);
    }

    fn sample(finished: u64, paced: Option<u64>) -> Sample {
        Sample {
            due: Duration::ZERO,
            started: Duration::ZERO,
            finished: Duration::from_millis(finished),
            paced: paced.map(Duration::from_millis),
        }
    }

    #[test]
    fn the_service_time_of_a_paced_upload_excludes_the_pacing() {
        let mut recorder = Recorder::default();
        recorder.completed(sample(1_000, Some(900)));
        let only = |phase| recorder.samples(phase).max();
        assert_eq!(
            (only(Phase::Upload) / 1_000, only(Phase::Service) / 1_000, only(Phase::Paced) / 1_000),
            (1_000, 100, 900)
        );
        recorder.completed(sample(1_000, None));
        assert_eq!(recorder.samples(Phase::Paced).len(), 1, "an upload that is not paced has no such time");
    }

    #[test]
    fn what_takes_longer_than_is_measured_is_clipped_and_counted() {
        let mut recorder = Recorder::default();
        recorder.phase(Phase::Upload, Duration::from_secs(4_000));
        recorder.phase(Phase::Upload, Duration::ZERO);
        assert_eq!((recorder.clipped(Phase::Upload), recorder.samples(Phase::Upload).len()), (1, 2));
        assert_eq!(recorder.samples(Phase::Upload).min(), 1);
    }

    #[test]
    fn what_several_threads_measured_is_added_and_forgotten() {
        let mut one = Recorder::default();
        let failure = Failure { step: Step::Segment, class: ErrorClass::Status(503) };
        let sample = sample(5, None);
        one.completed(sample);
        one.failed(sample, failure);
        let mut sum = Recorder::default();
        sum.add(&one);
        sum.add(&one);
        assert_eq!((sum.counters.uploads, sum.counters.errors), (2, 2));
        assert_eq!(sum.failures(), [(failure, 2)]);
        assert_eq!(sum.samples(Phase::Upload).len(), 2);
        sum.clear();
        assert!(sum.samples(Phase::Upload).is_empty() && sum.failures().is_empty());
    }
}
