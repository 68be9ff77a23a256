//! The results of all shards of a check or of a fuzz run as one.

use std::path::Path;

use super::args::MergeArgs;
use crate::cli::error::CliError;
use crate::cli::{load_results, output};
use uptake_outcome::{Ending, Exit, FuzzRun, Run, merge_checks, merge_fuzz};
use uptake_report::{
    CheckFormat, Destination, FuzzFormat, Outputs, fuzz_sentence, fuzz_terminal, read_fuzz, sentence,
    terminal,
};
use uptake_results::Gathered;

/// How a scenario is replayed, before its path.
const REPLAY: &str = "uptake check";

/// Merges checks: the findings of all shards decide each verdict.
pub(super) fn check(args: &MergeArgs, gathered: &Gathered) -> Result<Exit, CliError> {
    let outputs =
        Outputs::<CheckFormat>::open(load_results::destinations::<Destination<CheckFormat>>(&args.reports)?)?;
    let runs: Vec<Run> =
        read(gathered, |text| serde_json::from_str(text).map_err(|error| error.to_string()))?;
    let mut merged =
        merge_checks(runs).ok_or_else(|| CliError::Usage("there is no run to merge".to_owned()))?;
    let fail_on = args.fail_on.into();
    let takes_stdout = outputs.take_stdout();
    if let Err(error) = outputs.write(|format| format.render(&merged, fail_on)) {
        merged.ending = Ending::NotWritten { why: CliError::from(error).bare() };
    }
    let exit = merged.exit(fail_on);
    if !args.quiet && !takes_stdout {
        output::data(&terminal(&merged, output::style(), fail_on))?;
    } else if exit != Exit::Success {
        output::say(&sentence(&merged, fail_on));
    }
    Ok(exit)
}

/// Merges fuzz runs, and writes the scenarios of their counterexamples.
pub(super) fn fuzz(args: &MergeArgs, gathered: &Gathered) -> Result<Exit, CliError> {
    let outputs =
        Outputs::<FuzzFormat>::open(load_results::destinations::<Destination<FuzzFormat>>(&args.reports)?)?;
    let runs = read(gathered, read_fuzz)?;
    let mut merged =
        merge_fuzz(runs).ok_or_else(|| CliError::Usage("there is no run to merge".to_owned()))?;
    write_scenarios(&mut merged, gathered, &args.out)?;
    let takes_stdout = outputs.take_stdout();
    if let Err(error) = outputs.write(|format| format.render(&merged)) {
        merged.ending = Ending::NotWritten { why: CliError::from(error).bare() };
    }
    let exit = merged.exit();
    if !args.quiet && !takes_stdout {
        output::data(&fuzz_terminal(&merged, REPLAY))?;
    } else if exit != Exit::Success {
        output::say(&fuzz_sentence(&merged));
    }
    Ok(exit)
}

/// Writes the scenarios of the counterexamples that were kept, and names their new places.
fn write_scenarios(run: &mut FuzzRun, gathered: &Gathered, folder: &Path) -> Result<(), CliError> {
    for counterexample in &mut run.counterexamples {
        let Some(path) = &counterexample.scenario else { continue };
        // A name alone: what another machine wrote must not choose a folder.
        let Some(name) = Path::new(path).file_name().and_then(|name| name.to_str()) else { continue };
        let Some(text) = gathered.results.iter().find_map(|result| result.files.get(name)) else { continue };
        let new = folder.join(name);
        let failed = |source| CliError::Write { path: new.display().to_string(), source };
        std::fs::create_dir_all(folder).map_err(failed)?;
        std::fs::write(&new, text).map_err(failed)?;
        counterexample.scenario = Some(new.display().to_string());
    }
    Ok(())
}

/// A result in the form of its command; a shard whose result is broken is named.
pub(super) fn read<T>(
    gathered: &Gathered,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, CliError> {
    let each = gathered.results.iter().zip(&gathered.names);
    each.map(|(shard, name)| {
        read(&shard.result.to_string()).map_err(|why| CliError::Usage(format!("{name}: {why}")))
    })
    .collect()
}
