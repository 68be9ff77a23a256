//! `uptake lint`: explains what is wrong in scenario files, without sending anything.

use clap::Args;

use super::error::CliError;
use super::output;
use super::suite::SuiteArgs;
use crate::outcome::Exit;

/// The options of `uptake lint`.
#[derive(Debug, Args)]
pub(super) struct LintArgs {
    #[command(flatten)]
    suite: SuiteArgs,
}

/// Runs it.
pub(super) fn run(args: &LintArgs) -> Result<Exit, CliError> {
    let loaded = args.suite.load()?;
    let rules: std::collections::BTreeSet<_> =
        loaded.scenarios.iter().flat_map(|scenario| scenario.rules()).collect();
    output::data(&format!(
        "{}: {} scenarios name {} of {} rules, without a mistake\n",
        loaded.suite.name,
        loaded.scenarios.len(),
        rules.len(),
        loaded.suite.rules.len()
    ))?;
    Ok(Exit::Well)
}
