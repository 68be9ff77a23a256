//! Replays a folder of counterexamples: which are fixed, and which still fail.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::FuzzArgs;
use crate::cli::error::CliError;
use crate::cli::output;
use crate::cli::signals::{CLEANING_UP, stop_on_ctrl_c};
use uptake_check::{KeepExchanges, RunOptions, Selection};
use uptake_outcome::text::count as count_of;
use uptake_outcome::{Ending, Exit, FailOn, Run, Verdict};
use uptake_prove::Sandbox;
use uptake_stop::Stopper;
use uptake_suite::{Cost, load, load_suite};
use uptake_target::Target;

/// The result of replaying a counterexample.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Replayed {
    Fixed,
    Failed,
    Error(String),
}

/// Replays all scenarios of a folder, each by itself.
pub(super) async fn run(args: &FuzzArgs, folder: &Path) -> Result<Exit, CliError> {
    let files = scenarios(folder)?;
    if files.is_empty() {
        return Err(CliError::Usage(format!("no counterexamples (*.yaml) in {}", folder.display())));
    }
    let named = args.named()?;
    let stopper = Stopper::default();
    stop_on_ctrl_c(&CLEANING_UP, stopper.clone())?;
    let mut results = Vec::new();
    for file in files {
        let result = match one(args, named.as_ref(), &file, stopper.clone()).await? {
            Ok(run) if run.ending == Ending::Interrupted => return Ok(Exit::Interrupted),
            Ok(run) => result(&run),
            Err(why) => Replayed::Error(why),
        };
        let line = match &result {
            Replayed::Fixed => format!("FIXED   {}\n", file.display()),
            Replayed::Failed => format!("FAILED  {}\n", file.display()),
            Replayed::Error(why) => format!("ERROR   {}: {why}\n", file.display()),
        };
        if !args.quiet {
            output::data(&line)?;
        } else if result != Replayed::Fixed {
            output::say(line.trim_end());
        }
        results.push(result);
    }
    let count = |wanted: fn(&Replayed) -> bool| results.iter().filter(|result| wanted(result)).count();
    let failed = count(|result| *result == Replayed::Failed);
    let errors = count(|result| matches!(result, Replayed::Error(_)));
    if !args.quiet {
        let fixed = results.len() - failed - errors;
        output::data(&format!("\n{fixed} fixed, {failed} failed, {}\n", count_of(errors, "error")))?;
    }
    Ok(match (failed, errors) {
        (0, 0) => Exit::Success,
        (0, _) => Exit::CouldNotTest,
        _ => Exit::Failed,
    })
}

fn scenarios(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let told = |error: std::io::Error| CliError::Usage(format!("cannot read {}: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(told)? {
        let path = entry.map_err(told)?.path();
        if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The run of one scenario, against a server that has seen nothing else; or why there is none.
async fn one(
    args: &FuzzArgs,
    named: Option<&Target>,
    file: &PathBuf,
    stopper: Stopper,
) -> Result<Result<Run, String>, CliError> {
    let paths = std::slice::from_ref(file);
    let loaded = match args.suite.as_ref().map_or_else(|| load(paths), |suite| load_suite(suite, paths)) {
        Ok(loaded) => loaded,
        Err(error) => return Ok(Err(error.to_string().trim_end().replace('\n', "; "))),
    };
    let options = RunOptions {
        selection: Selection { cost: Cost::Large, ..Selection::default() },
        jobs: NonZeroUsize::MIN,
        seed: args.seed,
        patience: Duration::MAX,
        keep: KeepExchanges::None,
        reports_exchanges: false,
    };
    let (server, target) = if let Some(target) = named {
        (None, target.clone())
    } else {
        let Sandbox { server, target } = Sandbox::start(args.config()).await?;
        (Some(server), target)
    };
    let run = uptake_check::run(&loaded, &target, &options, stopper, &|_| {}).await;
    if let Some(server) = server {
        server.shutdown().await;
    }
    Ok(run.map_err(|error| error.to_string()))
}

/// What a run says of the counterexample. Every failure counts, whatever the rule's level.
fn result(run: &Run) -> Replayed {
    match run.exit(FailOn::Should) {
        Exit::Success => Replayed::Fixed,
        Exit::Failed => Replayed::Failed,
        _ => {
            let cause = run.causes.first().map(|cause| cause.text.clone());
            let judged = run.rules.iter().find(|rule| rule.verdict == Verdict::NotApplicable);
            let reason = judged.and_then(|rule| rule.reason.clone());
            Replayed::Error(cause.or(reason).unwrap_or_else(|| "nothing was judged".to_owned()))
        }
    }
}
