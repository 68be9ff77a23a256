//! What a load run tells its caller.

use super::run::{LoadEnding, LoadRun, Offered};
use crate::Exit;

impl LoadRun {
    /// The thresholds that were broken.
    pub fn broken(&self) -> impl Iterator<Item = &super::ThresholdResult> {
        self.thresholds.iter().filter(|threshold| threshold.broken)
    }

    /// Whether the generator was measured and not the target, in a model that promised a rate.
    pub fn is_saturated(&self) -> bool {
        matches!(self.offered, Offered::Open { .. })
            && !self.saturation.is_empty()
            && !self.saturation_allowed
    }

    /// The exit code that this run deserves. A generator that was the bottleneck says nothing of the target, so that
    /// not even a broken threshold does.
    pub fn exit(&self) -> Exit {
        if self.ending == LoadEnding::Interrupted {
            Exit::Interrupted
        } else if self.is_saturated() {
            Exit::NothingCanBeSaid
        } else if self.broken().next().is_some() || matches!(self.ending, LoadEnding::Aborted { .. }) {
            Exit::Failed
        } else if self.summary.uploads == 0 && self.summary.abandoned == 0 {
            self.exit_of_nothing()
        } else {
            Exit::Well
        }
    }

    /// No upload was completed: either nobody answered, or nobody let one pass.
    fn exit_of_nothing(&self) -> Exit {
        let answered = self.errors.iter().any(|error| error.status.is_some());
        if self.errors.is_empty() || answered { Exit::NothingJudged } else { Exit::NothingCanBeSaid }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::load::{
        ErrorCount, Generator, LOAD_FORMAT, LoadSummary, LoadTarget, ServerOwner, ThresholdResult, merge,
    };

    fn run(uploads: u64) -> LoadRun {
        LoadRun {
            format: LOAD_FORMAT,
            uptake: "0.0.0".to_owned(),
            name: "a run".to_owned(),
            target: LoadTarget {
                name: "a target".to_owned(),
                base_url: "http://target.test/".to_owned(),
                owner: ServerOwner::Named,
            },
            offered: Offered::Open {
                rate: "1/s".to_owned(),
                arrivals: "constant".to_owned(),
                max_in_flight: 1,
                arrivals_due: uploads,
            },
            seed: 1,
            started_at: "2026-01-01T00:00:00Z".to_owned(),
            took_seconds: 2.0,
            ending: LoadEnding::Completed,
            summary: LoadSummary { uploads, goodput_bytes: uploads * 10, ..LoadSummary::default() },
            phases: BTreeMap::new(),
            errors: Vec::new(),
            series: Vec::new(),
            generator: Generator::default(),
            saturation: Vec::new(),
            saturation_allowed: false,
            thresholds: Vec::new(),
            warnings: Vec::new(),
            intervals: Vec::new(),
        }
    }

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
        assert_eq!(saturated.exit(), Exit::NothingCanBeSaid);
        assert_eq!(LoadRun { saturation_allowed: true, ..saturated.clone() }.exit(), Exit::Failed);
        let closed = Offered::Closed { uploaders: 1, think: "none".to_owned() };
        assert_eq!(LoadRun { offered: closed, thresholds: Vec::new(), ..saturated }.exit(), Exit::Well);
    }

    #[test]
    fn thresholds_and_ends_have_their_codes() {
        assert_eq!(run(5).exit(), Exit::Well);
        assert_eq!(LoadRun { thresholds: vec![broken()], ..run(5) }.exit(), Exit::Failed);
        assert_eq!(
            LoadRun { ending: LoadEnding::Aborted { why: String::new() }, ..run(5) }.exit(),
            Exit::Failed
        );
        assert_eq!(LoadRun { ending: LoadEnding::Interrupted, ..run(5) }.exit(), Exit::Interrupted);
    }

    #[test]
    fn a_run_without_an_upload_is_no_success() {
        assert_eq!(run(0).exit(), Exit::NothingJudged);
        assert_eq!(LoadRun { errors: vec![error(Some(401))], ..run(0) }.exit(), Exit::NothingJudged);
        assert_eq!(LoadRun { errors: vec![error(None)], ..run(0) }.exit(), Exit::NothingCanBeSaid);
    }

    #[test]
    fn runs_side_by_side_count_as_one_span_of_time_and_others_as_the_sum() {
        let later = |at: &str| LoadRun { started_at: at.to_owned(), ..run(10) };
        let seconds = |runs: &[LoadRun]| {
            let merged = merge(runs).expect("runs");
            (merged.took_seconds, merged.summary.uploads, merged.summary.goodput_bytes_per_second)
        };
        assert_eq!(seconds(&[run(10), later("2026-01-01T00:00:00Z")]), (2.0, 20, 100.0));
        assert_eq!(seconds(&[run(10), later("2026-01-01T00:00:01Z")]), (3.0, 20, 200.0 / 3.0));
        assert_eq!(seconds(&[later("2026-01-01T01:00:00Z"), run(10)]), (4.0, 20, 50.0));
        assert!(merge(&[]).is_err());
        assert!(merge(&[later("yesterday")]).is_err());
    }

    #[test]
    fn merged_errors_are_counted_by_kind() {
        let one = LoadRun { errors: vec![error(Some(503)), error(None)], ..run(1) };
        let merged = merge(&[one.clone(), LoadRun { errors: vec![error(Some(503))], ..one }]).expect("runs");
        let counts: Vec<_> = merged.errors.iter().map(|error| (error.status, error.count)).collect();
        assert_eq!(counts, [(Some(503), 6), (None, 3)]);
    }
}
