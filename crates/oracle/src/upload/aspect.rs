//! What an answer is judged by.

/// What an answer is judged by. A suite names a rule for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Aspect {
    /// A segment that has nothing wrong with it is accepted.
    Accepted,
    /// The answer to a segment says how much has been received.
    Received,
    /// A segment that leaves a gap is refused.
    Gap,
    /// A segment that covers bytes which were accepted before is refused.
    Overlap,
    /// A segment that was accepted before is handled as the protocol says.
    Again,
    /// A segment beyond the end of the upload is refused.
    Beyond,
    /// A segment of a size that the protocol does not allow is refused.
    Size,
    /// A complete upload takes no more segments.
    AfterComplete,
    /// Asking for the state of an upload shows what has been received.
    Asked,
    /// What arrived of a segment that was broken off is kept, or not, as the protocol says.
    BrokenOff,
    /// Of segments that were sent at once, those are accepted that fit some order.
    AtOnce,
    /// An upload is complete when the protocol says so, and not before.
    Completed,
    /// An upload that lacks something is not completed.
    Incomplete,
    /// The finished upload has the bytes that were sent.
    Content,
}

impl Aspect {
    /// All of them, in the order in which a suite's documentation lists them.
    pub const ALL: [Self; 14] = [
        Self::Accepted,
        Self::Received,
        Self::Gap,
        Self::Overlap,
        Self::Again,
        Self::Beyond,
        Self::Size,
        Self::AfterComplete,
        Self::Asked,
        Self::BrokenOff,
        Self::AtOnce,
        Self::Completed,
        Self::Incomplete,
        Self::Content,
    ];

    /// Its name, as suites and reports write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Received => "received",
            Self::Gap => "gap",
            Self::Overlap => "overlap",
            Self::Again => "again",
            Self::Beyond => "beyond",
            Self::Size => "size",
            Self::AfterComplete => "after-complete",
            Self::Asked => "asked",
            Self::BrokenOff => "broken-off",
            Self::AtOnce => "at-once",
            Self::Completed => "completed",
            Self::Incomplete => "incomplete",
            Self::Content => "content",
        }
    }
}
