//! The exit code of a load run.

use super::run::{ErrorCount, LoadEnding, LoadRun, Offered};
use crate::Exit;

/// The class of errors for want of descriptors, ports or memory on this machine.
const EXHAUSTED: &str = "exhausted";
/// The classes of errors that have a response, though no status.
const ANSWERED: [&str; 5] = ["digest", "early", "protocol", "too-large", "verify"];

impl LoadRun {
    /// The thresholds that failed.
    pub fn broken(&self) -> impl Iterator<Item = &super::ThresholdResult> {
        self.thresholds.iter().filter(|threshold| threshold.broken)
    }

    /// Whether the figures describe the generator rather than the target: it did not keep the rate of an open model, or this
    /// machine ran out of descriptors, ports or memory.
    pub fn is_saturated(&self) -> bool {
        let is_open = matches!(self.offered, Offered::Open { .. });
        let is_exhausted = self.errors.iter().any(|error| error.class == EXHAUSTED);
        (is_open || is_exhausted) && !self.saturation.is_empty() && !self.saturation_allowed
    }

    /// The exit code. If the generator was the bottleneck, the run says nothing about the target, whatever the thresholds say.
    pub fn exit(&self) -> Exit {
        if self.ending == LoadEnding::Interrupted {
            Exit::Interrupted
        } else if self.is_saturated() || self.is_unwritten() {
            Exit::CouldNotTest
        } else if self.broken().next().is_some() || matches!(self.ending, LoadEnding::Aborted { .. }) {
            Exit::Failed
        } else if self.summary.uploads + self.summary.abandoned + self.summary.given_up == 0 {
            self.exit_of_nothing()
        } else {
            Exit::Success
        }
    }

    /// Whether a report could not be written.
    pub fn is_unwritten(&self) -> bool {
        matches!(self.ending, LoadEnding::NotWritten { .. })
    }

    /// No upload was completed: either the target did not answer, or it accepted none.
    fn exit_of_nothing(&self) -> Exit {
        let is_answer =
            |error: &ErrorCount| error.status.is_some() || ANSWERED.contains(&error.class.as_str());
        let answered = self.errors.iter().any(is_answer);
        if self.errors.is_empty() || answered { Exit::NothingTested } else { Exit::CouldNotTest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::tests::run;
    use crate::load::{Generator, ThresholdResult, merge};

    fn error(status: Option<u16>) -> ErrorCount {
        ErrorCount {
            step: "segment".to_owned(),
            class: "status".to_owned(),
            status,
            count: 3,
            text: String::new(),
        }
    }

    fn broken() -> ThresholdResult {
        ThresholdResult { expression: "errors > 0".to_owned(), value: Some("3".to_owned()), broken: true }
    }

    #[test]
    fn a_generator_that_was_the_bottleneck_outranks_a_broken_threshold() {
        let saturated =
            LoadRun { saturation: vec!["it lagged".to_owned()], thresholds: vec![broken()], ..run(5) };
        assert_eq!(saturated.exit(), Exit::CouldNotTest);
        assert_eq!(LoadRun { saturation_allowed: true, ..saturated.clone() }.exit(), Exit::Failed);
        let closed = Offered::Closed { uploaders: 1, think: "none".to_owned() };
        let busy = LoadRun { offered: closed, thresholds: Vec::new(), ..saturated };
        assert_eq!(busy.exit(), Exit::Success, "the closed model promises no rate");
        let exhausted = ErrorCount { class: "exhausted".to_owned(), ..error(None) };
        assert_eq!(LoadRun { errors: vec![exhausted], ..busy }.exit(), Exit::CouldNotTest);
    }

    #[test]
    fn thresholds_and_ends_have_their_codes() {
        assert_eq!(run(5).exit(), Exit::Success);
        assert_eq!(LoadRun { thresholds: vec![broken()], ..run(5) }.exit(), Exit::Failed);
        assert_eq!(
            LoadRun { ending: LoadEnding::Aborted { why: String::new() }, ..run(5) }.exit(),
            Exit::Failed
        );
        assert_eq!(LoadRun { ending: LoadEnding::Interrupted, ..run(5) }.exit(), Exit::Interrupted);
    }

    #[test]
    fn a_run_without_an_upload_is_no_success() {
        assert_eq!(run(0).exit(), Exit::NothingTested);
        assert_eq!(LoadRun { errors: vec![error(Some(401))], ..run(0) }.exit(), Exit::NothingTested);
        let closed = ErrorCount { class: "closed".to_owned(), ..error(None) };
        assert_eq!(LoadRun { errors: vec![closed.clone()], ..run(0) }.exit(), Exit::CouldNotTest);
        let early = ErrorCount { class: "early".to_owned(), ..error(None) };
        assert_eq!(LoadRun { errors: vec![closed, early], ..run(0) }.exit(), Exit::NothingTested);
    }

    #[test]
    fn runs_side_by_side_count_as_one_span_of_time_and_others_as_the_sum() {
        let later = |at: &str| LoadRun { started_at: at.to_owned(), ..run(10) };
        let seconds = |runs: &[LoadRun]| {
            let merged = merge(runs).expect("runs");
            (merged.took_seconds, merged.summary.uploads, merged.summary.goodput_bytes_per_second)
        };
        let beside = LoadRun { generator: Generator { threads: 2, ..Generator::default() }, ..run(10) };
        assert_eq!(seconds(&[run(10), beside]), (2.0, 20, 100.0));
        assert_eq!(seconds(&[run(10), later("2026-01-01T00:00:01Z")]), (3.0, 20, 200.0 / 3.0));
        assert_eq!(seconds(&[later("2026-01-01T01:00:00Z"), run(10)]), (4.0, 20, 50.0));
        assert!(merge(&[]).is_err());
        assert!(merge(&[later("yesterday")]).is_err());
    }

    #[test]
    fn merged_errors_are_counted_by_kind() {
        let one = LoadRun { errors: vec![error(Some(503)), error(None)], ..run(1) };
        let merged =
            merge(&[one.clone(), LoadRun { errors: vec![error(Some(503))], ..run(2) }]).expect("runs");
        let counts: Vec<_> = merged.errors.iter().map(|error| (error.status, error.count)).collect();
        assert_eq!(counts, [(Some(503), 6), (None, 3)]);
    }
}
