//! The version of the files in a run folder.

/// The version of everything in a run folder; raised when an older uptake would misread it.
pub const FORMAT: u32 = 2;
