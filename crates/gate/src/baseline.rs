//! Reads a JSON report of an earlier run.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::error::{GateError, text};
use uptake_outcome::{FORMAT, Run, json_mistake};
use uptake_yaml::{Problem, Problems, SourceFile, Span};

const ADVICE: &str = "give a report that `uptake check --report json=FILE` wrote";

/// What every version of a report says of itself.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

/// The run that the JSON report at `path` holds.
pub fn read_run(path: &Path) -> Result<Run, GateError> {
    let file = SourceFile::new(path.display().to_string(), text(path)?);
    let fault = |error: serde_json::Error| Problems::from(problem(&file, &error));
    // The version first: a report of another form lacks this and that, which is not what is wrong with it.
    let Head { format } = serde_json::from_str(&file.text).map_err(fault)?;
    if format != FORMAT {
        let at =
            file.text.find("\"format\"").map_or_else(Span::default, |offset| span(&file.text, offset, 8));
        let message =
            format!("this report has the format {format}, and this uptake reads the format {FORMAT}");
        return Err(Problems::from(Problem::new(&file, at, message).with_help(ADVICE)).into());
    }
    Ok(serde_json::from_str(&file.text).map_err(fault)?)
}

fn problem(file: &Arc<SourceFile>, error: &serde_json::Error) -> Problem {
    let message = json_mistake(error);
    let before: usize =
        file.text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let offset = (before + error.column().saturating_sub(1)).min(file.text.len());
    let offset = (0..=offset).rev().find(|at| file.text.is_char_boundary(*at)).unwrap_or(0);
    Problem::new(
        file,
        span(&file.text, offset, 1),
        format!("this is not a report of `uptake check`: {message}"),
    )
    .with_help(ADVICE)
}

fn span(text: &str, offset: usize, len: usize) -> Span {
    let before = &text[..offset];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let len = len.min(text.len() - offset);
    Span { source: 0, line: number(line), column: number(column), offset, len }
}
