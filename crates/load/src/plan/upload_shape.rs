//! What the uploads of a plan are made of.

use std::path::PathBuf;
use std::sync::Arc;

use super::distribution::Distribution;
use super::pause::Pauses;
use super::weighted::Weighted;
use crate::trace::Trace;
use uptake_payload::{Framing, Total};

/// What uploads are made of.
#[derive(Debug, Clone)]
pub(crate) struct UploadShape {
    /// The size of a file, in bytes.
    pub size: Distribution,
    /// The size of a segment, in bytes.
    pub segment: Distribution,
    /// What the sizes of segments are multiples of, as the suite has it.
    pub multiple: u64,
    /// How segments are labelled.
    pub framing: Weighted<Framing>,
    /// Which total the labels name.
    pub total: Weighted<Total>,
    /// The order of segments.
    pub order: Order,
    /// How many segments of an upload are sent at once, after the first.
    pub parallel: usize,
    /// The bandwidth of the client that sends an upload, in bytes a second; `None` is as fast as it can.
    pub bandwidth: Option<Distribution>,
    /// How often and how long clients pause within a segment.
    pub pauses: Option<Pauses>,
    /// The recording that has the sizes of files, in place of `size`.
    pub recorded: Option<Arc<Trace>>,
    /// Real files, in turn; empty means seeded content.
    pub files: Vec<PathBuf>,
}

/// The order of segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// From the first to the last.
    InTurn,
    /// Random.
    Shuffled,
}
