//! The only union of errors, and the exit code of each.

use std::io;

use miette::{GraphicalReportHandler, GraphicalTheme};
use thiserror::Error;

use super::output;
use super::serve::ServeError;
use crate::check::CheckError;
use crate::fuzz::FuzzError;
use crate::outcome::Exit;
use crate::prove::ProveError;
use crate::report::ReportError;
use crate::suite::LoadError;
use crate::target::TargetError;
use crate::yaml::Problems;

/// Why a command could not do its work.
#[derive(Debug, Error)]
pub(super) enum CliError {
    #[error("cannot start the runtime: {0}")]
    Runtime(io::Error),
    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
    #[error("cannot wait for Ctrl-C: {0}")]
    Signal(io::Error),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Capabilities(Problems),
    #[error(transparent)]
    Check(#[from] CheckError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Fuzz(#[from] FuzzError),
    #[error(transparent)]
    Prove(#[from] ProveError),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error("{0}")]
    Usage(String),
}

impl CliError {
    /// Says what is wrong on stderr, and gives the exit code.
    pub(super) fn report(&self) -> Exit {
        match self {
            Self::Load(LoadError::Problems(problems))
            | Self::Target(TargetError::Problems(problems))
            | Self::Capabilities(problems) => show(problems),
            other => output::say(&format!("error: {other}")),
        }
        self.exit()
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Load(_) | Self::Target(_) | Self::Capabilities(_) | Self::Check(_) | Self::Usage(_) => {
                Exit::BadInput
            }
            Self::Report(ReportError::Write { .. })
            | Self::Fuzz(FuzzError::Write { .. })
            | Self::Runtime(_)
            | Self::Output(_)
            | Self::Signal(_)
            | Self::Prove(_) => Exit::NothingCanBeSaid,
            Self::Report(_) | Self::Fuzz(FuzzError::NoKey | FuzzError::Wire(_)) => Exit::BadInput,
            Self::Serve(error) => error.exit(),
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
    let count = problems.count();
    output::say(&format!("error: {count} mistake{}; nothing was sent", if count == 1 { "" } else { "s" }));
}
