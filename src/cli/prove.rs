//! `uptake prove`: runs the suite against each planted defect, or with each mutation of a response, and prints the kill matrix.

mod mutation;
mod progress;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use self::mutation::MutationArgs;
use self::progress::Progress;
use super::capabilities;
use super::error::CliError;
use super::output;
use super::parsers::{at_least_one, defect, seed};
use super::signals::{CLEANING_UP, stop_on_ctrl_c};
use super::suite::SuiteArgs;
use uptake_outcome::{DefectResult, Ending, Exit, FailOn, Matrix, Run};
use uptake_prove::{Depth, Event, Plan, Proof, Server};
use uptake_reference::Defect;
use uptake_report::{Destination, MatrixFormat, Outputs, matrix_record, matrix_sentence, matrix_terminal};
use uptake_stop::Stopper;
use uptake_suite::{Loaded, Suite};

/// The options of `uptake prove`.
#[derive(Debug, Args)]
pub(super) struct ProveArgs {
    #[command(flatten)]
    suite: SuiteArgs,
    /// Plant only this defect (repeatable; `uptake serve --list-defects` lists them) [default: all that a response can show]
    #[arg(long = "defect", value_name = "NAME", value_parser = defect, help_heading = "Filters")]
    defects: Vec<Defect>,
    #[command(flatten)]
    mutation: MutationArgs,
    /// Test every defect with the whole suite, not only with the rules that proof.yaml records for it; with --mutate, also try
    /// mutations whose rules are already proven
    #[arg(long, help_heading = "Run")]
    full: bool,
    /// Number of servers, or with --mutate of scenarios, to test in parallel
    #[arg(long, short, value_name = "N", default_value = "8", value_parser = at_least_one, help_heading = "Run")]
    jobs: NonZeroUsize,
    /// Seed for content and scenario order
    #[arg(long, value_name = "N", default_value = "1", value_parser = seed, help_heading = "Run")]
    seed: u64,
    /// Write the matrix: json=FILE or html=FILE (repeatable; `-` is stdout)
    #[arg(long = "report", value_name = "FORMAT=FILE", help_heading = "Reports")]
    reports: Vec<Destination<MatrixFormat>>,
    /// Write which defects each rule catches, in the format of a suite's `proof.yaml`; a defect that is not recorded yet is
    /// tested with the whole suite
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    record: Option<PathBuf>,
    /// Print only errors
    #[arg(long, short, help_heading = "Reports")]
    quiet: bool,
}

/// Runs it.
pub(super) async fn run(args: ProveArgs) -> Result<Exit, CliError> {
    let loaded = Arc::new(args.suite.load()?);
    if args.mutation.mutate {
        return Box::pin(mutate(args, loaded)).await;
    }
    let recorded = recorded(&loaded.suite);
    let outputs = Outputs::open(args.reports)?;
    let stopper = Stopper::default();
    stop_on_ctrl_c(&CLEANING_UP, stopper.clone())?;
    let depth = match (args.full, &args.record) {
        (true, _) => Depth::Full,
        (false, Some(_)) => Depth::Record,
        (false, None) => Depth::Recorded,
    };
    let plan = Plan { defects: args.defects, depth, jobs: args.jobs, seed: args.seed };
    let progress = if args.quiet { Progress::silent() } else { Progress::new() };
    let proof = uptake_prove::prove(loaded, &plan, stopper, &|event| progress.show(event)).await?;
    progress.end();
    let mut matrix = match proof {
        Proof::Unsound(clean) => return unsound(&clean, UNSOUND_REFERENCE),
        Proof::Measured(matrix) => matrix,
    };
    let record = |matrix: &Matrix| record(args.record.as_deref(), matrix, &recorded);
    report(&mut matrix, outputs, args.quiet, record)?;
    for (rule, defect) in unseen(&recorded, &matrix) {
        output::say(&format!(
            "warning: proof.yaml of the suite says that {rule} catches {defect}, but in this run it did not"
        ));
    }
    Ok(matrix.exit())
}

