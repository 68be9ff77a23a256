//! A chunk plan: which bytes go into which segment, and how each segment is labelled.

use serde::{Deserialize, Serialize};

use super::{Cut, PlanError};

/// How a file is sent, as a plain value: it can be read, written, generated, shuffled and shrunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChunkPlan {
    /// The file's size.
    pub size: u64,
    /// The segments in the order in which they are sent.
    pub segments: Vec<Segment>,
}

/// One segment of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// The first byte.
    pub from: u64,
    /// How many bytes.
    pub len: u64,
    /// The Content-Range header's value as it is sent; none where no such header goes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The place in the file, from 1. It stays when the order changes.
    pub number: u32,
}

impl ChunkPlan {
    /// A plan given in full. The labels may say what they like; the bytes must be those of the file.
    pub fn new(size: u64, segments: Vec<Segment>) -> Result<ChunkPlan, PlanError> {
        let beyond = |segment: &&Segment| segment.from.checked_add(segment.len).is_none_or(|end| end > size);
        if let Some(segment) = segments.iter().find(beyond) {
            let Segment { number, from, len, .. } = *segment;
            return Err(PlanError::BeyondFile { number, from, len, size });
        }
        Ok(ChunkPlan { size, segments })
    }

    /// Cuts a file into equal segments, the last of which may be shorter.
    pub fn cut(cut: Cut) -> Result<ChunkPlan, PlanError> {
        cut.into_plan()
    }

    /// The same segments in another order, each named by its number. A number may stand twice, or be left out.
    pub fn reorder(&self, order: &[u32]) -> Result<ChunkPlan, PlanError> {
        let find = |number: &u32| {
            let found = self.segments.iter().find(|segment| segment.number == *number);
            found.cloned().ok_or(PlanError::NoSuchSegment { number: *number, count: self.segments.len() })
        };
        let segments = order.iter().map(find).collect::<Result<_, _>>()?;
        Ok(ChunkPlan { size: self.size, segments })
    }
}
