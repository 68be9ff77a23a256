//! Which suite and which scenarios to read: the same for every command that reads a suite.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};

use uptake_suite::{LoadError, Loaded, load, load_suite};
use uptake_wire::shell_word;

/// Which suite and which scenarios to read.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SuiteArgs {
    /// Suites, directories of scenarios, or scenario files [default: the built-in api.video suite]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Built-in suite (`uptake suite list`), or the directory of a suite, such as your own that extends `api-video`; PATHs
    /// are then scenarios of it, or other scenario files
    #[arg(long, value_name = "NAME|DIR")]
    suite: Option<PathBuf>,
}

impl SuiteArgs {
    /// A whole suite: one that is built in, or a directory; the default suite where none is named.
    pub(super) fn whole(suite: Option<PathBuf>) -> Self {
        Self { paths: Vec::new(), suite }
    }

    /// Reads the suite.
    pub(super) fn load(&self) -> Result<Loaded, LoadError> {
        self.load_only(&self.paths)
    }

    /// Reads the suite with the scenarios of `paths` only.
    pub(super) fn load_only(&self, paths: &[PathBuf]) -> Result<Loaded, LoadError> {
        match &self.suite {
            Some(folder) => load_suite(folder, paths),
            None => load(paths),
        }
    }

    /// The same choice as words of a command.
    pub(super) fn words(&self) -> Vec<String> {
        let suite =
            self.suite.iter().map(|folder| format!("--suite {}", shell_word(&folder.display().to_string())));
        suite.chain(self.paths.iter().map(|path| shell_word(&path.display().to_string()))).collect()
    }

    /// The files and directories that the suite is read from; none, where it is built in.
    pub(super) fn places(&self) -> impl Iterator<Item = &Path> {
        self.paths.iter().chain(&self.suite).map(PathBuf::as_path)
    }

    /// Whether `--suite` is given.
    pub(super) fn names_suite(&self) -> bool {
        self.suite.is_some()
    }

    /// The paths as given.
    pub(super) fn paths(&self) -> &[PathBuf] {
        &self.paths
    }
}
