//! What a thread measured in a second: one histogram a phase, and counts. No lock, and no allocation for a sample.

use std::time::Duration;

use uptake_outcome::load::{HIGHEST_MICROS, Micros, Phase, empty};

/// An upload that ended: when it was due, when it started, and when it was over, since the run began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// The instant that the schedule fixed.
    pub due: Duration,
    /// When it was started.
    pub started: Duration,
    /// When it was over.
    pub finished: Duration,
}

/// What went wrong, in which step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    /// The step.
    pub step: Step,
    /// What went wrong.
    pub class: Class,
}

/// A step of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A token is created.
    Token,
    /// A segment is sent.
    Segment,
    /// The status is asked for.
    Status,
    /// The upload as a whole.
    Upload,
}

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// No connection was made.
    Connect,
    /// The machine has no socket or no port left.
    Sockets,
    /// No TLS session was agreed on.
    Tls,
    /// It took too long.
    Timeout,
    /// The connection was closed or reset before the answer was whole.
    Closed,
    /// The answer cannot be read.
    Protocol,
    /// A file of the plan cannot be read.
    File,
    /// The answer was none of success.
    Status(u16),
    /// What was received is not what was sent.
    Verify,
    /// It was due and never started.
    NotStarted,
    /// It still ran when the run was over.
    Unfinished,
}

impl Step {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Segment => "segment",
            Self::Status => "status",
            Self::Upload => "upload",
        }
    }
}

impl Class {
    /// The word for it, and what it means.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Connect => ("connect", "no connection was made"),
            Self::Sockets => ("sockets", "this machine has no socket or no port left"),
            Self::Tls => ("tls", "no TLS session was agreed on"),
            Self::Timeout => ("timeout", "it took longer than the target profile allows"),
            Self::Closed => ("closed", "the connection was closed or reset before the answer was whole"),
            Self::Protocol => ("protocol", "the answer cannot be read"),
            Self::File => ("file", "a file of the plan cannot be read"),
            Self::Status(_) => ("status", "the answer was none of success"),
            Self::Verify => ("verify", "what was received is not what was sent"),
            Self::NotStarted => {
                ("not-started", "it was due, and none of the uploads in flight ended in time to start it")
            }
            Self::Unfinished => ("unfinished", "it still ran when the run was over"),
        }
    }
}

/// Counts that are added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Uploads started.
    pub started: u64,
    /// Uploads completed.
    pub uploads: u64,
    /// Uploads failed.
    pub errors: u64,
    /// Uploads abandoned on purpose.
    pub abandoned: u64,
    /// Uploads resumed on purpose, and completed.
    pub resumed: u64,
    /// Uploads due and never started.
    pub not_started: u64,
    /// Uploads that still ran at the end.
    pub unfinished: u64,
    /// Segments answered well.
    pub segments: u64,
    /// Bytes of files in them.
    pub goodput_bytes: u64,
    /// Bytes written.
    pub bytes_sent: u64,
    /// Requests sent.
    pub requests: u64,
    /// Requests repeated on a new connection.
    pub retries: u64,
    /// Uploads verified.
    pub verified: u64,
    /// Connections made.
    pub connections: u64,
    /// Segments after the first that went without a video's id, because no answer named one.
    pub without_id: u64,
    /// Uploads of the warm-up.
    pub warm_up: u64,
}

impl Tally {
    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        self.started += other.started;
        self.uploads += other.uploads;
        self.errors += other.errors;
        self.abandoned += other.abandoned;
        self.resumed += other.resumed;
        self.not_started += other.not_started;
        self.unfinished += other.unfinished;
        self.segments += other.segments;
        self.goodput_bytes += other.goodput_bytes;
        self.bytes_sent += other.bytes_sent;
        self.requests += other.requests;
        self.retries += other.retries;
        self.verified += other.verified;
        self.connections += other.connections;
        self.without_id += other.without_id;
        self.warm_up += other.warm_up;
    }
}

/// What was measured.
#[derive(Debug, Clone)]
pub struct Recorder {
    phases: Vec<Micros>,
    clipped: [u64; Phase::ALL.len()],
    /// The counts.
    pub tally: Tally,
    failures: Vec<(Failure, u64)>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            phases: Phase::ALL.iter().map(|_| empty()).collect(),
            clipped: [0; Phase::ALL.len()],
            tally: Tally::default(),
            // Room for more kinds of failures than a run meets.
            failures: Vec::with_capacity(32),
        }
    }
}

