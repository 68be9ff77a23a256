//! `uptake lint`: explains what is wrong in scenario files, without sending anything.

use std::path::PathBuf;

use clap::Args;

use super::error::CliError;
use super::output;
use crate::outcome::Exit;
use crate::suite::load;

/// The options of `uptake lint`.
#[derive(Debug, Args)]
pub(super) struct LintArgs {
    /// Suites, folders of scenarios or single scenarios [default: the api.video suite that is built in]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Runs it.
pub(super) fn run(args: &LintArgs) -> Result<Exit, CliError> {
    let loaded = load(&args.paths)?;
    let rules: std::collections::BTreeSet<_> =
        loaded.scenarios.iter().flat_map(|scenario| scenario.rules()).collect();
    let count = loaded.scenarios.len();
    let name = if count == 1 { "scenario names" } else { "scenarios name" };
    output::data(&format!(
        "{}: {count} {name} {} of {} rules, without a mistake\n",
        loaded.suite.name,
        rules.len(),
        loaded.suite.rules.len()
    ))?;
    Ok(Exit::Well)
}
