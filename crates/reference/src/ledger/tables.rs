//! The tables of the embedded store.

use redb::TableDefinition;

/// The version of what is written; a store of another version is not read.
pub(super) const FORMAT: i64 = 1;

/// Upload tokens.
pub(super) const TOKENS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("tokens");
/// Videos, by their id.
pub(super) const VIDEOS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("videos");
/// Segments, by their video and their first byte or number.
pub(super) const SEGMENTS: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("segments");
/// Access tokens, and when each expires.
pub(super) const ACCESS: TableDefinition<'_, &str, i64> = TableDefinition::new("access");
/// Refresh tokens, and which came first.
pub(super) const REFRESH: TableDefinition<'_, &str, u64> = TableDefinition::new("refresh");
/// Single numbers.
pub(super) const NUMBERS: TableDefinition<'_, &str, i64> = TableDefinition::new("numbers");

/// Which version wrote the store.
pub(super) const NUMBER_FORMAT: &str = "format";
/// How often a server was started on it.
pub(super) const NUMBER_STARTS: &str = "starts";
/// By how much the clock was moved.
pub(super) const NUMBER_ADVANCED: &str = "advanced";
