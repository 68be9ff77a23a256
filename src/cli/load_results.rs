//! Stored results of `uptake load`: read from files and folders, and rendered.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::error::CliError;
use super::output;
use uptake_outcome::Exit;
use uptake_outcome::load::{LoadEnding, LoadRun};
use uptake_report::load::read;
use uptake_report::{Destination, LoadFormat, Outputs, load_sentence, load_terminal};

/// Where to, in the formats that such a run has.
pub(super) fn destinations<D: FromStr<Err: Display>>(given: &[String]) -> Result<Vec<D>, CliError> {
    let read =
        |text: &String| text.parse().map_err(|error| CliError::Usage(format!("--report {text}: {error}")));
    given.iter().map(read).collect()
}

/// Writes the reports of a result of `load`, and prints it.
pub(super) fn render(
    run: &mut LoadRun,
    reports: Vec<Destination<LoadFormat>>,
    quiet: bool,
) -> Result<(), CliError> {
    let outputs = Outputs::open(reports)?;
    let takes_stdout = outputs.take_stdout();
    if let Err(error) = outputs.write(|format| format.render(run)) {
        run.ending = LoadEnding::NotWritten { why: CliError::from(error).bare() };
    }
    if !quiet && !takes_stdout {
        output::data(&load_terminal(run, output::style()))?;
    } else if run.is_unwritten() {
        output::say(&load_sentence(run));
    }
    Ok(())
}

/// The exit code of a command that only renders a result: whether its reports were written.
pub(super) fn exit_of_rendering(run: &LoadRun) -> Exit {
    if run.is_unwritten() { Exit::CouldNotTest } else { Exit::Success }
}

/// Results, and the file of each.
pub(super) struct Runs {
    pub(super) runs: Vec<LoadRun>,
    pub(super) names: Vec<String>,
}

/// Results of one side of a comparison: a file, a folder, or several separated by commas.
pub(super) fn group(given: &str) -> Result<Runs, CliError> {
    // A file may have a comma in its name.
    if Path::new(given).exists() {
        return all(&[PathBuf::from(given)]);
    }
    all(&given.split(',').map(PathBuf::from).collect::<Vec<_>>())
}

/// The results of files and folders.
pub(super) fn all(paths: &[PathBuf]) -> Result<Runs, CliError> {
    let mut found = Runs { runs: Vec::new(), names: Vec::new() };
    for path in paths {
        for file in files(path)? {
            let wrong = |why: String| CliError::Usage(format!("{}: {why}", file.display()));
            let text = std::fs::read_to_string(&file).map_err(|error| wrong(error.to_string()))?;
            found.runs.push(read(&text).map_err(wrong)?);
            found.names.push(file.display().to_string());
        }
    }
    Ok(found)
}

/// A file, or the JSON files of a folder, by name.
fn files(path: &Path) -> Result<Vec<PathBuf>, CliError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let wrong = |why: String| CliError::Usage(format!("{}: {why}", path.display()));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(|error| wrong(error.to_string()))? {
        let file = entry.map_err(|error| wrong(error.to_string()))?.path();
        if file.extension().is_some_and(|extension| extension == "json") {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() { Err(wrong("the directory has no JSON files".to_owned())) } else { Ok(files) }
}
