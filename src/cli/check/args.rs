//! The options of `uptake check`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

use crate::cli::gate::GateArgs;
use crate::cli::parsers::{at_least_one, defect, seed};
use crate::cli::sharding::ShardArgs;
use crate::cli::suite::SuiteArgs;
use crate::cli::waiting::RunFolderArgs;
use uptake_outcome::{FailOn, Level};
use uptake_reference::Defect;
use uptake_report::{CheckFormat, Destination};
use uptake_suite::Cost;

/// The options of `uptake check`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(in crate::cli) struct CheckArgs {
    #[command(flatten)]
    pub(super) suite: SuiteArgs,
    /// Server to test: a target profile, or a URL with the API key in `UPTAKE_API_KEY` [default: a built-in reference
    /// server]
    #[arg(long, short, value_name = "FILE|URL", env = "UPTAKE_TARGET", help_heading = "Target")]
    pub(super) target: Option<String>,
    /// PEM file with further certificates to trust, in addition to the well-known authorities
    #[arg(long, value_name = "FILE", help_heading = "Target")]
    pub(super) ca: Option<PathBuf>,
    /// Accept any TLS certificate
    #[arg(long, help_heading = "Target")]
    pub(super) insecure: bool,
    /// Send every request over HTTP/2: negotiated by ALPN over TLS, with prior knowledge on http://
    #[arg(long, help_heading = "Target")]
    pub(super) http2: bool,
    /// Plant a defect in the reference server (repeatable; `uptake serve --list-defects` lists them)
    #[arg(long = "defect", value_name = "NAME", value_parser = defect, help_heading = "Target")]
    pub(super) defects: Vec<Defect>,
    /// Run the reference server with segments of 1 to 8 KiB, as `uptake fuzz` does
    #[arg(long, help_heading = "Target")]
    pub(super) tiny: bool,
    #[command(flatten)]
    pub(super) filters: FilterArgs,
    /// Number of scenarios to run in parallel
    #[arg(long, short, value_name = "N", default_value = "4", value_parser = at_least_one, help_heading = "Run")]
    pub(super) jobs: NonZeroUsize,
    /// Seed for content and scenario order
    #[arg(long, value_name = "N", default_value = "1", value_parser = seed, help_heading = "Run")]
    pub(super) seed: u64,
    #[command(flatten)]
    pub(super) folder: RunFolderArgs,
    /// Stop at the first scenario in which a required rule fails
    #[arg(long, help_heading = "Run")]
    pub(super) fail_fast: bool,
    /// Run again each time the suite, the scenarios, the profile or the waivers change, and on Enter; Ctrl-C ends it
    #[arg(long, conflicts_with_all = ["plan_only", "list"], help_heading = "Run")]
    pub(super) watch: bool,
    /// Print what would run, with the number of requests and bytes and the time it takes; send nothing
    #[arg(long = "plan", conflicts_with_all = ["reports", "list"], help_heading = "Run")]
    pub(super) plan_only: bool,
    /// List the selected rules and scenarios; send nothing
    #[arg(long, conflicts_with = "reports", help_heading = "Run")]
    pub(super) list: bool,
    /// Lowest rule level whose failure fails the run
    #[arg(long, value_enum, default_value_t = FailOnArg::Must, help_heading = "Gate")]
    pub(super) fail_on: FailOnArg,
    #[command(flatten)]
    pub(super) gate: GateArgs,
    /// Write a report: html=FILE, json=FILE, junit=FILE, ctrf=FILE, markdown=FILE, har=FILE, or github for annotations (repeatable; `-` is stdout)
    #[arg(long = "report", value_name = "FORMAT=FILE", help_heading = "Reports")]
    pub(super) reports: Vec<Destination<CheckFormat>>,
    /// Write every exchange to an HTTP Archive (HAR 1.2), as --report har=FILE
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    pub(super) har: Option<PathBuf>,
    /// Write events as JSON lines during the run (`-` is stdout; `uptake schema events` describes a line)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["plan_only", "list"], help_heading = "Reports")]
    pub(super) events: Option<PathBuf>,
    /// Print each exchange on a line as it ends; -vv also prints the headers
    #[arg(long, short, action = ArgAction::Count, conflicts_with = "quiet", help_heading = "Reports")]
    pub(super) verbose: u8,
    /// Print only errors
    #[arg(long, short, help_heading = "Reports")]
    pub(super) quiet: bool,
    #[command(flatten)]
    pub(super) shards: ShardArgs,
    /// Divide scenarios among shards by the times in this JSON report of an earlier run [default: by estimates]
    #[arg(long, value_name = "FILE", requires = "shard", help_heading = "Shards")]
    pub(super) times_from: Option<PathBuf>,
}

/// Which rules to test.
#[derive(Debug, Default, Args)]
pub(super) struct FilterArgs {
    /// Run only this rule (repeatable)
    #[arg(long = "rule", value_name = "ID", help_heading = "Filters")]
    pub(super) rules: Vec<String>,
    /// Run only the rules of this area (repeatable)
    #[arg(long = "area", value_name = "NAME", help_heading = "Filters")]
    pub(super) areas: Vec<String>,
    /// Run only the rules of this level (repeatable)
    #[arg(long = "level", value_enum, value_name = "LEVEL", help_heading = "Filters")]
    pub(super) levels: Vec<LevelArg>,
    /// Run only the rules that failed or could not be tested according to this JSON report
    #[arg(long, value_name = "FILE", conflicts_with = "rules", help_heading = "Filters")]
    pub(super) failed_from: Option<PathBuf>,
    /// Skip scenarios above this cost; large ones transfer hundreds of MiB, unless the target has small limits [default: large
    /// against the reference server, normal otherwise]
    #[arg(long, value_enum, help_heading = "Filters")]
    pub(super) cost: Option<CostArg>,
}

/// A level, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LevelArg {
    Must,
    Should,
    May,
}

/// A cost, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CostArg {
    Normal,
    Large,
}

/// The lowest level that fails a run, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum FailOnArg {
    Must,
    Should,
}

impl From<LevelArg> for Level {
    fn from(level: LevelArg) -> Self {
        match level {
            LevelArg::Must => Self::Must,
            LevelArg::Should => Self::Should,
            LevelArg::May => Self::May,
        }
    }
}

impl From<CostArg> for Cost {
    fn from(cost: CostArg) -> Self {
        match cost {
            CostArg::Normal => Self::Normal,
            CostArg::Large => Self::Large,
        }
    }
}

impl From<FailOnArg> for FailOn {
    fn from(fail_on: FailOnArg) -> Self {
        match fail_on {
            FailOnArg::Must => Self::Must,
            FailOnArg::Should => Self::Should,
        }
    }
}
