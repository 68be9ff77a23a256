//! A check of the whole suite, whose result another command reports.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::args::FailOnArg;
use super::filters::Filters;
use super::job::{Job, ServerChoice};
use crate::cli::error::CliError;
use crate::cli::gate::GateArgs;
use crate::cli::parsers::{at_least_one, duration, seed};
use crate::cli::sharding::ShardArgs;
use crate::cli::suite::SuiteArgs;
use crate::cli::waiting::RunFolderArgs;
use uptake_outcome::FailOn;

/// What such a command says of its check.
pub(in crate::cli) struct SideBySide {
    /// The name of a built-in suite, or the directory of another; the default suite where none is named.
    pub(in crate::cli) suite: Option<PathBuf>,
    pub(in crate::cli) waivers: Option<PathBuf>,
    pub(in crate::cli) profile: Option<PathBuf>,
    /// Where the server is, if not where the profile says.
    pub(in crate::cli) url: Option<String>,
    pub(in crate::cli) options: WholeRunArgs,
    pub(in crate::cli) quiet: bool,
}

/// The options of such a check.
#[derive(Debug, Clone, Copy, Args)]
pub(in crate::cli) struct WholeRunArgs {
    /// Number of scenarios to run in parallel against a server
    #[arg(long, short, value_name = "N", default_value = "4", value_parser = at_least_one, help_heading = "Run")]
    jobs: NonZeroUsize,
    /// Seed for content and scenario order
    #[arg(long, value_name = "N", default_value = "1", value_parser = seed, help_heading = "Run")]
    seed: u64,
    /// Longest time that a scenario waits for real time to pass; scenarios that need longer are not applicable
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = duration, help_heading = "Run")]
    max_wait: Duration,
    /// Lowest rule level whose failure fails the run
    #[arg(long, value_enum, default_value_t = FailOnArg::Must, help_heading = "Gate")]
    fail_on: FailOnArg,
}

impl WholeRunArgs {
    /// The lowest level whose failure fails the run.
    pub(in crate::cli) fn fail_on(&self) -> FailOn {
        self.fail_on.into()
    }
}

impl Job {
    /// Such a check.
    pub(in crate::cli) fn side_by_side(of: SideBySide) -> Self {
        let profile = of.profile.map(|path| path.display().to_string());
        let (target, url) = match (profile, of.url) {
            (Some(profile), url) => (profile, url),
            (None, url) => (url.unwrap_or_default(), None),
        };
        Self {
            suite: SuiteArgs::whole(of.suite),
            server: ServerChoice::Target { target, insecure: false, http2: false, ca: None, url },
            filters: Filters::default(),
            jobs: of.options.jobs,
            seed: of.options.seed,
            fail_on: of.options.fail_on(),
            fail_fast: false,
            folder: RunFolderArgs {
                max_wait: of.options.max_wait,
                max_suspend: of.options.max_wait,
                runs: PathBuf::from("reports"),
            },
            gate: GateArgs::waiving(of.waivers),
            reports: Vec::new(),
            quiet: of.quiet,
            verbose: 0,
            events: None,
            shards: ShardArgs::default(),
            times_from: None,
            is_passing: true,
        }
    }

    /// Reads the suite, the profile with its credentials, and the waivers, to find mistakes before any server starts. Sends nothing.
    pub(in crate::cli) fn check_input(&self) -> Result<(), CliError> {
        let loaded = self.suite.load()?;
        let options = self.options(&loaded.suite)?;
        self.named_target(&loaded)?;
        self.gate.open(&loaded.suite, &options.selection)?;
        Ok(())
    }
}
