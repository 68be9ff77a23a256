//! An upload token as plain data.

use crate::timestamp::Timestamp;

/// The longest life that may be asked for, in seconds.
pub(crate) const MAX_TTL: i64 = 2_147_483_647;

/// One upload token.
#[derive(Debug, Clone)]
pub(crate) struct UploadToken {
    pub(crate) token: String,
    /// Seconds; 0 for one that never expires.
    pub(crate) ttl: i64,
    pub(crate) created: Timestamp,
    /// Orders tokens that were created in the same millisecond.
    pub(crate) serial: u64,
}

/// What a token may do at one moment. One that may do nothing has no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenState {
    /// Begin uploads, and continue those it began.
    Active,
    /// It has expired, and may continue the uploads that it began in time.
    Grace,
}
