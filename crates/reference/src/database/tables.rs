//! The tables of the embedded store.

use redb::TableDefinition;

/// The version of what is written; a store of another version is not read.
pub(crate) const FORMAT: i64 = 1;

/// Upload tokens.
pub(crate) const TOKENS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("tokens");
/// Videos, by their id.
pub(crate) const VIDEOS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("videos");
/// Segments, by their video and their first byte or number.
pub(crate) const SEGMENTS: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("segments");
/// Access tokens, and when each expires.
pub(crate) const ACCESS: TableDefinition<'_, &str, i64> = TableDefinition::new("access");
/// Refresh tokens, and which came first.
pub(crate) const REFRESH: TableDefinition<'_, &str, u64> = TableDefinition::new("refresh");
/// Single numbers.
pub(crate) const NUMBERS: TableDefinition<'_, &str, i64> = TableDefinition::new("numbers");

/// Which version wrote the store.
pub(crate) const NUMBER_FORMAT: &str = "format";
/// How often a server was started on it.
pub(crate) const NUMBER_STARTS: &str = "starts";
/// By how much the clock was moved.
pub(crate) const NUMBER_ADVANCED: &str = "advanced";
