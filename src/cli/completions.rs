//! `uptake completions` and `uptake man`: what packagers and shells need, made from the command line itself.

use std::path::PathBuf;

use clap::{Args, Command};
use clap_complete::Shell;

use super::error::CliError;
use super::output;
use uptake_outcome::Exit;

/// The options of `uptake completions`.
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// The options of `uptake man`.
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Directory for the man pages
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Prints the script.
pub(super) fn run(args: &CompletionsArgs, command: &mut Command) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "uptake", &mut script);
    output::data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Success)
}

/// Writes a page for each command.
pub(super) fn man(args: &ManArgs, command: Command) -> Result<Exit, CliError> {
    let folder = &args.folder;
    let failed = |source| CliError::Write { path: folder.display().to_string(), source };
    std::fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(command, folder).map_err(failed)?;
    Ok(Exit::Success)
}
