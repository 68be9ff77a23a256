//! The options of `uptake fuzz`, and what a run is configured with.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::cli::error::CliError;
use crate::cli::parsers::{at_least_one, count, defect, duration, property, seed};
use crate::cli::serve::units::Size;
use crate::cli::sharding::ShardArgs;
use uptake_fuzz::{Bounds, FuzzConfig, Property, least_segment};
use uptake_outcome::Shard;
use uptake_prove::Sandbox;
use uptake_reference::{Config, Defect};
use uptake_report::{Destination, FuzzFormat};
use uptake_suite::Suite;
use uptake_target::Target;
use uptake_wire::shell_word;

/// The number of cases when nothing else bounds the run.
const CASES: u64 = 500;
/// The default bound of bytes for targets with large segments.
const BUDGET: u64 = 1 << 30;
/// Segments of at least this size are large.
const LARGE: u64 = 1 << 20;
/// How long the status of a target may take to show a segment that was accepted; built-in servers show it at once.
const PATIENCE: Duration = Duration::from_secs(2);

/// The options of `uptake fuzz`.
#[derive(Debug, Args)]
pub(in crate::cli) struct FuzzArgs {
    /// Server to test: a target profile, or a URL with the API key in `UPTAKE_API_KEY` [default: built-in reference servers]
    #[arg(long, short, value_name = "FILE|URL", env = "UPTAKE_TARGET", help_heading = "Target")]
    pub(super) target: Option<String>,
    /// Test the upload of this suite, as its `upload:` describes it: a built-in suite (`uptake suite list`), or the directory of
    /// a suite [default: api.video's whole contract]
    #[arg(long, value_name = "NAME|DIR", help_heading = "Target")]
    pub(super) suite: Option<PathBuf>,
    /// PEM file with further certificates to trust, in addition to the well-known authorities
    #[arg(long, value_name = "FILE", requires = "target", help_heading = "Target")]
    pub(super) ca: Option<PathBuf>,
    /// Accept any TLS certificate
    #[arg(long, requires = "target", help_heading = "Target")]
    pub(super) insecure: bool,
    /// Plant a defect in the built-in servers (repeatable; `uptake serve --list-defects` lists them)
    #[arg(long = "defect", value_name = "NAME", value_parser = defect, conflicts_with = "target", help_heading = "Target")]
    pub(super) defects: Vec<Defect>,
    /// Test this property (repeatable) [default: all]
    #[arg(long = "property", value_name = "NAME", value_parser = property, help_heading = "Filters")]
    pub(super) properties: Vec<Property>,
    /// Run at most N cases [default: 500, or no limit with --time]
    #[arg(long, value_name = "N", value_parser = count, help_heading = "Run")]
    pub(super) cases: Option<u64>,
    /// Stop after this time, for example 5m
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = "Run")]
    pub(super) time: Option<Duration>,
    /// Send at most this many bytes, for example 2GiB [default: 1GiB if the minimum segment is 1MiB or more]
    #[arg(long, value_name = "SIZE", help_heading = "Run")]
    pub(super) max_bytes: Option<Size>,
    /// Stop after N counterexamples of different kinds
    #[arg(long, value_name = "N", default_value = "8", value_parser = at_least_one, help_heading = "Run")]
    pub(super) enough: NonZeroUsize,
    /// Seed for cases and content; the same seed repeats a run
    #[arg(long, value_name = "N", default_value = "1", value_parser = seed, help_heading = "Run")]
    pub(super) seed: u64,
    /// Number of cases to run in parallel
    #[arg(long, short, value_name = "N", default_value = "2", value_parser = at_least_one, help_heading = "Run")]
    pub(super) jobs: NonZeroUsize,
    /// Write a report: json=FILE or html=FILE (repeatable; `-` is stdout)
    #[arg(long = "report", value_name = "FORMAT=FILE", help_heading = "Reports")]
    pub(super) reports: Vec<Destination<FuzzFormat>>,
    /// Write the scenarios of counterexamples to this directory
    #[arg(long, value_name = "DIR", default_value = "reports", help_heading = "Reports")]
    pub(super) out: PathBuf,
    /// Replay the counterexamples in this directory instead; each is FIXED, FAILED or ERROR
    #[arg(long, value_name = "DIR", conflicts_with_all = ["cases", "time", "max_bytes", "properties", "reports"], help_heading = "Run")]
    pub(super) replay: Option<PathBuf>,
    /// Print only errors
    #[arg(long, short, help_heading = "Reports")]
    pub(super) quiet: bool,
    #[command(flatten)]
    pub(super) shards: ShardArgs,
}

impl FuzzArgs {
    /// The target that `--target` names.
    pub(super) fn named(&self) -> Result<Option<Target>, CliError> {
        let Some(given) = &self.target else { return Ok(None) };
        let named = if self.suite.is_some() { Target::named_with_optional_key } else { Target::named };
        let target = named(given)?.trusting(self.ca.clone());
        Ok(Some(if self.insecure { target.insecure() } else { target }))
    }

    /// The configuration of the built-in servers.
    pub(super) fn config(&self) -> Config {
        Config { defects: self.defects.iter().copied().collect(), ..Sandbox::tiny(self.seed) }
    }

    pub(super) fn fuzz_config(
        &self,
        suite: Option<Arc<Suite>>,
        named: Option<&Target>,
        shard: Shard,
    ) -> Result<FuzzConfig, CliError> {
        let least = match (&suite, named) {
            (Some(suite), Some(target)) => Some(least_segment(suite, target)?),
            (_, named) => named.map(|target| target.limits.min_segment),
        };
        let large = least.is_some_and(|least| least >= LARGE);
        let budget = large.then_some(BUDGET);
        let cases = if self.time.is_none() { Some(CASES) } else { None };
        Ok(FuzzConfig {
            suite,
            properties: self.properties.clone(),
            seed: self.seed,
            shard,
            bounds: Bounds {
                cases: self.cases.or(cases),
                time: self.time,
                bytes: self.max_bytes.map(|size| size.0).or(budget).map(|bytes| shard.share(bytes)),
                counterexamples: Some(self.enough.get()),
            },
            jobs: if named.is_some() { self.jobs.get() } else { 1 },
            status_timeout: if named.is_some() { PATIENCE } else { Duration::ZERO },
            out: self.out.clone(),
            replay: self.command(),
        })
    }

    /// The command that replays a scenario, without the scenario.
    fn command(&self) -> String {
        let mut words = vec!["uptake check".to_owned()];
        words.extend(
            self.suite.iter().map(|suite| format!("--suite {}", shell_word(&suite.display().to_string()))),
        );
        match &self.target {
            Some(target) => words.push(format!("--target {}", shell_word(target))),
            None => words.push("--tiny".to_owned()),
        }
        // A counterexample to a recommendation must fail the replay, too.
        words.push("--fail-on should".to_owned());
        words.extend(self.defects.iter().map(|defect| format!("--defect {defect}")));
        words.join(" ")
    }
}
