//! How an upload ends: most are completed, some are abandoned or interrupted and resumed on purpose.

use crate::random::RandomValue;

/// The shares of uploads that are interrupted on purpose, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct OutcomeShares {
    /// Abandoned in the middle of a segment.
    pub abandoned: f64,
    /// Interrupted in the middle of a segment, and resumed with that segment.
    pub resumed: f64,
}

/// How an upload ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All segments are sent.
    Completed,
    /// The connection is closed in the middle of a segment, and nothing follows.
    Abandoned,
    /// The connection is closed in the middle of a segment, which is then sent again.
    Resumed,
}

impl OutcomeShares {
    /// The outcome for a random value.
    pub(crate) fn pick(self, value: RandomValue) -> Outcome {
        let unit = value.unit();
        if unit < self.abandoned {
            Outcome::Abandoned
        } else if unit < self.abandoned + self.resumed {
            Outcome::Resumed
        } else {
            Outcome::Completed
        }
    }
}
