//! The errors of all commands, and the exit code of each.

use std::io;
use std::path::PathBuf;

use miette::{GraphicalReportHandler, GraphicalTheme};
use thiserror::Error;

use super::output;
use super::serve::error::ServeError;
use uptake_check::{CheckError, SavedError};
use uptake_fuzz::FuzzError;
use uptake_gate::GateError;
use uptake_load::LoadError as UploadLoadError;
use uptake_outcome::Exit;
use uptake_outcome::text::{count, plain_words};
use uptake_prove::ProveError;
use uptake_report::ReportError;
use uptake_results::ResultsError;
use uptake_run_folder::RunFolderError;
use uptake_suite::{BadSigningKey, LoadError};
use uptake_target::TargetError;
use uptake_yaml::Problems;

/// Why a command failed.
#[derive(Debug, Error)]
pub(super) enum CliError {
    #[error("cannot start the runtime: {0}")]
    Runtime(io::Error),
    #[error(transparent)]
    Output(#[from] output::OutputError),
    #[error("cannot wait for Ctrl-C: {0}")]
    Signal(io::Error),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Capabilities(Problems),
    #[error(transparent)]
    SigningKey(#[from] BadSigningKey),
    #[error(transparent)]
    RunFolder(#[from] RunFolderError),
    #[error(transparent)]
    Lint(Problems),
    #[error(transparent)]
    Saved(#[from] SavedError),
    #[error(transparent)]
    Check(#[from] CheckError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Fuzz(#[from] FuzzError),
    #[error(transparent)]
    Prove(#[from] ProveError),
    #[error(transparent)]
    UploadLoad(#[from] UploadLoadError),
    #[error(transparent)]
    Gate(#[from] GateError),
    #[error(transparent)]
    Results(#[from] ResultsError),
    #[error("cannot write {path}: {source}")]
    Write { path: String, source: io::Error },
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error("every rule passed in {}, so there is nothing to run again", .0.display())]
    NothingFailed(PathBuf),
    #[error("{0}")]
    Usage(String),
}

impl CliError {
    /// Prints the error on stderr, and returns the exit code.
    pub(super) fn report(&self) -> Exit {
        match self {
            Self::Load(LoadError::Problems(problems))
            | Self::Target(TargetError::Problems(problems))
            | Self::UploadLoad(UploadLoadError::Problems(problems))
            | Self::Gate(GateError::Problems(problems))
            | Self::Capabilities(problems)
            | Self::Lint(problems) => show(problems),
            other => output::say(&format!("error: {other}")),
        }
        self.exit()
    }

    /// The error as a part of a sentence, without the numbers that the system's errors carry.
    pub(super) fn bare(&self) -> String {
        plain_words(&self.to_string()).into_owned()
    }

    fn exit(&self) -> Exit {
        match self {
            Self::RunFolder(RunFolderError::Write { .. })
            | Self::Report(ReportError::Write { .. })
            | Self::UploadLoad(
                UploadLoadError::Unreachable(_)
                | UploadLoadError::NoToken(_)
                | UploadLoadError::Start(_)
                | UploadLoadError::Descriptors { .. }
                | UploadLoadError::Generator(_),
            )
            | Self::Fuzz(FuzzError::Write { .. })
            | Self::Runtime(_)
            | Self::Output(_)
            | Self::Signal(_)
            | Self::Write { .. }
            | Self::Prove(_) => Exit::CouldNotTest,
            Self::Fuzz(
                FuzzError::NoKey
                | FuzzError::NoUpload(_)
                | FuzzError::Size(_)
                | FuzzError::NoProperty(..)
                | FuzzError::Wire(_),
            )
            | Self::Load(_)
            | Self::Target(_)
            | Self::Capabilities(_)
            | Self::SigningKey(_)
            | Self::Lint(_)
            | Self::Check(_)
            | Self::Gate(_)
            | Self::RunFolder(_)
            | Self::Saved(_)
            | Self::Report(_)
            | Self::UploadLoad(_)
            | Self::Usage(_) => Exit::BadInput,
            Self::NothingFailed(_) => Exit::NothingTested,
            Self::Serve(error) => error.exit(),
            Self::Results(error) if error.is_bad_input() => Exit::BadInput,
            Self::Results(_) => Exit::CouldNotTest,
        }
    }
}

/// Shows mistakes with the lines they stand in.
fn show(problems: &Problems) {
    let theme = if output::stderr_has_colour() {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(100).with_links(false);
    for problem in problems.iter() {
        let mut text = String::new();
        match handler.render_report(&mut text, problem) {
            Ok(()) => output::say(text.trim_end()),
            Err(_) => output::say(&format!("{}: {problem}", problem.place())),
        }
        output::say("");
    }
    output::say(&format!("error: {}; nothing was sent", count(problems.count(), "mistake")));
}
