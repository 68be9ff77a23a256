//! Waivers and baselines: which failures fail the run. Read before anything is sent.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::error::CliError;
use super::output;
use uptake_check::Selection;
use uptake_gate::{read_run, read_waivers, waivers_text};
use uptake_outcome::text::count;
use uptake_outcome::{Ending, Run, Verdict, Waiver};
use uptake_suite::Suite;

/// The options on which failures count.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GateArgs {
    /// Waive the failures listed in this file, each with a reason and an end date; reports still show them
    #[arg(long, value_name = "FILE", help_heading = "Gate")]
    waivers: Option<PathBuf>,
    /// Write a waiver file for the failures of this run; an existing file is not overwritten
    #[arg(long, value_name = "FILE", help_heading = "Gate")]
    write_waivers: Option<PathBuf>,
    /// Fail only on regressions against this JSON report of an earlier run
    #[arg(long, value_name = "FILE", help_heading = "Gate")]
    baseline: Option<PathBuf>,
}

/// The files, read and opened.
pub(super) struct Gate {
    waivers: Vec<Waiver>,
    baseline: Option<Run>,
    start: Option<NewFile>,
}

/// A file that does not exist yet: written to a temporary file beside it, and renamed when it is complete.
struct NewFile {
    sibling: NamedTempFile,
    path: PathBuf,
}

impl GateArgs {
    /// With this waiver file alone.
    pub(super) fn waiving(waivers: Option<PathBuf>) -> Self {
        Self { waivers, write_waivers: None, baseline: None }
    }

    /// The files that decide which failures count.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        self.waivers.iter().chain(&self.baseline).map(PathBuf::as_path)
    }

    /// Whether a run is compared with an earlier one.
    pub(super) fn has_baseline(&self) -> bool {
        self.baseline.is_some()
    }

    /// Reads the files, and opens the one to write.
    pub(super) fn open(&self, suite: &Suite, selection: &Selection) -> Result<Gate, CliError> {
        let rules: Vec<&str> = suite.rules.iter().map(|rule| rule.id.as_str()).collect();
        let waivers = match &self.waivers {
            Some(path) => read_waivers(path, &rules)?,
            None => Vec::new(),
        };
        let baseline = self.baseline.as_deref().map(|path| baseline(path, suite, selection)).transpose()?;
        let start = self.write_waivers.as_deref().map(NewFile::open).transpose()?;
        Ok(Gate { waivers, baseline, start })
    }
}

/// Reads an earlier run of the same suite. `what` is what the option calls it.
pub(super) fn earlier_run(what: &str, path: &Path, suite: &Suite) -> Result<Run, CliError> {
    let run = read_run(path)?;
    if run.suite == suite.name {
        return Ok(run);
    }
    Err(CliError::Usage(format!(
        "{what} {} is a report of the suite {}, and this run uses {}",
        path.display(),
        run.suite,
        suite.name
    )))
}

fn baseline(path: &Path, suite: &Suite, selection: &Selection) -> Result<Run, CliError> {
    let run = earlier_run("the baseline", path, suite)?;
    // Compared with nothing, every failure would be new, and every known one forgotten.
    let selected = |id: &str| suite.rule(id).is_some_and(|rule| selection.has(rule));
    if !run.rules.iter().any(|rule| selected(&rule.id)) {
        return Err(CliError::Usage(format!(
            "the baseline {} has no rule in common with this run; write a baseline with the same filters",
            path.display()
        )));
    }
    Ok(run)
}

impl Gate {
    /// Applies the waivers and the baseline to a run.
    pub(super) fn hold(&mut self, run: &mut Run) {
        run.waive(std::mem::take(&mut self.waivers));
        if let Some(baseline) = &self.baseline {
            if baseline.ending != Ending::Completed {
                run.warnings.push(
                    "the baseline run did not complete; rules that it did not test count as new".to_owned(),
                );
            }
            run.compare(baseline);
        }
    }

    /// Writes the waiver file. A run that did not complete would waive too little.
    pub(super) fn write(self, run: &Run) -> Result<(), CliError> {
        let Some(NewFile { mut sibling, path }) = self.start else { return Ok(()) };
        if run.ending != Ending::Completed {
            output::say(&format!("{} was not written: the run did not complete", path.display()));
            return Ok(());
        }
        let name = path.display().to_string();
        sibling
            .write_all(waivers_text(run).as_bytes())
            .and_then(|()| sibling.as_file().sync_all())
            .map_err(|source| CliError::Write { path: name.clone(), source })?;
        sibling
            .persist_noclobber(&path)
            .map_err(|error| CliError::Write { path: name.clone(), source: error.error })?;
        let failed = run.rules.iter().filter(|rule| rule.verdict == Verdict::Failed).count();
        output::say(&format!(
            "{name} waives {}; edit it: give each a reason and an end date",
            count(failed, "failure")
        ));
        Ok(())
    }
}

impl NewFile {
    fn open(path: &Path) -> Result<Self, CliError> {
        let name = path.display();
        if path.symlink_metadata().is_ok() {
            return Err(CliError::Usage(format!("{name} already exists; it is not overwritten")));
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".waivers.").suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let sibling = builder.tempfile_in(folder).map_err(|error| {
            let why = match error.kind() {
                ErrorKind::NotFound => format!("there is no directory {}", folder.display()),
                kind => kind.to_string(),
            };
            CliError::Usage(format!("cannot write the waivers to {name}: {why}"))
        })?;
        Ok(Self { sibling, path: path.to_owned() })
    }
}
