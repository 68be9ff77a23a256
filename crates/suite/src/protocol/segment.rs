//! The request that sends a segment, and how it differs by place and label.

use super::calls::{Call, Received};
use super::meaning::{Again, Order};
use crate::expr::Template;
use crate::save::Save;
use crate::status::StatusSet;

/// The content that stands for a segment's bytes in the body of a request, and for the file's in that of `whole`.
pub const SEGMENT: &str = "segment";

/// The request that sends a segment.
#[derive(Debug, Clone)]
pub struct SegmentCall {
    /// The request, whatever the segment is. It saves what the server answers to each segment.
    pub call: Call,
    /// How the request says which segment it is.
    pub labels: Labels,
    /// What stands for `total` and `count` where a segment does not say them; without it each says them.
    pub open_total: Option<String>,
    /// How the segment that is sent first differs. What it saves is known to all others, so it is sent alone.
    pub first: Variation,
    /// How all others differ.
    pub later: Variation,
    /// How the segment with the file's last byte differs.
    pub last: Variation,
    /// What the answer to a segment says has been received of the upload; what an answer does not have says nothing.
    pub received: Vec<(Received, Save)>,
    /// In which order segments may be sent.
    pub order: Order,
    /// Whether several segments of an upload may be sent at once.
    pub parallel: bool,
    /// What becomes of a segment that is sent again.
    pub again: Again,
}

/// The ways to say which segment a request sends.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    /// By the positions of its bytes.
    pub bytes: Option<Label>,
    /// By its number.
    pub parts: Option<Label>,
}

/// What says which segment a request sends.
#[derive(Debug, Clone, Default)]
pub struct Label {
    /// Query parameters.
    pub query: Vec<(String, Template)>,
    /// Headers.
    pub headers: Vec<(String, Template)>,
}

/// How the request of some segments differs from that of others.
#[derive(Debug, Clone, Default)]
pub struct Variation {
    /// Further query parameters.
    pub query: Vec<(String, Template)>,
    /// Headers; they replace those of the same name.
    pub headers: Vec<(String, Template)>,
    /// Form fields before those that every segment has.
    pub fields: Vec<(String, Template)>,
    /// The statuses that accept it, where they differ.
    pub accepted: Option<StatusSet>,
    /// What is kept of the answer for later requests.
    pub save: Vec<Save>,
}
