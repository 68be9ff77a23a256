//! A chunk plan: which bytes go into which segment, and how each segment is labelled.

use serde::{Deserialize, Serialize};

use super::PlanError;

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

#[cfg(test)]
mod tests {
    use super::{ChunkPlan, Segment};
    use crate::{Cut, Framing, PlanError, Total};

    fn plan() -> ChunkPlan {
        ChunkPlan::cut(Cut { size: 12, segment: 5, framing: Framing::Parts, total: Total::Named }).unwrap()
    }

    #[test]
    fn an_order_may_shuffle_repeat_and_leave_out() {
        let shuffled = plan().reorder(&[3, 1, 1]).unwrap();
        let labels: Vec<_> =
            shuffled.segments.iter().filter_map(|segment| segment.label.as_deref()).collect();
        assert_eq!(labels, ["part 3/3", "part 1/3", "part 1/3"]);
        assert_eq!(shuffled.size, 12);
        assert_eq!(plan().reorder(&[0]).unwrap_err(), PlanError::NoSuchSegment { number: 0, count: 3 });
    }

    #[test]
    fn a_plan_is_a_plain_value() {
        let text = serde_json::to_string(&plan()).unwrap();
        assert_eq!(serde_json::from_str::<ChunkPlan>(&text).unwrap(), plan());
        assert!(serde_json::from_str::<ChunkPlan>(r#"{"size": 1, "segments": [], "more": 1}"#).is_err());
    }

    #[test]
    fn a_given_plan_may_lie_in_its_labels_but_not_reach_beyond_the_file() {
        let segment = |from, len| Segment { from, len, label: Some("bytes 7-3/x".to_owned()), number: 1 };
        assert!(ChunkPlan::new(12, vec![segment(7, 5)]).is_ok());
        for (from, len) in [(7, 6), (13, 0), (u64::MAX, 2)] {
            let error = ChunkPlan::new(12, vec![segment(from, len)]).unwrap_err();
            assert_eq!(error, PlanError::BeyondFile { number: 1, from, len, size: 12 });
        }
    }
}
