//! What a location may hold: what is beyond is none of uptake's.

/// The largest object, in bytes.
pub(crate) const MOST_BYTES: u64 = 1 << 30;
/// The most objects.
pub(crate) const MOST_OBJECTS: usize = 100_000;
