//! `uptake resume`: resumes suspended scenarios.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::Value;

use super::check::{self, Job};
use super::error::CliError;
use super::output;
use super::parsers::duration;
use super::run_folder::distance;
use uptake_outcome::Exit;
use uptake_outcome::text::count;
use uptake_run_folder::{Found, RunFolder};

/// The options of `uptake resume`.
#[derive(Debug, Args)]
pub(super) struct ResumeArgs {
    /// The run's directory, or its name [default: the run that is due first]
    #[arg(value_name = "RUN")]
    run: Option<PathBuf>,
    /// List the suspended runs; send nothing
    #[arg(long)]
    list: bool,
    /// Directory for suspended and interrupted runs
    #[arg(long, value_name = "DIR", default_value = "reports")]
    runs: PathBuf,
    /// Target profile or URL, where it has moved [default: as in the first run]
    #[arg(long, short, value_name = "FILE|URL")]
    target: Option<String>,
    /// Longest time that the run waits for real time to pass [default: as in the first run]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    max_wait: Option<Duration>,
    /// Print only errors, and when to resume
    #[arg(long, short)]
    quiet: bool,
}

/// Runs it.
pub(super) async fn run(args: ResumeArgs) -> Result<Exit, CliError> {
    if args.list {
        return list(&args.runs);
    }
    let folder = match &args.run {
        Some(run) => named(&args.runs, run),
        None => due_first(&args.runs)?,
    };
    let mut job = Job::stored(&RunFolder::clear(&folder)?["command"], &folder)?;
    if let Some(target) = args.target {
        job.server.retarget(target);
    }
    if let Some(max_wait) = args.max_wait {
        job.folder.max_wait = max_wait;
    }
    job.quiet |= args.quiet;
    Box::pin(check::resume(job, folder)).await
}

/// A run by its directory, or by its name.
pub(super) fn named(runs: &Path, run: &Path) -> PathBuf {
    let below = runs.join(run);
    if !run.is_dir() && below.is_dir() { below } else { run.to_owned() }
}

/// When the first scenario of a run can be resumed.
fn due(clear: &Value) -> Option<i64> {
    waiting(clear).filter_map(|standing| standing["since"]["due"].as_i64()).min()
}

fn waiting(clear: &Value) -> impl Iterator<Item = &Value> {
    let scenarios = clear["scenarios"].as_array().map(Vec::as_slice).unwrap_or_default();
    scenarios.iter().map(|scenario| &scenario["standing"]).filter(|standing| standing["is"] == "suspended")
}

fn due_first(runs: &Path) -> Result<PathBuf, CliError> {
    let mut pending = Vec::new();
    for Found { path, clear } in RunFolder::list(runs)? {
        match clear {
            Some(Ok(clear)) => pending.push((due(&clear).unwrap_or(i64::MAX), path)),
            Some(Err(error)) => return Err(error.into()),
            None => {}
        }
    }
    pending.sort();
    let first = pending.into_iter().next().map(|(_, path)| path);
    first.ok_or_else(|| {
        CliError::Usage(format!("there is no suspended run in {}; nothing was sent", runs.display()))
    })
}

/// Prints one line for each run.
fn list(runs: &Path) -> Result<Exit, CliError> {
    let found = RunFolder::list(runs)?;
    let mut lines = String::new();
    let mut broken = false;
    for Found { path, clear } in found {
        let line = match clear {
            Some(Ok(clear)) => {
                let moment = due(&clear)
                    .and_then(|due| jiff::Timestamp::from_second((due + 999).div_euclid(1000)).ok());
                let when = match moment {
                    Some(moment) => format!("resume at {moment}{}", distance(&moment.to_string())),
                    None => "resume now".to_owned(),
                };
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                format!(
                    "{} suspended, {when}; {} against {}",
                    count(waiting(&clear).count(), "scenario"),
                    text(&clear["suite"]),
                    text(&clear["target"][1])
                )
            }
            Some(Err(error)) => {
                broken = true;
                error.to_string()
            }
            None => "nothing to resume; `uptake clean` removes what the run left behind".to_owned(),
        };
        let _ = writeln!(lines, "{}: {line}", path.display());
    }
    if lines.is_empty() {
        output::say(&format!("there is no suspended run in {}", runs.display()));
    }
    output::data(&lines)?;
    Ok(if broken { Exit::BadInput } else { Exit::Success })
}
