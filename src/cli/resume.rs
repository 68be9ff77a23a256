//! `uptake resume`: goes on with scenarios that wait for real time.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::Value;

use super::check;
use super::error::CliError;
use super::kept::{Remembered, distance, time};
use super::output;
use uptake_keep::{Found, RunFolder};
use uptake_outcome::Exit;

/// The options of `uptake resume`.
#[derive(Debug, Args)]
pub(super) struct ResumeArgs {
    /// The run's folder, or its name [default: the run that is due first]
    #[arg(value_name = "RUN")]
    run: Option<PathBuf>,
    /// List the runs that wait, and do nothing else
    #[arg(long)]
    list: bool,
    /// Where runs are written down
    #[arg(long, value_name = "DIR", default_value = "reports")]
    runs: PathBuf,
    /// Where the target's profile is now, or its URL [default: as it was]
    #[arg(long, short, value_name = "FILE|URL")]
    target: Option<String>,
    /// How long to wait for real time to pass [default: as it was]
    #[arg(long, value_name = "TIME", value_parser = time)]
    max_wait: Option<Duration>,
    /// Print nothing but errors, and when to come back
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
    let mut check = remembered(&RunFolder::clear(&folder)?, &folder)?;
    if let Some(target) = args.target {
        check.retarget(target);
    }
    if let Some(max_wait) = args.max_wait {
        check.keep.max_wait = max_wait;
    }
    check.quiet |= args.quiet;
    check::go_on(check, folder).await
}

/// The command line that a run was begun with.
pub(super) fn remembered(clear: &Value, folder: &Path) -> Result<check::CheckArgs, CliError> {
    let command: Remembered = serde_json::from_value(clear["command"].clone()).map_err(|error| {
        CliError::Usage(format!("{} does not say how it was begun: {error}", folder.display()))
    })?;
    super::parse_check(&command.arguments)
}

/// A run by its folder, or by its name.
pub(super) fn named(runs: &Path, run: &Path) -> PathBuf {
    let below = runs.join(run);
    if !run.is_dir() && below.is_dir() { below } else { run.to_owned() }
}

/// When the first scenario of a run may go on.
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
    first.ok_or_else(|| CliError::Usage(format!("no run waits below {}; nothing was sent", runs.display())))
}

/// One line a run, on stdout.
fn list(runs: &Path) -> Result<Exit, CliError> {
    let found = RunFolder::list(runs)?;
    let mut lines = String::new();
    let mut broken = false;
    for Found { path, clear } in found {
        let line = match clear {
            Some(Ok(clear)) => {
                let count = waiting(&clear).count();
                let moment = due(&clear)
                    .and_then(|due| jiff::Timestamp::from_second((due + 999).div_euclid(1000)).ok());
                let when = match moment {
                    Some(moment) => format!("from {moment} on{}", distance(&moment.to_string())),
                    None => "at once".to_owned(),
                };
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                format!(
                    "{count} waiting, {when}; {} against {}",
                    text(&clear["suite"]),
                    text(&clear["target"][1])
                )
            }
            Some(Err(error)) => {
                broken = true;
                error.to_string()
            }
            None => "nothing waits; it was killed, or left something behind: see `uptake clean`".to_owned(),
        };
        let _ = writeln!(lines, "{}: {line}", path.display());
    }
    if lines.is_empty() {
        output::say(&format!("no run waits below {}", runs.display()));
    }
    output::data(&lines)?;
    Ok(if broken { Exit::BadInput } else { Exit::Well })
}
