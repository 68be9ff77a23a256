//! What can be wrong with a segment, given what has been received.

use super::aspect::Aspect;
use super::segment::Segment;
use super::semantics::{Again, Order, PlacedBy, Semantics, Statuses};
use super::state::{Piece, State};

/// What is wrong with a segment: what it is judged by, and the statuses that refuse it.
pub(super) type Fault = (Aspect, Statuses);

impl Semantics {
    /// What is wrong with `segment` of an upload of `total` bytes where so many bytes are kept, in turn.
    pub(super) fn faults_in_turn(
        &self,
        segment: &Segment,
        kept: u64,
        (total, completed): (u64, bool),
    ) -> Vec<Fault> {
        let refused = &self.refused;
        let mut faults = Vec::new();
        if segment.from < kept {
            let aspect = if segment.end() <= kept { Aspect::Again } else { Aspect::Overlap };
            faults.push((aspect, Statuses::refusing(refused.overlap.as_ref())));
        }
        if segment.from > kept {
            faults.push((Aspect::Gap, Statuses::refusing(refused.gap.as_ref())));
        }
        if segment.end() > total {
            faults.push((Aspect::Beyond, Statuses::refusing(refused.beyond.as_ref())));
        }
        faults.extend(self.fault_of_size(segment));
        if completed {
            faults.push((Aspect::AfterComplete, self.after_complete()));
        }
        faults
    }

    /// What is wrong with `segment` of an upload of `total` bytes in `count` segments where these come in any order.
    pub(super) fn faults_in_any_order(
        &self,
        segment: &Segment,
        state: &State,
        (total, count): (u64, u64),
    ) -> Vec<Fault> {
        let refused = &self.refused;
        let piece = Piece { from: segment.from, length: segment.length };
        let mut faults = Vec::new();
        let former = state.segments.get(&self.place(segment));
        let is_again = match self.placed_by {
            PlacedBy::Number => former.is_some(),
            PlacedBy::Offset => former == Some(&piece),
        };
        let overlaps = |other: &&Piece| other.from < piece.end() && piece.from < other.end();
        if is_again && self.again == Again::Refused {
            faults.push((Aspect::Again, Statuses::refusing(refused.overlap.as_ref())));
        }
        if !is_again
            && self.placed_by == PlacedBy::Offset
            && state.segments.values().any(|other| overlaps(&other))
        {
            faults.push((Aspect::Overlap, Statuses::refusing(refused.overlap.as_ref())));
        }
        let is_beyond = match self.placed_by {
            PlacedBy::Offset => segment.end() > total,
            PlacedBy::Number => segment.number > count,
        };
        if is_beyond {
            faults.push((Aspect::Beyond, Statuses::refusing(refused.beyond.as_ref())));
        }
        faults.extend(self.fault_of_size(segment));
        if state.completed {
            faults.push((Aspect::AfterComplete, self.after_complete()));
        }
        faults
    }

    /// What places a segment.
    pub(super) const fn place(&self, segment: &Segment) -> u64 {
        match self.placed_by {
            PlacedBy::Offset => segment.from,
            PlacedBy::Number => segment.number,
        }
    }

    fn fault_of_size(&self, segment: &Segment) -> Option<Fault> {
        let sizes = self.sizes;
        if sizes.max.is_some_and(|max| segment.length > max) {
            return Some((Aspect::Size, Statuses::refusing(self.refused.too_large.as_ref())));
        }
        let is_exempt = sizes.last_is_exempt && segment.is_last && segment.length > 0;
        let is_small = segment.length < sizes.min || !segment.length.is_multiple_of(sizes.multiple.max(1));
        (is_small && !is_exempt).then(|| (Aspect::Size, Statuses::refusing(self.refused.too_small.as_ref())))
    }

    /// Whether the protocol names no status that refuses a segment of this size, if it is wrong: then it may be accepted.
    pub(super) fn leaves_size_open(&self, segment: &Segment) -> bool {
        let is_large = self.sizes.max.is_some_and(|max| segment.length > max);
        let named = if is_large { &self.refused.too_large } else { &self.refused.too_small };
        named.is_none()
    }

    /// The statuses that accept a segment of which nothing more is said.
    pub(super) fn accepting(&self) -> Statuses {
        Statuses::class(2).and(&self.accepted).and(&self.accepted_last)
    }

    /// The statuses that may refuse a segment of a complete upload.
    fn after_complete(&self) -> Statuses {
        let refused = &self.refused;
        let named = [&refused.gone, &refused.overlap, &refused.beyond].into_iter().flatten();
        let statuses = named.fold(Statuses::default(), Statuses::and);
        if statuses.0.is_empty() { Statuses::class(4) } else { statuses }
    }

    /// Whether a segment is refused as soon as it arrives where its size is wrong, or only when the upload is completed.
    pub(super) fn checks_sizes_at_the_end(&self) -> bool {
        self.order == Order::Any
            && self.placed_by == PlacedBy::Number
            && self.completion == super::semantics::Completion::ByRequest
    }
}
