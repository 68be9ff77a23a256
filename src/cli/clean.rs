//! `uptake clean`: removes what a run has made and left behind, and nothing else.

use std::path::{Path, PathBuf};

use clap::Args;

use super::error::CliError;
use super::kept::{key, same_target};
use super::output;
use super::progress::{CLEANING_UP, stop_on_ctrl_c};
use super::resume::{named, remembered};
use uptake_check::{CleanJob, RunRecord};
use uptake_keep::{Journal, KeepError, RunFolder};
use uptake_outcome::Exit;
use uptake_stop::Stopper;

/// The options of `uptake clean`.
#[derive(Debug, Args)]
pub(super) struct CleanArgs {
    /// The run's folder, or its name [default: every run that was left]
    #[arg(value_name = "RUN")]
    run: Option<PathBuf>,
    /// Where runs are written down
    #[arg(long, value_name = "DIR", default_value = "reports")]
    runs: PathBuf,
    /// Where the target's profile is now, or its URL [default: as it was]
    #[arg(long, short, value_name = "FILE|URL")]
    target: Option<String>,
    /// Give up what waits: remove also what suspended scenarios need, so that they cannot go on
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
        output::say(&format!("nothing was left behind below {}", args.runs.display()));
        return Ok(Exit::Well);
    }
    let stopper = Stopper::default();
    stop_on_ctrl_c(&CLEANING_UP, stopper.clone())?;
    let mut exit = Exit::Well;
    for folder in folders {
        let one = match one(&args, &folder, stopper.clone()).await {
            Ok(one) => one,
            // A folder that cannot be used does not keep the others from being cleaned.
            Err(error) if args.run.is_none() => error.report(),
            Err(error) => return Err(error),
        };
        exit = if exit == Exit::Well { one } else { exit };
    }
    Ok(exit)
}

async fn one(args: &CleanArgs, path: &Path, stopper: Stopper) -> Result<Exit, CliError> {
    let folder = RunFolder::open(path)?;
    let waits = folder.has_state() && !args.abandon;
    if !waits && is_empty(&folder.journal_path()) {
        // The disk was full as the run began: it made nothing.
        output::data(&format!("{}: 0 things removed\n", path.display()))?;
        folder.remove()?;
        return Ok(Exit::Well);
    }
    let header = Journal::peek(&folder.journal_path())?;
    let mut check = remembered(&serde_json::json!({ "command": header.command }), path)?;
    if let Some(target) = &args.target {
        check.retarget(target.clone());
    }
    let loaded = check.suite.load()?;
    let target = check.named_target(&loaded)?.ok_or_else(|| {
        CliError::Usage(format!("{} does not say which target it was; add --target", path.display()))
    })?;
    same_target(path, &header.base_url, &target)?;
    let key = key(&target).ok_or(KeepError::NoKey)?;
    let journal = folder.journal(&key)?.ok_or_else(|| KeepError::Missing { path: folder.journal_path() })?;
    let needed = if waits { uptake_check::needed(&folder.state(&key)?.sealed)? } else { Vec::new() };
    let keep = RunRecord { folder, key, journal, command: header.command };
    let options = check.options();
    let job = CleanJob { loaded: &loaded, target: &target, options: &options, record: &keep, needed };
    let cleaned = uptake_check::clean(job, stopper).await?;
    let things = |count: usize| if count == 1 { "1 thing".to_owned() } else { format!("{count} things") };
    output::data(&format!("{}: {} removed\n", path.display(), things(cleaned.removed)))?;
    for leftover in &cleaned.left {
        output::data(&format!("  still there: {}: {}\n", leftover.what, leftover.why))?;
    }
    if cleaned.ended_early {
        return Ok(Exit::NothingCanBeSaid);
    }
    if !cleaned.left.is_empty() {
        return Ok(Exit::Failed);
    }
    if waits {
        let path = path.display();
        output::say(&format!(
            "{path}: what its suspended scenarios need is left alone; --abandon gives them up"
        ));
        return Ok(Exit::Well);
    }
    keep.folder.remove()?;
    Ok(Exit::Well)
}

fn is_empty(file: &Path) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.len() == 0)
}
