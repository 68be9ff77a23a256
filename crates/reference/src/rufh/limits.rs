//! The limits of uploads, and how they are told.

use std::time::Duration;

use super::interop::Interop;

/// The limits that apply to every upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// The most bytes of an upload.
    pub(super) max_size: u64,
    /// The most bytes of one request.
    pub(super) max_append: u64,
    /// The least bytes of a request that does not complete its upload.
    pub(super) min_append: u64,
    /// How long an upload is kept.
    pub(super) max_age: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let max_age = Duration::from_secs(24 * 60 * 60);
        Self { max_size: 1 << 40, max_append: 1 << 30, min_append: 16, max_age }
    }
}

impl Limits {
    /// The value of `Upload-Limit` for an upload of this age, or for one that is not there yet.
    pub(super) fn field(&self, interop: Interop, age: Duration) -> String {
        let Self { max_size, max_append, min_append, max_age } = self;
        let age_key = if interop == Interop::Six { "expires" } else { "max-age" };
        let left = max_age.saturating_sub(age).as_secs();
        format!(
            "max-size={max_size}, max-append-size={max_append}, min-append-size={min_append}, {age_key}={left}"
        )
    }
}
