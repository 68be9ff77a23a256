//! How an upload ends: most are completed, some are abandoned or interrupted and resumed on purpose.

use crate::random::RandomValue;

/// How often uploads are interrupted on purpose, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct OutcomeShares {
    /// The share of uploads that are abandoned in the middle of a segment.
    pub abandoned: f64,
    /// The share of uploads that are interrupted in the middle of a segment, and resumed with that segment.
    pub resumed: f64,
    /// The share of segments whose connection is lost, each time one is sent.
    pub dropped: f64,
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
    /// A segment lost its connection more often than it is resumed, and nothing follows.
    GivenUp,
}

impl Outcome {
    /// Whether all of the upload was sent.
    pub(crate) fn is_complete(self) -> bool {
        matches!(self, Self::Completed | Self::Resumed)
    }
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
