//! An upload: where a segment says that it belongs, what arrived before it, and whether it fits.

pub(crate) mod byte_ranges;
pub(crate) mod content_range;
pub(crate) mod framing;
pub(crate) mod parts;
pub(crate) mod progress;
pub(crate) mod received_form;
pub(crate) mod segment;
