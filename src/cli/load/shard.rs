//! A run as a shard of a larger one: which part of the plan it carries out, and what it stores.

use std::time::Duration;

use jiff::Timestamp;

use super::LoadArgs;
use crate::cli::error::CliError;
use crate::cli::sharding::{Sharing, StartTime, Stored, late};
use uptake_load::LoadPlan;
use uptake_outcome::load::{LoadEnding, LoadRun, ServerOwner};
use uptake_results::{Kind, StartRecord};

/// A plan that may be one shard's part, and what its result belongs to.
pub(super) struct ShardOfPlan {
    pub(super) sharing: Sharing,
    digest: String,
    conditions: Vec<String>,
    warm_up: Duration,
}

/// The capacity is found by one process, which sees how each step went.
pub(super) fn refuse(args: &LoadArgs) -> Result<(), CliError> {
    if args.shards.is_any_given() || args.start.is_given() {
        return Err(CliError::Usage(
            "--shard, --results and --start-at cannot be used with --find-capacity: one process finds the capacity".to_owned(),
        ));
    }
    Ok(())
}

/// The part of the plan for this process.
pub(super) async fn part(args: &LoadArgs, plan: LoadPlan) -> Result<(ShardOfPlan, LoadPlan), CliError> {
    let sharing = args.shards.open().await?;
    let (digest, conditions) = (plan.digest(), plan.conditions());
    if !sharing.shard.is_whole() && !sharing.has_store() && !conditions.is_empty() {
        return Err(CliError::Usage(
            "--fail-if holds for all shards together: give --results LOCATION too, and let `uptake report merge LOCATION` judge it"
                .to_owned(),
        ));
    }
    let plan = plan.for_shard(sharing.shard)?;
    Ok((ShardOfPlan { sharing, digest, conditions, warm_up: plan.warm_up }, plan))
}

impl ShardOfPlan {
    /// Stores the result, if it is asked for.
    pub(super) async fn store(&self, run: &LoadRun, start: Option<&StartTime>) -> Result<(), CliError> {
        if run.ending == LoadEnding::Interrupted {
            self.sharing.say_interrupted();
            return Ok(());
        }
        let plan = match run.target.owner {
            ServerOwner::Named => format!("{} {}", self.digest, run.target.base_url),
            // Each process has a server of its own.
            ServerOwner::Own => self.digest.clone(),
        };
        let start = self.record(run, start);
        let stored = Stored { plan, start, fail_if: self.conditions.clone(), ..Stored::default() };
        self.sharing.put(Kind::Load, run, stored).await
    }

    /// How the start went. Counting begins after the warm-up.
    fn record(&self, run: &LoadRun, start: Option<&StartTime>) -> Option<StartRecord> {
        let counted: Timestamp = run.started_at.parse().ok()?;
        Some(start?.record(counted.checked_sub(self.warm_up).ok()?))
    }

    /// What a reader of this part alone should know.
    pub(super) fn notes(&self, run: &LoadRun, start: Option<&StartTime>) -> Vec<String> {
        let mut notes = Vec::new();
        let shard = self.sharing.shard;
        if !shard.is_whole() {
            notes.push(format!(
                "this is shard {shard}: it sent its part of the offered load, and thresholds hold for all shards together"
            ));
        }
        notes.extend(self.record(run, start).as_ref().and_then(late));
        notes
    }
}
