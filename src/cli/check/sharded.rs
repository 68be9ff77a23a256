//! A check as a shard of a larger one: which scenarios it runs, and what it stores.

use super::args::CheckArgs;
use super::filters::Filters;
use super::job::Job;
use crate::cli::error::CliError;
use crate::cli::gate::earlier_run;
use crate::cli::sharding::{Sharing, Stored};
use uptake_check::{RunOptions, forecast, scenario_times, scenarios_of};
use uptake_outcome::{Ending, Run};
use uptake_results::{Kind, digest};
use uptake_suite::{Cost, Loaded};
use uptake_target::Target;

impl CheckArgs {
    /// Reads the suite, the filters and the waivers, to find mistakes before anything is submitted. Sends nothing.
    pub(in crate::cli) fn check_input(self) -> Result<(), CliError> {
        let loaded = self.suite.load()?;
        let selection = Filters::from(self.filters).select(&loaded.suite, Cost::Normal)?;
        self.gate.open(&loaded.suite, &selection)?;
        Ok(())
    }
}

/// Which shard a check is, and what its result belongs to.
pub(super) struct ShardOfCheck {
    sharing: Sharing,
    plan: String,
}

impl ShardOfCheck {
    /// Chooses the scenarios of this shard, in every shard by the same times.
    pub(super) fn divide(
        sharing: Sharing,
        job: &Job,
        (loaded, target): (&Loaded, &Target),
        options: &mut RunOptions,
    ) -> Result<Self, CliError> {
        if sharing.shard.is_whole() && !sharing.has_store() {
            return Ok(Self { sharing, plan: String::new() });
        }
        let recorded = job
            .times_from
            .as_deref()
            .map(|path| earlier_run("--times-from:", path, &loaded.suite))
            .transpose()?;
        let forecast = forecast(loaded, target, options, Some(job.folder.waits()))?;
        let times = scenario_times(&forecast, recorded.as_ref());
        let server = if job.server.is_reference() { "" } else { target.base_url.as_str() };
        let what = (&loaded.suite.name, &options.selection, options.seed, &times, server);
        let plan = digest(&format!("{what:?}"));
        if !sharing.shard.is_whole() {
            options.selection.only = Some(scenarios_of(sharing.shard, &times));
        }
        Ok(Self { sharing, plan })
    }

    /// Whether this shard looks for the target's capabilities: one does it for all.
    pub(super) fn detects(&self) -> bool {
        self.sharing.shard.number() == 1
    }

    /// Stores the result. One that cannot be stored is an error of the run, which reports show.
    pub(super) async fn store(&self, run: &mut Run) {
        if run.ending == Ending::Interrupted {
            self.sharing.say_interrupted();
            return;
        }
        let stored = Stored { plan: self.plan.clone(), ..Stored::default() };
        if let Err(error) = self.sharing.put(Kind::Check, &*run, stored).await {
            run.ending = Ending::NotWritten { why: error.to_string() };
        }
    }
}
