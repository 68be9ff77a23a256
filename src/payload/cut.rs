//! How a file is cut into segments of one size.

use serde::{Deserialize, Serialize};

use super::{ChunkPlan, ContentRange, PlanError, Segment};

/// The order to cut a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// The file's size.
    pub size: u64,
    /// The size of a segment.
    pub segment: u64,
    /// How segments are labelled.
    pub framing: Framing,
    /// Which total the labels name.
    pub total: Total,
}

/// How segments are labelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Framing {
    /// Not at all: no Content-Range is sent.
    None,
    /// By byte ranges.
    Bytes,
    /// By part numbers.
    Parts,
}

/// Which total (of bytes, or of parts) the labels name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Total {
    /// The true one, in every segment.
    Named,
    /// None: every segment says `*`.
    Open,
    /// Only the last segment names it, all before say `*`.
    OpenUntilLast,
    /// This one, true or not.
    Claimed(u64),
}

impl Cut {
    pub(super) fn into_plan(self) -> Result<ChunkPlan, PlanError> {
        if self.segment == 0 {
            return Err(PlanError::EmptySegment);
        }
        if self.size == 0 && self.framing == Framing::Bytes {
            return Err(PlanError::NothingToFrame);
        }
        // An empty file is still sent: as one segment without bytes.
        let count = self.size.div_ceil(self.segment).max(1);
        let count = u32::try_from(count)
            .map_err(|_| PlanError::TooManySegments { size: self.size, segment: self.segment })?;
        let segments = (1..=count).map(|number| self.segment(number, count)).collect();
        Ok(ChunkPlan { size: self.size, segments })
    }

    fn segment(self, number: u32, count: u32) -> Segment {
        let from = u64::from(number - 1) * self.segment;
        let len = self.segment.min(self.size - from);
        let label = match self.framing {
            Framing::None => None,
            Framing::Bytes => {
                let total = self.named(self.size, number == count);
                Some(ContentRange::Bytes { from, to: from + len - 1, total })
            }
            Framing::Parts => {
                let count = self.named(u64::from(count), number == count);
                Some(ContentRange::Part { number: u64::from(number), count })
            }
        };
        Segment { from, len, label: label.map(|label| label.to_string()), number }
    }

    fn named(self, truth: u64, last: bool) -> Option<u64> {
        match self.total {
            Total::Named => Some(truth),
            Total::Open => None,
            Total::OpenUntilLast => last.then_some(truth),
            Total::Claimed(claim) => Some(claim),
        }
    }
}
