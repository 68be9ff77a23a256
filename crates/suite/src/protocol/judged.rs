//! What the answers to an upload are judged by.

/// What the answers to an upload are judged by; a suite names a rule for each.
pub const JUDGED: [&str; 14] = [
    "accepted",
    "received",
    "gap",
    "overlap",
    "again",
    "beyond",
    "size",
    "after-complete",
    "asked",
    "broken-off",
    "at-once",
    "completed",
    "incomplete",
    "content",
];
