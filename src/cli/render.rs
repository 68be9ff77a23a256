//! Renders a report of `uptake check` that was stored as JSON: the same run, in other forms, without asking anybody.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::check::FailOnArg;
use super::error::CliError;
use super::output;
use crate::gate::read_run;
use crate::outcome::Exit;
use crate::report::{Destination, Outputs, Style, terminal};

/// The options of `uptake report`.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show a stored run, or write it in other formats
    Render(RenderArgs),
}

/// The options of `uptake report render`.
#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    /// A JSON report of `uptake check`
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// The lowest level whose failure fails the run
    #[arg(long, value_enum, default_value_t = FailOnArg::Must)]
    fail_on: FailOnArg,
    /// Write a report: json=FILE, junit=FILE or markdown=FILE, or github for annotations on stdout (repeatable; `-` is stdout)
    #[arg(long = "report", value_name = "FORMAT=FILE")]
    reports: Vec<Destination>,
    /// Print nothing but errors
    #[arg(long, short)]
    quiet: bool,
}

/// Runs it.
pub(super) fn run(args: ReportArgs) -> Result<Exit, CliError> {
    let What::Render(args) = args.what;
    render(args)
}

/// Renders a stored run. The exit code says whether it could be rendered, not what it came to.
pub(super) fn render(args: RenderArgs) -> Result<Exit, CliError> {
    let run = read_run(&args.run)?;
    let outputs = Outputs::open(args.reports)?;
    let fail_on = args.fail_on.into();
    if !args.quiet && !outputs.take_stdout() {
        let style = if output::stdout_has_colour() {
            Style::coloured(output::width())
        } else {
            Style::plain(output::width())
        };
        output::data(&terminal(&run, style, fail_on))?;
    }
    outputs.write(&run, fail_on)?;
    Ok(Exit::Well)
}
