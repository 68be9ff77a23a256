//! What a protocol means by order, repetition, sizes and completion.

use std::fmt;

/// What a protocol says of uploads in segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Semantics {
    /// In which order segments are accepted.
    pub order: Order,
    /// By what a segment says where it belongs.
    pub placed_by: PlacedBy,
    /// What becomes of a segment that was accepted before.
    pub again: Again,
    /// The sizes of segments.
    pub sizes: Sizes,
    /// What is kept of a segment that was broken off.
    pub broken_off: BrokenOff,
    /// When an upload is complete.
    pub completion: Completion,
    /// The statuses of a segment that is accepted.
    pub accepted: Statuses,
    /// The statuses of the segment that completes an upload.
    pub accepted_last: Statuses,
    /// The statuses of a completion request that is accepted.
    pub completed: Statuses,
    /// The statuses of refusals.
    pub refused: Refusals,
}

/// In which order segments are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Each begins where the one before it ended.
    InTurn,
    /// Any.
    Any,
}

/// By what a segment says where it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlacedBy {
    /// The offset of its first byte.
    Offset,
    /// Its number; the finished upload has the segments in the order of their numbers, whatever their sizes.
    Number,
}

/// What becomes of a segment that was accepted before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It is refused.
    Refused,
    /// It takes the place of the former one.
    Replaces,
    /// It is accepted and changes nothing.
    Ignored,
}

/// The sizes that a segment may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// The least; with 0, empty segments are accepted.
    pub min: u64,
    /// The greatest.
    pub max: Option<u64>,
    /// Sizes are multiples of this.
    pub multiple: u64,
    /// Whether the least size and the multiple do not hold for the last segment.
    pub last_is_exempt: bool,
}

/// What is kept of a segment that was broken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrokenOff {
    /// Its beginning, as much as arrived or less.
    Prefix,
    /// Nothing.
    Nothing,
}

/// When an upload is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completion {
    /// As soon as all bytes are there.
    WhenFull,
    /// When a request of its own says so.
    ByRequest,
    /// When the segment that says it is the last was accepted.
    ByFlag,
}

/// The statuses of refusals; where the protocol names none, any status of the class 4xx refuses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusals {
    /// Of a segment that begins behind what has been received.
    pub gap: Option<Statuses>,
    /// Of a segment whose bytes were accepted before, all of them or some.
    pub overlap: Option<Statuses>,
    /// Of a segment that ends behind the end of the upload.
    pub beyond: Option<Statuses>,
    /// Of a segment that is smaller than the least size, or no multiple of what sizes are multiples of.
    pub too_small: Option<Statuses>,
    /// Of a segment that is larger than the largest size.
    pub too_large: Option<Statuses>,
    /// Of a request for an upload that takes no more of them.
    pub gone: Option<Statuses>,
}

/// A set of statuses, as ranges with both ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statuses(pub Vec<(u16, u16)>);

impl Statuses {
    /// These statuses.
    pub fn of(statuses: &[u16]) -> Self {
        Self(statuses.iter().map(|status| (*status, *status)).collect())
    }

    /// Every status of a class, by its first digit.
    pub fn class(digit: u16) -> Self {
        Self(vec![(digit * 100, digit * 100 + 99)])
    }

    /// Whether `status` is one of them.
    pub fn has(&self, status: u16) -> bool {
        self.0.iter().any(|(least, greatest)| (*least..=*greatest).contains(&status))
    }

    /// The statuses that a protocol names for a refusal, or any.
    pub(super) fn refusing(named: Option<&Self>) -> Self {
        named.cloned().unwrap_or_else(|| Self::class(4))
    }

    /// Both sets.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for range in &other.0 {
            if !self.0.contains(range) {
                self.0.push(*range);
            }
        }
        self
    }
}

impl fmt::Display for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (least, greatest)) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" or ")?;
            }
            if least == greatest {
                write!(f, "{least}")?;
            } else {
                write!(f, "{}xx", least / 100)?;
            }
        }
        Ok(())
    }
}
