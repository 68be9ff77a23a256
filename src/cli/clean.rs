//! `uptake clean`: removes what a run created and left behind on the server, and nothing else.

use std::path::{Path, PathBuf};

use clap::Args;

use super::check::Job;
use super::error::CliError;
use super::output;
use super::resume::named;
use super::run_folder::{key, same_target};
use super::signals::{CLEANING_UP, stop_on_ctrl_c};
use uptake_check::{CleanJob, RunRecord};
use uptake_outcome::Exit;
use uptake_outcome::text::count;
use uptake_run_folder::{Journal, RunFolder, RunFolderError};
use uptake_stop::Stopper;

/// The options of `uptake clean`.
#[derive(Debug, Args)]
pub(super) struct CleanArgs {
    /// The run's directory, or its name [default: every interrupted run]
    #[arg(value_name = "RUN")]
    run: Option<PathBuf>,
    /// Directory for suspended and interrupted runs
    #[arg(long, value_name = "DIR", default_value = "reports")]
    runs: PathBuf,
    /// Target profile or URL, where it has moved [default: as in the run]
    #[arg(long, short, value_name = "FILE|URL")]
    target: Option<String>,
    /// Also remove what suspended scenarios need; they can no longer be resumed
    #[arg(long)]
    abandon: bool,
}

/// Runs it.
pub(super) async fn run(args: CleanArgs) -> Result<Exit, CliError> {
    let folders: Vec<PathBuf> = if let Some(run) = &args.run {
        vec![named(&args.runs, run)]
    } else {
        let found = RunFolder::list(&args.runs)?;
        found.into_iter().map(|found| found.path).collect()
    };
    if folders.is_empty() {
        output::say(&format!("there is nothing to clean up in {}", args.runs.display()));
        return Ok(Exit::Success);
    }
    let stopper = Stopper::default();
    stop_on_ctrl_c(&CLEANING_UP, stopper.clone())?;
    let mut exit = Exit::Success;
    for folder in folders {
        let one = match one(&args, &folder, stopper.clone()).await {
            Ok(one) => one,
            // A directory that cannot be used does not keep the others from being cleaned up.
            Err(error) if args.run.is_none() => error.report(),
            Err(error) => return Err(error),
        };
        exit = if exit == Exit::Success { one } else { exit };
    }
    Ok(exit)
}

async fn one(args: &CleanArgs, path: &Path, stopper: Stopper) -> Result<Exit, CliError> {
    let folder = RunFolder::open(path)?;
    let is_suspended = folder.has_state() && !args.abandon;
    if !is_suspended && is_empty(&folder.journal_path()) {
        // The disk was full when the run began: it created nothing.
        output::data(&format!("{}: removed 0 resources\n", path.display()))?;
        folder.remove()?;
        return Ok(Exit::Success);
    }
    let header = Journal::peek(&folder.journal_path())?;
    let mut job = Job::stored(&header.command, path)?;
    if let Some(target) = &args.target {
        job.server.retarget(target.clone());
    }
    let loaded = job.suite.load()?;
    let target = job.named_target(&loaded)?.ok_or_else(|| {
        CliError::Usage(format!("{} does not name its target; use --target", path.display()))
    })?;
    let options = job.options(&loaded.suite)?;
    target.check_secrets(options.selection.secrets(&loaded, &target))?;
    same_target(path, &header.base_url, &target)?;
    let key = key(&folder, &target)?;
    let journal =
        folder.journal(&key)?.ok_or_else(|| RunFolderError::Missing { path: folder.journal_path() })?;
    let needed = if is_suspended { uptake_check::needed(&folder.state(&key)?.sealed)? } else { Vec::new() };
    let record = RunRecord { folder, key, journal, command: header.command };
    let clean = CleanJob { loaded: &loaded, target: &target, options: &options, record: &record, needed };
    let cleaned = uptake_check::clean(clean, stopper).await?;
    output::data(&format!("{}: removed {}\n", path.display(), count(cleaned.removed, "resource")))?;
    for leftover in &cleaned.left {
        output::data(&format!("  not removed: {}: {}\n", leftover.what, leftover.why))?;
    }
    if cleaned.ended_early {
        return Ok(Exit::CouldNotTest);
    }
    if !cleaned.left.is_empty() {
        return Ok(Exit::Failed);
    }
    if is_suspended {
        output::say(&format!(
            "{}: kept what its suspended scenarios need; use --abandon to remove that too",
            path.display()
        ));
        return Ok(Exit::Success);
    }
    record.folder.remove()?;
    Ok(Exit::Success)
}

fn is_empty(file: &Path) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.len() == 0)
}
