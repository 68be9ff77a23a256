//! `uptake prove`: every planted defect against the suite, and the kill matrix.

mod progress;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use self::progress::Progress;
use super::error::CliError;
use super::output;
use super::progress::{CLEANING_UP, stop_on_ctrl_c};
use super::suite::SuiteArgs;
use uptake_outcome::{Ending, Exit, FailOn, Matrix, Run};
use uptake_prove::{Plan, Proof};
use uptake_reference::Defect;
use uptake_report::{
    Destination, Format, Outputs, matrix_json, matrix_record, matrix_sentence, matrix_terminal,
};
use uptake_stop::Stopper;

/// The options of `uptake prove`.
#[derive(Debug, Args)]
pub(super) struct ProveArgs {
    #[command(flatten)]
    suite: SuiteArgs,
    /// Plant this defect (repeatable) [default: all that an answer can show; `uptake serve --list-defects` names them]
    #[arg(long = "defect", value_name = "NAME", help_heading = "Choice")]
    defects: Vec<Defect>,
    /// How many servers run side by side
    #[arg(long, short, value_name = "N", default_value = "8", help_heading = "Run")]
    jobs: NonZeroUsize,
    /// The seed of content and order
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Run")]
    seed: u64,
    /// Write the matrix: json=FILE (`-` is stdout)
    #[arg(long = "report", value_name = "FORMAT=FILE", help_heading = "Report")]
    reports: Vec<Destination>,
    /// Write which defects each rule caught, as `proof.yaml` of a suite holds it for `uptake rules`
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    record: Option<PathBuf>,
    /// Print nothing but errors
    #[arg(long, short, help_heading = "Report")]
    quiet: bool,
}

/// Runs it.
pub(super) async fn run(args: ProveArgs) -> Result<Exit, CliError> {
    if let Some(other) = args.reports.iter().find(|report| report.format != Format::Json) {
        return Err(CliError::Usage(format!("a kill matrix is written as json, not as {}", other.format)));
    }
    let loaded = Arc::new(args.suite.load()?);
    let recorded = loaded.suite.proof.clone();
    let outputs = Outputs::open(args.reports)?;
    let stopper = Stopper::default();
    stop_on_ctrl_c(&CLEANING_UP, stopper.clone())?;
    let plan = Plan { defects: args.defects, jobs: args.jobs, seed: args.seed };
    let progress = if args.quiet { Progress::silent() } else { Progress::new() };
    let proof = uptake_prove::prove(loaded, &plan, stopper, &|event| progress.show(event)).await?;
    progress.end();
    let matrix = match proof {
        Proof::Unsound(clean) => return unsound(&clean),
        Proof::Measured(matrix) => matrix,
    };
    if args.quiet && matrix.exit() != Exit::Well {
        output::say(&matrix_sentence(&matrix));
    } else if !args.quiet && !outputs.take_stdout() {
        output::data(&matrix_terminal(&matrix, output::style()))?;
    }
    outputs.fill(|_| matrix_json(&matrix))?;
    if let Some(path) = &args.record {
        std::fs::write(path, matrix_record(&matrix))
            .map_err(|source| CliError::Write { path: path.display().to_string(), source })?;
    }
    for (rule, defect) in unseen(&recorded, &matrix) {
        output::say(&format!(
            "warning: the suite's proof.yaml says that {rule} catches {defect}; this time it did not"
        ));
    }
    Ok(matrix.exit())
}

/// What the suite's record says of the defects that were planted, and the matrix does not.
fn unseen(recorded: &BTreeMap<String, Vec<String>>, matrix: &Matrix) -> Vec<(String, String)> {
    let measured = |id: &String| matrix.rules.iter().any(|rule| rule.id == *id);
    let planted = |name: &String| matrix.defects.iter().find(|defect| defect.name == *name);
    let pairs = recorded.iter().flat_map(|(rule, defects)| defects.iter().map(move |defect| (rule, defect)));
    pairs
        .filter(|(rule, defect)| {
            measured(rule) && planted(defect).is_some_and(|planted| !planted.caught_by.contains(rule))
        })
        .map(|(rule, defect)| (rule.clone(), defect.clone()))
        .collect()
}

/// The suite does not pass where nothing is wrong: whatever it says of defects means nothing.
fn unsound(clean: &Run) -> Result<Exit, CliError> {
    if clean.ending == Ending::Interrupted {
        return Ok(Exit::Interrupted);
    }
    output::data(&uptake_report::terminal(clean, output::style(), FailOn::Should))?;
    output::say(
        "error: the suite does not pass against the reference server without a defect; nothing was planted",
    );
    Ok(Exit::NothingCanBeSaid)
}
