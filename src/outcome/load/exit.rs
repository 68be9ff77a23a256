//! What a load run tells its caller.

use super::run::{LoadEnding, LoadRun, Offered};
use crate::outcome::Exit;

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
