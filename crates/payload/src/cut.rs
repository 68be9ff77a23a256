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

impl ChunkPlan {
    /// Cuts a file into equal segments, the last of which may be shorter.
    pub fn cut(cut: Cut) -> Result<ChunkPlan, PlanError> {
        cut.into_plan()
    }
}

impl Cut {
    fn into_plan(self) -> Result<ChunkPlan, PlanError> {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Cut, Framing, Total};
    use crate::{ChunkPlan, PlanError};

    fn labels(framing: Framing, total: Total) -> Vec<String> {
        let plan = ChunkPlan::cut(Cut { size: 12, segment: 5, framing, total }).unwrap();
        plan.segments.into_iter().map(|segment| segment.label.unwrap_or_default()).collect()
    }

    #[test]
    fn segments_are_labelled_as_the_framing_and_the_total_ask() {
        use Framing::{Bytes, None, Parts};
        for (framing, total, expected) in [
            (None, Total::Named, ["", "", ""]),
            (Bytes, Total::Named, ["bytes 0-4/12", "bytes 5-9/12", "bytes 10-11/12"]),
            (Bytes, Total::Open, ["bytes 0-4/*", "bytes 5-9/*", "bytes 10-11/*"]),
            (Bytes, Total::OpenUntilLast, ["bytes 0-4/*", "bytes 5-9/*", "bytes 10-11/12"]),
            (Bytes, Total::Claimed(13), ["bytes 0-4/13", "bytes 5-9/13", "bytes 10-11/13"]),
            (Parts, Total::Named, ["part 1/3", "part 2/3", "part 3/3"]),
            (Parts, Total::Open, ["part 1/*", "part 2/*", "part 3/*"]),
            (Parts, Total::OpenUntilLast, ["part 1/*", "part 2/*", "part 3/3"]),
            (Parts, Total::Claimed(2), ["part 1/2", "part 2/2", "part 3/2"]),
        ] {
            assert_eq!(labels(framing, total), expected, "of {framing:?} and {total:?}");
        }
    }

    #[test]
    fn an_empty_file_is_one_segment_without_bytes() {
        let cut = Cut { size: 0, segment: 5, framing: Framing::Parts, total: Total::Named };
        let plan = ChunkPlan::cut(cut).unwrap();
        assert_eq!(plan.segments.len(), 1);
        assert_eq!((plan.segments[0].len, plan.segments[0].label.as_deref()), (0, Some("part 1/1")));
        let framed = Cut { framing: Framing::Bytes, ..cut };
        assert_eq!(ChunkPlan::cut(framed).unwrap_err(), PlanError::NothingToFrame);
    }

    #[test]
    fn what_cannot_be_cut_is_refused() {
        let cut = Cut { size: 12, segment: 0, framing: Framing::None, total: Total::Named };
        assert_eq!(ChunkPlan::cut(cut).unwrap_err(), PlanError::EmptySegment);
        let cut = Cut { size: u64::MAX, segment: 1, ..cut };
        assert!(matches!(ChunkPlan::cut(cut), Err(PlanError::TooManySegments { .. })));
    }

    fn framing() -> impl Strategy<Value = Framing> {
        prop_oneof![Just(Framing::None), Just(Framing::Bytes), Just(Framing::Parts)]
    }

    fn total() -> impl Strategy<Value = Total> {
        let claimed = any::<u64>().prop_map(Total::Claimed);
        prop_oneof![Just(Total::Named), Just(Total::Open), Just(Total::OpenUntilLast), claimed]
    }

    proptest! {
        #[test]
        fn a_cut_covers_the_file_exactly_once(
            segment in 1..(1_u64 << 50),
            whole in 0..50_u64,
            rest in any::<u64>(),
            framing in framing(),
            total in total(),
        ) {
            let size = (whole * segment + rest % segment).max(1);
            let plan = ChunkPlan::cut(Cut { size, segment, framing, total }).unwrap();
            let mut at = 0;
            for (number, piece) in (1..).zip(&plan.segments) {
                prop_assert_eq!((piece.from, piece.number), (at, number));
                prop_assert!(piece.len >= 1 && piece.len <= segment);
                at += piece.len;
            }
            prop_assert_eq!(at, size);
            let (_, before) = plan.segments.split_last().unwrap();
            prop_assert!(before.iter().all(|piece| piece.len == segment));
            prop_assert_eq!(ChunkPlan::new(plan.size, plan.segments.clone()).unwrap(), plan);
        }
    }
}
