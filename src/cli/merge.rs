//! `uptake report merge`: joins results of `uptake load`, and the results of all shards of a run.

mod outcomes;
mod shards;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::check::FailOnArg;
use super::error::CliError;
use super::parsers::{count, duration};
use super::report;
use uptake_outcome::Exit;
use uptake_outcome::load::{MergeError, merge};
use uptake_results::{Expected, Location, Store, look};

/// The options of `uptake report merge`.
#[derive(Debug, Args)]
pub(super) struct MergeArgs {
    /// JSON results of `uptake load`, or directories of them; or the location that shards stored their results in (--results)
    #[arg(value_name = "RUN|LOCATION", required = true)]
    runs: Vec<String>,
    /// The number of shards; without it, their results say how many there are
    #[arg(long, value_name = "N", value_parser = count)]
    expect: Option<u64>,
    /// Wait this long for shards that have no result yet, for example 10m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    wait: Option<Duration>,
    /// For `check`: lowest rule level whose failure fails the run
    #[arg(long, value_enum, default_value_t = FailOnArg::Must)]
    fail_on: FailOnArg,
    /// For `fuzz`: write the scenarios of counterexamples to this folder
    #[arg(long, value_name = "DIR", default_value = "reports")]
    out: PathBuf,
    /// Write a report (repeatable; `-` is stdout): json=FILE or html=FILE; for `load` also hlog=FILE and csv=FILE; for `check` as
    /// `uptake check` does
    #[arg(long = "report", value_name = "FORMAT=FILE")]
    reports: Vec<String>,
    /// Print only errors
    #[arg(long, short)]
    quiet: bool,
}

/// Runs it.
pub(super) async fn run(args: MergeArgs) -> Result<Exit, CliError> {
    match shards_in(&args).await? {
        Some(store) => shards::run(&args, &store).await,
        None => files(&args),
    }
}

/// The location, if the results of shards are to be merged.
async fn shards_in(args: &MergeArgs) -> Result<Option<Store>, CliError> {
    let is_asked = args.expect.is_some() || args.wait.is_some();
    let [given] = args.runs.as_slice() else {
        if is_asked {
            return Err(CliError::Usage(
                "--expect and --wait go with one location, which has the results of all shards".to_owned(),
            ));
        }
        return Ok(None);
    };
    let location: Location = given.parse()?;
    let is_folder = matches!(&location, Location::Folder(path) if path.is_dir());
    let is_object = matches!(location, Location::Object(_)) || given.contains("://");
    let store = Store::open(location)?;
    let has_shards = is_asked || is_object || (is_folder && look(&store).await?);
    Ok(has_shards.then_some(store))
}

impl MergeArgs {
    fn expected(&self) -> Expected {
        Expected { shards: self.expect, wait: self.wait.unwrap_or_default() }
    }
}

/// Plain results. Their thresholds were judged when the runs took place.
fn files(args: &MergeArgs) -> Result<Exit, CliError> {
    let paths: Vec<PathBuf> = args.runs.iter().map(PathBuf::from).collect();
    let report::Runs { runs, names } = report::all(&paths)?;
    let merged = merge(&runs).map_err(|error| match error {
        MergeError::Unlike(unlike) => CliError::Usage(format!("cannot merge: {}", unlike.with_names(&names))),
        other => CliError::Usage(other.to_string()),
    })?;
    report::render(&merged, report::destinations(&args.reports)?, args.quiet)?;
    Ok(Exit::Success)
}
