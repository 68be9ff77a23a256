//! Which suite, and which of its scenarios: the same for every command that reads one.

use std::path::PathBuf;

use clap::Args;

use uptake_suite::{LoadError, Loaded, load, load_suite};

/// What to read.
#[derive(Debug, Args)]
pub(super) struct SuiteArgs {
    /// Suites, folders of scenarios or single scenarios [default: the api.video suite that is built in]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The folder of the suite, such as one of your own that extends `api-video`; paths name scenarios of it, or files elsewhere
    #[arg(long, value_name = "DIR")]
    suite: Option<PathBuf>,
}

impl SuiteArgs {
    /// Reads it.
    pub(super) fn load(&self) -> Result<Loaded, LoadError> {
        self.load_only(&self.paths)
    }

    /// Reads no more of it than `paths`.
    pub(super) fn load_only(&self, paths: &[PathBuf]) -> Result<Loaded, LoadError> {
        match &self.suite {
            Some(folder) => load_suite(folder, paths),
            None => load(paths),
        }
    }

    /// What is named, as given.
    pub(super) fn paths(&self) -> &[PathBuf] {
        &self.paths
    }
}
