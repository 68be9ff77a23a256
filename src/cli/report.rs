//! `uptake report merge|compare|render`: merges and compares load results, and renders stored results.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::check::FailOnArg;
use super::error::CliError;
use super::load_results::{Runs, all, destinations, exit_of_rendering, group, render};
use super::merge::MergeArgs;
use super::output;
use super::render::Rendering;
use super::tolerance::parse_tolerance;
use uptake_outcome::Exit;
use uptake_outcome::load::{Fares, LoadRun, Tolerance, UnlikeRuns, check_comparable, compare, judge};
use uptake_report::{
    Compared, ComparedGroup, ComparisonFormat, Destination, Format, FuzzFormat, MatrixFormat, Outputs,
    comparison_terminal, fuzz_terminal, matrix_terminal, read_fuzz, read_matrix,
};

/// The options of `uptake report`.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Merge results exactly: those of all shards of a run, or of several runs of `load`
    Merge(MergeArgs),
    /// Compare two groups of load results
    Compare(CompareArgs),
    /// Print a stored result of `check`, `load`, `fuzz` or `prove`, or write it in other formats
    Render(RenderArgs),
}

#[derive(Debug, Args)]
struct RenderArgs {
    /// The JSON report of `uptake check`, `load`, `fuzz` or `prove`
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// For `check`: lowest rule level whose failure fails the run
    #[arg(long, value_enum, default_value_t = FailOnArg::Must)]
    fail_on: FailOnArg,
    /// Write a report (repeatable; `-` is stdout): json=FILE or html=FILE. For `check` also junit=FILE, markdown=FILE, and
    /// github for annotations; for `load` also hlog=FILE and csv=FILE
    #[arg(long = "report", value_name = "FORMAT=FILE")]
    reports: Vec<String>,
    /// Print only errors
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Debug, Args)]
struct CompareArgs {
    /// Old results: a JSON result of `uptake load`, several separated by commas, or a directory. Several runs give a
    /// confidence interval
    #[arg(value_name = "OLD")]
    old: String,
    /// New results
    #[arg(value_name = "NEW", required = true)]
    new: Vec<String>,
    /// Exit with 1 if a figure is worse by more than this share and the difference is statistically significant: 10% for each figure,
    /// 'upload.p99 10%' for one (repeatable). A single run on a side is not enough: exit code 3
    #[arg(long, value_name = "[FIGURE ]SHARE", value_parser = parse_tolerance)]
    fail_if_worse: Vec<Tolerance>,
    /// Compare runs although their plans differ
    #[arg(long)]
    allow_unlike: bool,
    /// Write the comparison with overlaid curves: html=FILE (`-` is stdout)
    #[arg(long = "report", value_name = "FORMAT=FILE")]
    reports: Vec<Destination<ComparisonFormat>>,
}

/// Runs it.
pub(super) async fn run(args: ReportArgs) -> Result<Exit, CliError> {
    match args.what {
        What::Merge(args) => super::merge::run(args).await,
        What::Render(args) => stored(&args),
        What::Compare(args) => side_by_side(args),
    }
}

/// Renders a stored result of any kind; what is none is for the reader of a check to complain of.
fn stored(args: &RenderArgs) -> Result<Exit, CliError> {
    let text = std::fs::read_to_string(&args.run).unwrap_or_default();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    if value.get("phases").is_some() {
        let mut run = all(std::slice::from_ref(&args.run))?.runs.swap_remove(0);
        render(&mut run, destinations(&args.reports)?, args.quiet)?;
        Ok(exit_of_rendering(&run))
    } else if value.get("defects").is_some() {
        let matrix = of_kind(&args.run, read_matrix(&text))?;
        show(
            args,
            || matrix_terminal(&matrix, output::style()),
            |format: MatrixFormat| format.render(&matrix),
        )
    } else if value.get("counterexamples").is_some() {
        let run = of_kind(&args.run, read_fuzz(&text))?;
        show(args, || fuzz_terminal(&run, "uptake check"), |format: FuzzFormat| format.render(&run))
    } else {
        let reports = destinations(&args.reports)?;
        let rendering = Rendering { fail_on: args.fail_on.into(), reports, quiet: args.quiet };
        super::render::render(&args.run, rendering)
    }
}

fn of_kind<T>(file: &Path, read: Result<T, String>) -> Result<T, CliError> {
    read.map_err(|why| CliError::Usage(format!("{}: {why}", file.display())))
}

/// Prints a result, and writes its reports.
fn show<F: Format>(
    args: &RenderArgs,
    terminal: impl Fn() -> String,
    report: impl Fn(F) -> String,
) -> Result<Exit, CliError> {
    let outputs = Outputs::<F>::open(destinations(&args.reports)?)?;
    if !args.quiet && !outputs.take_stdout() {
        output::data(&terminal())?;
    }
    outputs.write(report)?;
    Ok(Exit::Success)
}

fn side_by_side(args: CompareArgs) -> Result<Exit, CliError> {
    let outputs = Outputs::open(args.reports)?;
    let old = group(&args.old)?;
    let mut groups = Vec::new();
    for new in args.new {
        let runs = group(&new)?;
        check_likeness(&old, &runs, args.allow_unlike)?;
        let differences = compare(&old.runs, &runs.runs);
        let judged = judge(&differences, &args.fail_if_worse);
        groups.push(ComparedGroup { name: new, runs: runs.runs, differences, judged });
    }
    if !outputs.take_stdout() {
        for (index, group) in groups.iter().enumerate() {
            if groups.len() > 1 {
                output::data(&format!("{}{}\n", if index == 0 { "" } else { "\n" }, group.name))?;
            }
            let sizes = (old.runs.len(), group.runs.len());
            output::data(&comparison_terminal(&group.differences, sizes, &group.judged, output::style()))?;
        }
    }
    let fares: Vec<Fares> =
        groups.iter().flat_map(|group| &group.judged).map(|judged| judged.fares).collect();
    let exit = if fares.contains(&Fares::Worse) {
        Exit::Failed
    } else if fares.contains(&Fares::Unknown) {
        Exit::CouldNotTest
    } else {
        Exit::Success
    };
    let compared = Compared { name: args.old, old: old.runs, groups, exit };
    outputs.write(|format: ComparisonFormat| format.render(&compared))?;
    Ok(exit)
}

/// Refuses a run that is given twice, and runs whose plans differ unless that is allowed.
fn check_likeness(old: &Runs, new: &Runs, allow_unlike: bool) -> Result<(), CliError> {
    let runs: Vec<LoadRun> = old.runs.iter().chain(&new.runs).cloned().collect();
    let names: Vec<String> = old.names.iter().chain(&new.names).cloned().collect();
    match check_comparable(&runs) {
        Ok(()) => Ok(()),
        Err(unlike) if allow_unlike && !matches!(unlike, UnlikeRuns::Same(..)) => {
            output::say(&format!("warning: {}", unlike.with_names(&names)));
            Ok(())
        }
        Err(unlike) => {
            let hint = match unlike {
                UnlikeRuns::Same(..) => "",
                _ => " (--allow-unlike compares them all the same)",
            };
            Err(CliError::Usage(format!("cannot compare: {}{hint}", unlike.with_names(&names))))
        }
    }
}
