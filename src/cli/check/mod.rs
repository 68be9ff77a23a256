//! `uptake check`: runs scenarios against a server and prints the verdicts.
//!
//! The arguments (`args`) become a [`Job`] once; `execute` carries it out, `preview` says what it would do.

mod args;
mod event_file;
mod excerpts;
mod exchange_lines;
mod execute;
mod filters;
mod job;
mod preview;
mod progress;
mod sharded;
mod side_by_side;
mod status;
mod watch;

pub(super) use args::{CheckArgs, FailOnArg};
pub(super) use execute::{result_of, resume};
pub(super) use filters::{known_areas, known_rules};
pub(super) use job::Job;
pub(super) use side_by_side::{SideBySide, WholeRunArgs};

use super::error::CliError;
use uptake_outcome::Exit;

/// Runs it.
pub(super) async fn run(args: CheckArgs) -> Result<Exit, CliError> {
    let (plan_only, list, watch) = (args.plan_only, args.list, args.watch);
    let job = Job::try_from(args)?;
    if plan_only {
        preview::plan(&job).await
    } else if list {
        preview::list(&job).await
    } else if watch {
        Box::pin(watch::run(job)).await
    } else {
        Box::pin(execute::run(job)).await
    }
}