/// Proves the suite by mutations of a server's responses.
async fn mutate(args: ProveArgs, loaded: Arc<Loaded>) -> Result<Exit, CliError> {
    let mut plan = args.mutation.plan(&loaded, (args.full, args.jobs, args.seed))?;
    let waivers = args.mutation.waivers(&loaded.suite)?;
    let outputs = Outputs::open(args.reports)?;
    let stopper = Stopper::default();
    stop_on_ctrl_c(&CLEANING_UP, stopper.clone())?;
    if let Server::Target(target) = &mut plan.server {
        capabilities::detect(&loaded, target, (args.seed, stopper.clone())).await?;
    }
    let progress = if args.quiet { Progress::silent() } else { Progress::of_mutations() };
    let gate = |run: &mut Run| run.waive(waivers.clone());
    let listener = |event: Event<'_>| progress.show(event);
    let proof = uptake_prove::prove_by_mutation(loaded, plan, stopper, &gate, &listener).await?;
    progress.end();
    match proof {
        Proof::Unsound(clean) => unsound(&clean, UNSOUND_SERVER),
        Proof::Measured(mut matrix) => {
            report(&mut matrix, outputs, args.quiet, |_| Ok(()))?;
            Ok(matrix.exit())
        }
    }
}

/// Writes the reports and prints the summary, which comes last, since it names the exit code. `record` writes what else there is.
fn report(
    matrix: &mut Matrix,
    outputs: Outputs<MatrixFormat>,
    is_quiet: bool,
    record: impl Fn(&Matrix) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let takes_stdout = outputs.take_stdout();
    let written = outputs.write(|format| format.render(matrix)).map_err(CliError::from);
    if let Err(error) = written.and_then(|()| record(matrix)) {
        matrix.ending = Ending::NotWritten { why: error.bare() };
    }
    if (is_quiet || takes_stdout) && matrix.exit() != Exit::Success {
        output::say(&matrix_sentence(matrix));
    } else if !is_quiet && !takes_stdout {
        output::data(&matrix_terminal(matrix, output::style()))?;
    }
    Ok(())
}

/// The rules of a suite in its order, each with the planted defects that it is recorded to catch.
type Record = Vec<(String, Vec<String>)>;

/// What the suite's `proof.yaml` says of the defects that there are.
fn recorded(suite: &Suite) -> Record {
    let is_there = |name: &&String| Defect::all().iter().any(|defect| defect.name() == name.as_str());
    let of = |id: &str| suite.proof.get(id).map_or(&[][..], Vec::as_slice);
    let rules = suite.rules.iter();
    rules.map(|rule| (rule.id.clone(), of(&rule.id).iter().filter(is_there).cloned().collect())).collect()
}

/// Writes which defects each rule catches.
fn record(path: Option<&Path>, matrix: &Matrix, recorded: &Record) -> Result<(), CliError> {
    let Some(path) = path else { return Ok(()) };
    let catalogue: Vec<_> = Defect::all().iter().map(|defect| defect.name()).collect();
    std::fs::write(path, matrix_record(matrix, recorded, &catalogue))
        .map_err(|source| CliError::Write { path: path.display().to_string(), source })
}

/// What the suite's record says about the planted defects, and the runs show to be otherwise.
fn unseen<'r>(recorded: &'r Record, matrix: &Matrix) -> Vec<(&'r str, &'r str)> {
    let measured = |id: &String| matrix.rules.iter().any(|rule| rule.id == *id);
    let planted = |name: &String| matrix.defects.iter().find(|defect| defect.name == *name);
    let pairs = recorded.iter().flat_map(|(rule, defects)| defects.iter().map(move |defect| (rule, defect)));
    pairs
        .filter(|(rule, defect)| {
            let is_refuted =
                |planted: &DefectResult| planted.shows(rule) && !planted.caught_by.contains(rule);
            measured(rule) && planted(defect).is_some_and(is_refuted)
        })
        .map(|(rule, defect)| (rule.as_str(), defect.as_str()))
        .collect()
}

const UNSOUND_REFERENCE: &str =
    "error: the suite does not pass against the reference server without a defect, so no defect was planted";
const UNSOUND_SERVER: &str = "error: the suite does not pass without a mutation, so no response was changed; waive what the server \
                              fails with --waivers, or choose other rules with --area or --rule";

/// The suite fails without a defect, so failures with one would mean nothing.
fn unsound(clean: &Run, why: &str) -> Result<Exit, CliError> {
    if clean.ending == Ending::Interrupted {
        return Ok(Exit::Interrupted);
    }
    output::data(&uptake_report::terminal(clean, output::style(), FailOn::Should))?;
    output::say(why);
    Ok(Exit::CouldNotTest)
}
