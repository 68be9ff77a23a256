//! One run on many processes: which shard this one is, when it starts, and where its result goes.

mod args;
mod engine;
mod start;

pub(super) use args::{ShardArgs, Sharing, Stored};
pub(super) use start::{StartArgs, StartTime, late};
