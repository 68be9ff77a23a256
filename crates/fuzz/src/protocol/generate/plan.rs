//! How a file is cut into segments, and what a suite says that bounds it.

use proptest::prelude::*;
use proptest::sample::select;

use super::super::case::{Piece, ProtocolCase, ProtocolStep};
use crate::subject::Subject;
use uptake_oracle::upload::{Again, BrokenOff, Completion, Order, PlacedBy, Refusals, Sizes};

/// Segments of at least this size are too large to be many.
const LARGE: u64 = 1 << 20;

/// What a suite says of an upload, as the strategies need it.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) order: Order,
    pub(super) again: Again,
    pub(super) completion: Completion,
    pub(super) broken_off: BrokenOff,
    pub(super) sizes: Sizes,
    pub(super) labels: Vec<PlacedBy>,
    pub(super) refused: Refusals,
    /// Whether a request creates the upload; otherwise the first segment does.
    pub(super) creates: bool,
    /// Whether it can be asked what has been received.
    pub(super) asks: bool,
    pub(super) parallel: bool,
}

/// A file cut into segments.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) label: PlacedBy,
    pub(super) sizes: Vec<u64>,
    /// Behind which segments it is asked what has been received.
    pub(super) asks: Vec<bool>,
    pub(super) completion: Completion,
}

impl Shape {
    pub(super) fn of(subject: &Subject) -> Self {
        let protocol = subject.protocol();
        let labels = subject.labels();
        let meaning = subject.semantics(labels[0]);
        Self {
            order: meaning.order,
            again: meaning.again,
            completion: meaning.completion,
            broken_off: meaning.broken_off,
            sizes: meaning.sizes,
            labels,
            refused: meaning.refused,
            creates: protocol.create.is_some(),
            asks: protocol.ask.is_some(),
            parallel: protocol.segment.parallel,
        }
    }

    /// The least size of a segment with bytes that is not the last.
    pub(super) fn least(&self) -> u64 {
        self.sizes.min.max(1).next_multiple_of(self.sizes.multiple)
    }

    fn fits(&self, size: u64) -> bool {
        self.sizes.max.is_none_or(|max| size <= max)
    }

    /// Sizes of segments that are not the last: around the least, and at powers of two.
    pub(super) fn inner(&self) -> BoxedStrategy<u64> {
        let (least, multiple) = (self.least(), self.sizes.multiple);
        let mut sizes = vec![least, least + multiple, least, least + 2 * multiple];
        if least < LARGE {
            sizes.extend([2 * least, 2 * least + multiple, 3 * least, 8 * multiple]);
            sizes.extend(
                [100, 1023, 1024, 1025, 4096, 16_385, 65_537]
                    .map(|size: u64| size.next_multiple_of(multiple)),
            );
        }
        sizes.retain(|size| *size >= least && self.fits(*size));
        select(if sizes.is_empty() { vec![least] } else { sizes }).boxed()
    }

    /// Sizes of the last segment.
    pub(super) fn last(&self) -> BoxedStrategy<u64> {
        if !self.sizes.last_is_exempt {
            return self.inner();
        }
        let least = self.least();
        let mut sizes = vec![1, 2, least.saturating_sub(1), least, least + 1];
        sizes.retain(|size| *size > 0 && self.fits(*size));
        prop_oneof![2 => select(if sizes.is_empty() { vec![least] } else { sizes }), 1 => self.inner()]
            .boxed()
    }

    /// A file in so many segments.
    pub(super) fn plan(&self, count: std::ops::RangeInclusive<usize>) -> BoxedStrategy<Plan> {
        let (least, greatest) = (*count.start(), *count.end());
        let inner = proptest::collection::vec(self.inner(), least.saturating_sub(1)..greatest);
        let asks = proptest::collection::vec(proptest::bool::weighted(0.4), greatest);
        let completion = self.completion;
        (select(self.labels.clone()), inner, self.last(), asks)
            .prop_map(move |(label, mut sizes, last, asks)| {
                sizes.push(last);
                Plan { label, sizes, asks, completion }
            })
            .boxed()
    }
}

impl Plan {
    pub(super) fn total(&self) -> u64 {
        self.sizes.iter().sum()
    }

    /// Its segments in order.
    pub(super) fn pieces(&self) -> Vec<Piece> {
        let mut from = 0;
        let numbered = (1..).zip(&self.sizes);
        numbered
            .map(|(number, size)| {
                let piece = Piece::new(number, from, from + size);
                from += size;
                piece
            })
            .collect()
    }

    /// These segments one after the other, with questions between them.
    pub(super) fn sends(&self, pieces: Vec<Piece>) -> Vec<ProtocolStep> {
        let mut steps = Vec::new();
        for (at, piece) in pieces.into_iter().enumerate() {
            steps.push(ProtocolStep::Send(piece));
            if self.asks.get(at) == Some(&true) {
                steps.push(ProtocolStep::Ask);
            }
        }
        steps
    }

    /// A case of these steps, completed at the end where that takes a request.
    pub(super) fn case(&self, mut steps: Vec<ProtocolStep>) -> ProtocolCase {
        if self.completion == Completion::ByRequest {
            steps.push(ProtocolStep::Complete);
        }
        self.bare(steps)
    }

    /// A case of these steps and no more.
    pub(super) fn bare(&self, steps: Vec<ProtocolStep>) -> ProtocolCase {
        let count = self.sizes.len() as u64;
        ProtocolCase { label: self.label, total: self.total(), count, steps }
    }
}
