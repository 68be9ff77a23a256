//! Run folders, as `check`, `resume` and `clean` use them, and what is printed about them.

use std::path::Path;

use super::check::Job;
use super::error::CliError;
use super::output;
use uptake_check::{RunRecord, SavedRun};
use uptake_outcome::Run;
use uptake_outcome::text::{count, whole_duration};
use uptake_run_folder::{FORMAT, Header, Journal, RunFolder, RunFolderError, SealKey};
use uptake_suite::Loaded;
use uptake_target::Target;

/// The key that seals what a run folder stores: derived from the credentials of the target, where it has any.
pub(super) fn key(folder: &RunFolder, target: &Target) -> Result<SealKey, RunFolderError> {
    folder.key(target.credentials.values().map(String::as_str))
}

/// Creates a run folder. A run can do without one: it suspends nothing then, and `uptake clean` cannot clean up after it.
pub(super) fn begin(job: &Job, loaded: &Loaded, target: &Target) -> Option<RunRecord> {
    match create(job, loaded, target) {
        Ok(record) => Some(record),
        Err(error) => {
            output::say(&format!("warning: this run cannot be suspended or cleaned up later: {error}"));
            None
        }
    }
}

fn create(job: &Job, loaded: &Loaded, target: &Target) -> Result<RunRecord, CliError> {
    let command = serde_json::to_value(job)
        .map_err(|_| CliError::Usage("a path on the command line is not valid UTF-8".to_owned()))?;
    let name = jiff::Timestamp::now().strftime("run-%Y%m%dT%H%M%SZ").to_string();
    let folder = RunFolder::create(&job.folder.runs, &name)?;
    let begun = key(&folder, target).and_then(|key| {
        let header = header(loaded, target, command.clone());
        Ok((Journal::create(&folder.journal_path(), &key, header)?, key))
    });
    let (journal, key) = match begun {
        Ok(begun) => begun,
        Err(error) => {
            // Nothing was created yet, so there is nothing to clean up later.
            let _ = folder.remove();
            return Err(error.into());
        }
    };
    Ok(RunRecord { folder, key, journal, command })
}

fn header(loaded: &Loaded, target: &Target, command: serde_json::Value) -> Header {
    Header {
        format: FORMAT,
        suite: loaded.suite.name.clone(),
        base_url: target.base_url.to_string(),
        command,
    }
}

/// A stored run, ready to be resumed.
pub(super) struct Opened {
    pub(super) record: RunRecord,
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
    let folder = RunFolder::open(folder)?;
    let key = key(&folder, target)?;
    let state = folder.state(&key)?;
    let saved = SavedRun::read(state.clear, loaded)?;
    let journal = if let Some(journal) = folder.journal(&key)? {
        journal
    } else {
        Journal::create(&folder.journal_path(), &key, header(loaded, target, saved.command.clone()))?
    };
    let command = saved.command.clone();
    Ok(Opened { record: RunRecord { folder, key, journal, command }, saved, private: state.sealed })
}

/// An error where the run was of another target.
pub(super) fn same_target(folder: &Path, base_url: &str, target: &Target) -> Result<(), CliError> {
    if base_url == target.base_url.as_str() {
        return Ok(());
    }
    Err(CliError::Usage(format!(
        "{} stores a run against {base_url}, but the target is {}; nothing was sent",
        folder.display(),
        target.base_url
    )))
}

/// Removes a run folder that nothing needs any more.
pub(super) fn close(record: RunRecord, run: &Run) -> Result<(), CliError> {
    if run.folder.is_none() {
        record.folder.remove()?;
    }
    Ok(())
}

/// Says when and how to resume the run.
pub(super) fn say_when(run: &Run) {
    let Some(folder) = &run.folder else { return };
    let Some(first) = run.suspended.iter().map(|waiting| waiting.from.as_str()).min() else {
        output::say(&format!("some resources were left behind; to remove them: uptake clean {folder}"));
        return;
    };
    output::say(&format!(
        "{} suspended; resume at {first}{}: uptake resume {folder}",
        count(run.suspended.len(), "scenario"),
        distance(first)
    ));
    let ends: Vec<&str> = run.suspended.iter().filter_map(|waiting| waiting.until.as_deref()).collect();
    if let Some(end) = ends.iter().min() {
        output::say(&format!("{} with a deadline, the first at {end}", count(ends.len(), "scenario")));
    }
}

/// ` (in 3 h)`, where the moment is ahead.
pub(super) fn distance(moment: &str) -> String {
    let then = moment.parse::<jiff::Timestamp>().ok();
    let ahead = then.map(|then| jiff::Timestamp::now().duration_until(then).as_secs());
    match ahead.and_then(|seconds| u64::try_from(seconds).ok()).filter(|seconds| *seconds > 0) {
        Some(seconds) => format!(" (in {})", whole_duration(seconds)),
        None => String::new(),
    }
}
