//! Renders a JSON report of `uptake check` in other formats.

use std::path::Path;

use super::error::CliError;
use super::output;
use uptake_gate::read_run;
use uptake_outcome::{Exit, FailOn};
use uptake_report::{CheckFormat, Destination, Outputs, terminal};

/// How to render it.
pub(super) struct Rendering {
    pub(super) fail_on: FailOn,
    pub(super) reports: Vec<Destination<CheckFormat>>,
    pub(super) quiet: bool,
}

/// Renders a stored run. The exit code says whether that worked, not what the result is.
pub(super) fn render(run: &Path, rendering: Rendering) -> Result<Exit, CliError> {
    let Rendering { fail_on, reports, quiet } = rendering;
    let run = read_run(run)?;
    let outputs = Outputs::open(reports)?;
    if !quiet && !outputs.take_stdout() {
        output::data(&terminal(&run, output::style(), fail_on))?;
    }
    outputs.write(|format| format.render(&run, fail_on))?;
    Ok(Exit::Success)
}
