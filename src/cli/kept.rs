//! What `check`, `resume` and `clean` have in common: run folders, and what is said of them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::error::CliError;
use super::output;
use uptake_check::{RunRecord, SavedRun, WaitLimits};
use uptake_keep::{FORMAT, Header, Journal, RunFolder, SealKey};
use uptake_outcome::Run;
use uptake_suite::Loaded;
use uptake_target::Target;

/// How long scenarios may wait for real time, and where runs are written down.
#[derive(Debug, Clone, Args)]
pub(super) struct KeepArgs {
    /// How long the run waits for real time to pass, where the target's clock cannot be turned; what takes longer is suspended
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = time, help_heading = "Run")]
    pub(super) max_wait: Duration,
    /// The longest that a scenario is suspended; what takes longer is not applicable
    #[arg(long, value_name = "TIME", default_value = "48h", value_parser = time, help_heading = "Run")]
    pub(super) max_suspend: Duration,
    /// Where runs are written down that wait, or that were killed
    #[arg(long, value_name = "DIR", default_value = "reports", help_heading = "Run")]
    pub(super) runs: PathBuf,
}

impl KeepArgs {
    pub(super) fn waits(&self) -> WaitLimits {
        WaitLimits { within: self.max_wait, longest: self.max_suspend }
    }
}

/// A length of time, such as `24h`.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    let time = text.parse::<jiff::SignedDuration>().ok().and_then(|time| Duration::try_from(time).ok());
    time.ok_or_else(|| "it is a time such as 24h, 90m or 30s".to_owned())
}

/// What a run remembers of its command line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Remembered {
    /// The arguments, the command among them.
    pub(super) arguments: Vec<String>,
}

impl Remembered {
    pub(super) fn now() -> Self {
        Self {
            arguments: std::env::args_os().skip(1).map(|text| text.to_string_lossy().into_owned()).collect(),
        }
    }
}

/// A run folder with its key.
pub(super) fn key(target: &Target) -> Option<SealKey> {
    SealKey::new(target.credentials.values().map(String::as_str))
}

/// Begins a run folder. A run without one is a run all the same: it suspends nothing, and cannot be cleaned up after.
pub(super) fn begin(parent: &Path, loaded: &Loaded, target: &Target) -> Option<RunRecord> {
    let begun = key(target).ok_or(uptake_keep::KeepError::NoKey).and_then(|key| {
        let name = jiff::Timestamp::now().strftime("run-%Y%m%dT%H%M%SZ").to_string();
        let folder = RunFolder::create(parent, &name)?;
        let command = serde_json::to_value(Remembered::now()).expect("it is plain data");
        let header = Header {
            format: FORMAT,
            suite: loaded.suite.name.clone(),
            base_url: target.base_url.to_string(),
            command: command.clone(),
        };
        let journal = Journal::create(&folder.journal_path(), &key, header)?;
        Ok(RunRecord { folder, key, journal, command })
    });
    match begun {
        Ok(keep) => Some(keep),
        Err(error) => {
            output::say(&format!("warning: nothing is suspended, and no journal is kept: {error}"));
            None
        }
    }
}

/// A run that was written down, ready to be gone on with.
pub(super) struct Opened {
    pub(super) keep: RunRecord,
    pub(super) saved: SavedRun,
    pub(super) private: Vec<u8>,
}

/// Opens the folder of a suspended run of this very suite and target; nothing is sent before that has succeeded.
pub(super) fn open(folder: &Path, loaded: &Loaded, target: &Target) -> Result<Opened, CliError> {
    let clear = RunFolder::clear(folder)?;
    // Before the key is tried: another target has another key, too. What cannot be read here is damaged, and said below.
    if let Some(base_url) = clear["target"][1].as_str() {
        same_target(folder, base_url, target)?;
    }
    let key = key(target).ok_or(uptake_keep::KeepError::NoKey)?;
    let folder = RunFolder::open(folder)?;
    let state = folder.state(&key)?;
    let saved = SavedRun::read(state.clear, loaded)?;
    let journal = if let Some(journal) = folder.journal(&key)? {
        journal
    } else {
        let header = Header {
            format: FORMAT,
            suite: loaded.suite.name.clone(),
            base_url: target.base_url.to_string(),
            command: saved.command.clone(),
        };
        Journal::create(&folder.journal_path(), &key, header)?
    };
    let command = saved.command.clone();
    Ok(Opened { keep: RunRecord { folder, key, journal, command }, saved, private: state.sealed })
}

/// Complains where a run was of another target.
pub(super) fn same_target(folder: &Path, base_url: &str, target: &Target) -> Result<(), CliError> {
    if base_url == target.base_url.as_str() {
        return Ok(());
    }
    Err(CliError::Usage(format!(
        "{} is of a run against {base_url}, and the target is {}; nothing was sent",
        folder.display(),
        target.base_url
    )))
}

/// Ends with a run folder: it goes where nothing needs it.
pub(super) fn close(keep: RunRecord, run: &Run) -> Result<(), CliError> {
    if run.folder.is_none() {
        keep.folder.remove()?;
    }
    Ok(())
}

/// Says when to come back, and how.
pub(super) fn say_when(run: &Run) {
    let Some(folder) = &run.folder else { return };
    let Some(first) = run.suspended.iter().map(|waiting| waiting.from.as_str()).min() else {
        output::say(&format!("what was left behind stands in the journal: uptake clean {folder}"));
        return;
    };
    let count = run.suspended.len();
    let scenarios =
        if count == 1 { "1 scenario waits".to_owned() } else { format!("{count} scenarios wait") };
    output::say(&format!(
        "{scenarios}; come back from {first} on{}: uptake resume {folder}",
        distance(first)
    ));
    let ends: Vec<&str> = run.suspended.iter().filter_map(|waiting| waiting.until.as_deref()).collect();
    if let Some(end) = ends.iter().min() {
        let of_them =
            if ends.len() == 1 { "1 of them has".to_owned() } else { format!("{} of them have", ends.len()) };
        output::say(&format!("{of_them} to go on in time, the first by {end}"));
    }
}

/// ` (in 3 h)`, where it is ahead.
pub(super) fn distance(moment: &str) -> String {
    let then = moment.parse::<jiff::Timestamp>().ok();
    let ahead = then.map(|then| jiff::Timestamp::now().duration_until(then).as_secs());
    match ahead.and_then(|seconds| u64::try_from(seconds).ok()).filter(|seconds| *seconds > 0) {
        Some(seconds) => format!(" (in {})", uptake_check::format_duration(Duration::from_secs(seconds))),
        None => String::new(),
    }
}
