//! What an upload is in a protocol, as data: the section `upload` of `suite.yaml`.
//!
//! It says which requests make an upload and what the order, the sizes and the repetition of segments mean. `load` and
//! `fuzz` run on it. Nothing here sends or judges anything.

mod calls;
mod judged;
mod meaning;
mod segment;

pub use calls::{Ask, Call, Completion, Received, Shows, Stored};
pub use judged::JUDGED;
pub use meaning::{Again, BrokenOff, Exempt, Order, Refusals, Sizes};
pub use segment::{Label, Labels, SEGMENT, SegmentCall, Variation};

use std::collections::BTreeMap;

/// An upload, from the credential that it needs to the look at what was stored.
#[derive(Debug, Clone)]
pub struct UploadProtocol {
    /// Creates the credential that is given to whoever uploads. It saves `token`.
    pub token: Option<Call>,
    /// Creates an upload, before its first segment. Without it the first segment does.
    pub create: Option<Call>,
    /// Sends a whole file in one request.
    pub whole: Option<Call>,
    /// Sends a segment.
    pub segment: SegmentCall,
    /// What sizes segments may have.
    pub sizes: Sizes,
    /// What a server keeps of a segment that broke off.
    pub broken_off: BrokenOff,
    /// How the server learns that all segments were sent.
    pub complete: Completion,
    /// Shows what has been received.
    pub ask: Option<Ask>,
    /// Ends an upload that is not complete, and deletes what was received.
    pub abort: Option<Call>,
    /// Shows what is stored of a finished upload.
    pub stored: Option<Stored>,
    /// The statuses that refuse what is wrong.
    pub refused: Refusals,
    /// The rule that a counterexample breaks, by what it was judged by: one of [`JUDGED`].
    pub rules: BTreeMap<String, String>,
}
