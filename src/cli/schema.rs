//! `uptake schema`: prints JSON Schemas.

use clap::{Args, ValueEnum};

use super::error::CliError;
use super::output;
use uptake_outcome::Exit;

/// The options of `uptake schema`.
#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// What the schema describes
    #[arg(value_enum, default_value_t = Of::Report)]
    of: Of,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Of {
    /// The report that `check --report json=FILE` writes
    Report,
    /// A line of the event file that `check --events FILE` writes
    Events,
    /// The kill matrix that `prove --report json=FILE` writes
    Matrix,
    /// The result that `load --report json=FILE` writes
    Load,
    /// The result that `load --find-capacity CONDITION --report json=FILE` writes
    Capacity,
    /// The result that `fuzz --report json=FILE` writes
    Fuzz,
}

/// Runs it.
pub(super) fn run(args: &SchemaArgs) -> Result<Exit, CliError> {
    match args.of {
        Of::Report => output::data(&uptake_report::schema())?,
        Of::Events => output::data(&uptake_report::events_schema())?,
        Of::Load => output::data(&uptake_report::load::load_schema())?,
        Of::Capacity => output::data(&uptake_report::capacity_schema())?,
        Of::Fuzz => output::data(&uptake_report::fuzz_schema())?,
        Of::Matrix => output::data(&uptake_report::matrix_schema())?,
    }
    Ok(Exit::Success)
}
