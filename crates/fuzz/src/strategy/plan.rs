//! Valid plans: a file cut into segments that complete it.

use proptest::prelude::*;
use proptest::sample::select;

use super::super::case::{Frame, Segment, Step};
use super::settings::GeneratorSettings;
use super::size;

/// How segments are framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    Bytes,
    Parts,
}

/// Which segments name the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Total {
    /// All of them.
    Named,
    /// The last alone.
    Last,
    /// The first alone.
    First,
}

/// A file, cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) framing: Framing,
    pub(super) total: Total,
    pub(super) sizes: Vec<u64>,
}

impl Plan {
    /// How many bytes it has.
    pub(super) fn size(&self) -> u64 {
        self.sizes.iter().sum()
    }

    /// What names the whole: bytes, or parts.
    pub(super) fn whole(&self) -> u64 {
        match self.framing {
            Framing::Bytes => self.size(),
            Framing::Parts => self.sizes.len() as u64,
        }
    }

    /// Where a segment begins.
    pub(super) fn offset(&self, at: usize) -> u64 {
        self.sizes[..at].iter().sum()
    }

    /// One segment, naming this total.
    pub(super) fn with_total(&self, upload: usize, at: usize, total: Option<u64>) -> Segment {
        let (offset, length) = (self.offset(at), self.sizes[at]);
        let frame = match self.framing {
            Framing::Bytes => Frame::Bytes { from: offset, to: offset + length - 1, total },
            Framing::Parts => Frame::Part { number: at as u64 + 1, count: total },
        };
        Segment::new(upload, frame, offset, length)
    }

    /// One segment.
    pub(super) fn segment(&self, upload: usize, at: usize) -> Segment {
        let last = at + 1 == self.sizes.len();
        let named = match self.total {
            Total::Named => true,
            Total::Last => last,
            // The last is small, and so must be known to be the last: it is, since the first said so.
            Total::First => at == 0,
        };
        self.with_total(upload, at, named.then(|| self.whole()))
    }

    /// All segments in turn.
    pub(super) fn segments(&self, upload: usize) -> Vec<Segment> {
        (0..self.sizes.len()).map(|at| self.segment(upload, at)).collect()
    }

    /// All of them as steps.
    pub(super) fn steps(&self, upload: usize) -> Vec<Step> {
        self.segments(upload).into_iter().map(Step::Send).collect()
    }
}

/// Either framing.
pub(super) fn framing() -> BoxedStrategy<Framing> {
    select(vec![Framing::Bytes, Framing::Parts]).boxed()
}

/// A plan of `count` segments.
pub(super) fn plan(
    settings: GeneratorSettings,
    count: std::ops::RangeInclusive<usize>,
) -> BoxedStrategy<Plan> {
    let total = prop_oneof![
        3 => Just(Total::Named),
        1 => Just(Total::Last),
        1 => Just(Total::First),
    ];
    sized(settings, count)
        .prop_flat_map(move |sizes| (framing(), total.clone(), Just(sizes)))
        .prop_map(|(framing, total, sizes)| Plan { framing, total, sizes })
        .boxed()
}

/// The sizes of such a plan.
pub(super) fn sized(
    settings: GeneratorSettings,
    count: std::ops::RangeInclusive<usize>,
) -> BoxedStrategy<Vec<u64>> {
    let inner = proptest::collection::vec(size::inner(settings), count.start() - 1..*count.end());
    (inner, size::last(settings))
        .prop_map(|(mut sizes, last)| {
            sizes.push(last);
            sizes
        })
        .boxed()
}
