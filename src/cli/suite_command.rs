//! `uptake suite`: lists the built-in suites, and writes them to a directory for those who want to read or extend them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::error::CliError;
use super::output;
use uptake_outcome::Exit;
use uptake_outcome::text::count;
use uptake_suite::{Files, Loaded, load_suite};
use uptake_wire::shell_word;

/// The options of `uptake suite`.
#[derive(Debug, Args)]
pub(super) struct SuiteCommandArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the built-in suites
    List,
    /// Write the built-in suites to a directory
    Export {
        /// The directory; it must be empty or not exist
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// Runs it.
pub(super) fn run(args: &SuiteCommandArgs) -> Result<Exit, CliError> {
    match &args.what {
        What::List => list(),
        What::Export { folder } => export(folder),
    }
}

fn list() -> Result<Exit, CliError> {
    let mut text = String::new();
    for name in Files::built_in_suites() {
        let Loaded { suite, .. } = load_suite(Path::new(name), &[])?;
        let _ = writeln!(text, "{name:<16}  {:<9}  {}", count(suite.rules.len(), "rule"), suite.title);
    }
    output::data(&text)?;
    Ok(Exit::Success)
}

fn export(folder: &Path) -> Result<Exit, CliError> {
    let is_used = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if is_used || (folder.exists() && !folder.is_dir()) {
        return Err(CliError::Usage(format!(
            "{} exists and is not an empty directory; nothing was written",
            folder.display()
        )));
    }
    fs::create_dir_all(folder).map_err(|error| {
        CliError::Usage(format!(
            "cannot create the directory {}: {error}; nothing was written",
            folder.display()
        ))
    })?;
    let mut written = 0_usize;
    for (name, bytes) in Files::all_built_in() {
        let path = folder.join(name);
        let failed = |source| CliError::Write { path: path.display().to_string(), source };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        fs::write(&path, bytes).map_err(failed)?;
        written += 1;
    }
    let suite = folder.join(Files::DEFAULT_FOLDER);
    output::data(&format!(
        "wrote {}; run a suite with: uptake check --suite {}\n",
        count(written, "file"),
        shell_word(&suite.display().to_string())
    ))?;
    Ok(Exit::Success)
}
