//! The options of `uptake report merge`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::check::FailOnArg;
use crate::cli::parsers::{count, duration};
use uptake_results::Expected;

/// The options of `uptake report merge`.
#[derive(Debug, Args)]
pub(in crate::cli) struct MergeArgs {
    /// JSON results of `uptake load`, or directories of them; or the location that shards stored their results in (--results)
    #[arg(value_name = "RUN|LOCATION", required = true)]
    pub(super) runs: Vec<String>,
    /// The number of shards; without it, their results say how many there are
    #[arg(long, value_name = "N", value_parser = count)]
    pub(super) expect: Option<u64>,
    /// Wait this long for shards that have no result yet, for example 10m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) wait: Option<Duration>,
    /// For `check`: lowest rule level whose failure fails the run
    #[arg(long, value_enum, default_value_t = FailOnArg::Must)]
    pub(super) fail_on: FailOnArg,
    /// For `fuzz`: write the scenarios of counterexamples to this folder
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub(super) out: PathBuf,
    /// Write a report (repeatable; `-` is stdout): json=FILE or html=FILE; for `load` also hlog=FILE and csv=FILE; for `check` as
    /// `uptake check` does
    #[arg(long = "report", value_name = "FORMAT=FILE")]
    pub(super) reports: Vec<String>,
    /// Print only errors
    #[arg(long, short)]
    pub(super) quiet: bool,
}

impl MergeArgs {
    /// The shards that must have a result, and how long they are waited for.
    pub(super) fn expected(&self) -> Expected {
        Expected { shards: self.expect, wait: self.wait.unwrap_or_default() }
    }
}