impl Recorder {
    /// Takes the time of a phase.
    pub fn phase(&mut self, phase: Phase, took: Duration) {
        // The histogram counts from 1: what took less than a microsecond took one.
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
        if micros > HIGHEST_MICROS {
            self.clipped[phase as usize] += 1;
        }
        self.phases[phase as usize].saturating_record(micros.min(HIGHEST_MICROS));
    }

    /// An upload was completed.
    pub fn completed(&mut self, sample: Sample) {
        self.tally.uploads += 1;
        self.phase(Phase::Upload, sample.finished.saturating_sub(sample.due));
        self.phase(Phase::Service, sample.finished.saturating_sub(sample.started));
    }

    /// An upload failed.
    pub fn failed(&mut self, sample: Sample, failure: Failure) {
        self.tally.errors += 1;
        self.phase(Phase::Failed, sample.finished.saturating_sub(sample.due));
        self.count(failure, 1);
    }

    /// Counts a kind of failure.
    pub fn count(&mut self, failure: Failure, number: u64) {
        match self.failures.iter_mut().find(|(known, _)| *known == failure) {
            Some((_, count)) => *count += number,
            None => self.failures.push((failure, number)),
        }
    }

    /// The samples of a phase.
    pub fn samples(&self, phase: Phase) -> &Micros {
        &self.phases[phase as usize]
    }

    /// How many samples of a phase were clipped.
    pub fn clipped(&self, phase: Phase) -> u64 {
        self.clipped[phase as usize]
    }

    /// The failures, by kind.
    pub fn failures(&self) -> &[(Failure, u64)] {
        &self.failures
    }

    /// Adds what another measured, sample for sample.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.phases.iter_mut().zip(&other.phases) {
            if !theirs.is_empty() {
                mine.add(theirs).expect("both have the same bounds");
            }
        }
        for (mine, theirs) in self.clipped.iter_mut().zip(&other.clipped) {
            *mine += theirs;
        }
        self.tally.add(&other.tally);
        for (failure, number) in &other.failures {
            self.count(*failure, *number);
        }
    }

    /// Forgets all, and keeps the room for it.
    pub fn clear(&mut self) {
        for histogram in &mut self.phases {
            if !histogram.is_empty() {
                histogram.reset();
            }
        }
        self.clipped = [0; Phase::ALL.len()];
        self.tally = Tally::default();
        self.failures.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Arrivals, Offer};
    use crate::schedule::Schedule;
    use uptake_payload::Seed;

    /// One uploader, and a server that takes `service` for each upload, but stalls for a second in the middle: a clock that
    /// is calculated, not waited for.
    fn stalled(service: Duration) -> Recorder {
        let offer = Offer::steady("100/s", Some(Duration::from_secs(10))).expect("a rate");
        let mut cursor = Schedule::new(&offer, Arrivals::Constant, Duration::ZERO, Seed(1)).cursor();
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
            recorder.completed(Sample { due, started, finished });
        }
        recorder
    }

    #[test]
    fn a_stall_shows_in_the_response_time_and_not_in_the_service_time() {
        let recorder = stalled(Duration::from_millis(1));
        let at = |phase, quantile| recorder.samples(phase).value_at_quantile(quantile);
        assert_eq!(recorder.tally.uploads, 1_000);
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
        let failure = Failure { step: Step::Segment, class: Class::Status(503) };
        let sample =
            Sample { due: Duration::ZERO, started: Duration::ZERO, finished: Duration::from_millis(5) };
        one.completed(sample);
        one.failed(sample, failure);
        let mut sum = Recorder::default();
        sum.add(&one);
        sum.add(&one);
        assert_eq!((sum.tally.uploads, sum.tally.errors), (2, 2));
        assert_eq!(sum.failures(), [(failure, 2)]);
        assert_eq!(sum.samples(Phase::Upload).len(), 2);
        sum.clear();
        assert!(sum.samples(Phase::Upload).is_empty() && sum.failures().is_empty());
    }
}
