//! The results of shards in a folder or an object store.
//!
//! A shard writes one object, atomically, when it is done: a [`ShardResult`], which is its result with a manifest. [`gather`] waits
//! until all shards are there, or names those that are missing, and refuses what does not belong together. What a result means
//! is for others: this crate merges nothing and prints nothing.

mod bounds;
mod error;
mod folder;
mod gather;
mod location;
mod manifest;
#[cfg(feature = "object-store")]
mod object;
#[cfg(feature = "object-store")]
mod object_error;
mod store;

pub use error::ResultsError;
pub use gather::{Expected, Gathered, gather, look};
pub use location::Location;
pub use manifest::{Kind, SHARD_FORMAT, ShardResult, StartRecord, digest};
pub use store::Store;
