//! What order, repetition, sizes and interruptions mean in a protocol.

use crate::expr::Expr;
use crate::status::StatusSet;

/// In which order segments may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Each begins where the one before it ended.
    InTurn,
    /// In any.
    Any,
}

/// What becomes of a segment that was accepted and is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It is refused.
    Refused,
    /// It is accepted, and takes the place of the first.
    Replaces,
    /// It is accepted, and changes nothing.
    Ignored,
}

/// What a server keeps of a segment whose connection was closed midway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrokenOff {
    /// What arrived, or less. `ask` says how much, and the upload goes on from there.
    KeepsAPrefix,
    /// Nothing: the segment is sent again.
    KeepsNothing,
}

/// What sizes segments may have; each is a number of bytes.
#[derive(Debug, Clone)]
pub struct Sizes {
    /// The smallest.
    pub min: Option<Expr>,
    /// What each size is a multiple of.
    pub multiple: Option<Expr>,
    /// The largest.
    pub max: Option<Expr>,
    /// The most segments of an upload.
    pub count: Option<Expr>,
    /// Which segments `min` and `multiple` do not hold for.
    pub exempt: Exempt,
}

/// Which segments the least size and the multiple do not hold for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exempt {
    /// The last.
    Last,
    /// None.
    None,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { min: None, multiple: None, max: None, count: None, exempt: Exempt::Last }
    }
}

/// The statuses that refuse what is wrong; `None` where the protocol does not say, or accepts it.
#[derive(Debug, Clone, Default)]
pub struct Refusals {
    /// A segment that begins behind what has been received.
    pub gap: Option<StatusSet>,
    /// A segment whose first bytes have been received already.
    pub overlap: Option<StatusSet>,
    /// A segment that ends behind the upload's total.
    pub beyond: Option<StatusSet>,
    /// A segment that is smaller than the least size.
    pub too_small: Option<StatusSet>,
    /// A segment, or an upload, that is larger than the largest size.
    pub too_large: Option<StatusSet>,
    /// A request for an upload that is not there, or no longer.
    pub gone: Option<StatusSet>,
}
