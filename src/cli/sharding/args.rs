//! The options that make a run a shard of a larger one, and the place that its result goes to.

use std::collections::BTreeMap;
use std::str::FromStr;

use clap::Args;
use serde::Serialize;

use super::engine;
use crate::cli::error::CliError;
use crate::cli::output;
use uptake_outcome::Shard;
use uptake_results::{Kind, Location, SHARD_FORMAT, ShardResult, StartRecord, Store};

/// The options that make a run a shard of a larger one.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct ShardArgs {
    /// Run one of several equal parts: 2/4 is the second of four. `auto` takes both numbers from the variables of Kubernetes,
    /// Slurm, MPI, AWS Batch or GitLab; `auto/4` takes the first from them
    #[arg(long, value_name = "NUMBER/COUNT", env = "UPTAKE_SHARD", help_heading = "Shards")]
    shard: Option<ShardChoice>,
    /// Store the result for `uptake report merge`: a folder or `file:///FOLDER`; in builds with object stores also
    /// `s3://BUCKET/PREFIX`, `gs://…` or `az://…`
    #[arg(long, value_name = "LOCATION", env = "UPTAKE_RESULTS", help_heading = "Shards")]
    results: Option<Location>,
}

/// Which shard, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ShardChoice {
    Named(Shard),
    /// The one that the engine says, of so many.
    Auto(Option<u64>),
}

impl FromStr for ShardChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto(None));
        }
        if let Some(count) = text.strip_prefix("auto/") {
            let count = count.parse().ok().filter(|count| *count > 0);
            return count
                .map(|count| Self::Auto(Some(count)))
                .ok_or_else(|| format!("invalid shard `{text}`: write auto/COUNT, for example auto/4"));
        }
        text.parse().map(Self::Named)
    }
}

/// The shard of this process, and where its result goes.
#[derive(Debug)]
pub(in crate::cli) struct Sharing {
    pub(in crate::cli) shard: Shard,
    store: Option<Store>,
}

/// What a shard stores beside its result.
#[derive(Debug, Default)]
pub(in crate::cli) struct Stored {
    /// A digest of what all shards together do.
    pub(in crate::cli) plan: String,
    pub(in crate::cli) start: Option<StartRecord>,
    pub(in crate::cli) fail_if: Vec<String>,
    pub(in crate::cli) files: BTreeMap<String, String>,
}

impl ShardArgs {
    /// Whether the run is a shard.
    pub(in crate::cli) fn is_given(&self) -> bool {
        self.shard.is_some()
    }

    /// Whether any of these options is given.
    pub(in crate::cli) fn is_any_given(&self) -> bool {
        self.shard.is_some() || self.results.is_some()
    }

    /// The shard of this process. The place for the result is tried now: one that cannot be written is known at once.
    pub(in crate::cli) async fn open(&self) -> Result<Sharing, CliError> {
        let shard = match self.shard {
            None => Shard::WHOLE,
            Some(ShardChoice::Named(shard)) => shard,
            Some(ShardChoice::Auto(count)) => {
                engine::shard(count, &|name| std::env::var(name).ok()).map_err(CliError::Usage)?
            }
        };
        let store = self.results.clone().map(Store::open).transpose()?;
        if let Some(store) = &store {
            store.check_writable().await?;
        }
        Ok(Sharing { shard, store })
    }
}

impl Sharing {
    /// Whether the result is stored.
    pub(in crate::cli) fn has_store(&self) -> bool {
        self.store.is_some()
    }

    /// Stores a result, in the form of the command's JSON report.
    pub(in crate::cli) async fn put(
        &self,
        kind: Kind,
        result: &impl Serialize,
        stored: Stored,
    ) -> Result<(), CliError> {
        let Some(store) = &self.store else { return Ok(()) };
        let result = serde_json::to_value(result).map_err(|error| CliError::Usage(error.to_string()))?;
        let Stored { plan, start, fail_if, files } = stored;
        let object = ShardResult {
            format: SHARD_FORMAT,
            kind,
            shard: self.shard.number(),
            of: self.shard.of(),
            plan,
            uptake: env!("CARGO_PKG_VERSION").to_owned(),
            start,
            fail_if,
            files,
            result,
        };
        store.put(&object).await?;
        Ok(())
    }

    /// Says that an interrupted shard stores nothing: `report merge` must not take a part of its result for the whole.
    pub(in crate::cli) fn say_interrupted(&self) {
        if self.has_store() {
            output::say(&format!(
                "the result of shard {} was not stored, because the run was interrupted",
                self.shard
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ShardChoice;

    #[test]
    fn a_shard_is_named_or_left_to_the_engine() {
        let read = |text: &str| text.parse::<ShardChoice>();
        assert_eq!(read("auto"), Ok(ShardChoice::Auto(None)));
        assert_eq!(read("auto/4"), Ok(ShardChoice::Auto(Some(4))));
        assert!(matches!(read("2/4"), Ok(ShardChoice::Named(_))));
        for (text, hint) in [("auto/0", "auto/COUNT"), ("auto/x", "auto/COUNT"), ("4", "NUMBER/COUNT")] {
            assert!(read(text).expect_err(text).contains(hint), "{text}");
        }
    }
}
