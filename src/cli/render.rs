//! Renders a report of `uptake check` that was stored as JSON: the same run, in other forms, without asking anybody.

use std::path::Path;

use super::error::CliError;
use super::output;
use uptake_gate::read_run;
use uptake_outcome::{Exit, FailOn};
use uptake_report::{Destination, Outputs, terminal};

/// How it is rendered.
pub(super) struct Rendering {
    pub(super) fail_on: FailOn,
    pub(super) reports: Vec<Destination>,
    pub(super) quiet: bool,
}

/// Renders a stored run. The exit code says whether it could be rendered, not what it came to.
pub(super) fn render(run: &Path, rendering: Rendering) -> Result<Exit, CliError> {
    let Rendering { fail_on, reports, quiet } = rendering;
    let run = read_run(run)?;
    let outputs = Outputs::open(reports)?;
    if !quiet && !outputs.take_stdout() {
        output::data(&terminal(&run, output::style(), fail_on))?;
    }
    outputs.write(&run, fail_on)?;
    Ok(Exit::Well)
}
