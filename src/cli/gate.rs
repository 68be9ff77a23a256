//! What a gate is told beside the suite: waivers and a baseline. Read before anything is sent.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use tempfile::NamedTempFile;

use super::error::CliError;
use super::output;
use uptake_gate::{read_run, read_waivers, waivers_text};
use uptake_outcome::{Ending, Run, Verdict, Waiver};
use uptake_suite::Suite;

/// The options on which failures count.
#[derive(Debug, Args)]
pub(super) struct GateArgs {
    /// Excuse the failures that this file names, each with a reason and a last day; they stay in every report
    #[arg(long, value_name = "FILE", help_heading = "Gate")]
    waivers: Option<PathBuf>,
    /// Start a waiver file from the failures of this run; a file that is there already is left alone
    #[arg(long, value_name = "FILE", help_heading = "Gate")]
    write_waivers: Option<PathBuf>,
    /// Fail only on what is worse than in this JSON report of an earlier run
    #[arg(long, value_name = "FILE", help_heading = "Gate")]
    baseline: Option<PathBuf>,
}

/// The files, read and opened.
pub(super) struct Gate {
    waivers: Vec<Waiver>,
    baseline: Option<Run>,
    start: Option<NewFile>,
}

/// A file that is not there yet: written beside its place, and moved there when it is whole.
struct NewFile {
    sibling: NamedTempFile,
    path: PathBuf,
}

impl GateArgs {
    /// Reads what is there, and opens what is to be written.
    pub(super) fn open(&self, suite: &Suite) -> Result<Gate, CliError> {
        let rules: Vec<&str> = suite.rules.iter().map(|rule| rule.id.as_str()).collect();
        let waivers = match &self.waivers {
            Some(path) => read_waivers(path, &rules)?,
            None => Vec::new(),
        };
        let baseline = self.baseline.as_deref().map(|path| baseline(path, suite)).transpose()?;
        let start = self.write_waivers.as_deref().map(NewFile::open).transpose()?;
        Ok(Gate { waivers, baseline, start })
    }
}

fn baseline(path: &Path, suite: &Suite) -> Result<Run, CliError> {
    let run = read_run(path)?;
    if run.suite != suite.name {
        return Err(CliError::Usage(format!(
            "the baseline {} is of the suite {}, and this run is of {}",
            path.display(),
            run.suite,
            suite.name
        )));
    }
    Ok(run)
}

impl Gate {
    /// Holds a run against what the gate was told.
    pub(super) fn hold(&mut self, run: &mut Run) {
        run.waive(std::mem::take(&mut self.waivers));
        if let Some(baseline) = &self.baseline {
            if baseline.ending != Ending::Completed {
                run.warnings.push(
                    "the baseline is of a run that did not come to its end; what it did not judge counts as new".to_owned(),
                );
            }
            run.compare(baseline);
        }
    }

    /// Writes the waiver file that was asked for. A run that broke off would excuse too little, and is none to start from.
    pub(super) fn write(self, run: &Run) -> Result<(), CliError> {
        let Some(NewFile { mut sibling, path }) = self.start else { return Ok(()) };
        if run.ending != Ending::Completed {
            output::say(&format!("{} was not written: the run did not come to its end", path.display()));
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
        let s = if failed == 1 { "" } else { "s" };
        output::say(&format!("{name} waives {failed} failure{s}: say why in each reason, and until when"));
        Ok(())
    }
}

impl NewFile {
    fn open(path: &Path) -> Result<Self, CliError> {
        let name = path.display();
        if path.symlink_metadata().is_ok() {
            return Err(CliError::Usage(format!("{name} is there already, and is not overwritten")));
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
                ErrorKind::NotFound => format!("there is no folder {}", folder.display()),
                kind => kind.to_string(),
            };
            CliError::Usage(format!("the waivers cannot be written to {name}: {why}"))
        })?;
        Ok(Self { sibling, path: path.to_owned() })
    }
}
