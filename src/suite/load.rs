//! Reads a suite and its scenarios.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::decode::{self, Known};
use super::files::{FileError, Files};
use super::scenario::Scenario;
use super::schema;
use super::suite::Suite;
use crate::yaml::{Problem, Problems, Reader, SourceFile, Span, parse};

const SUITE_FILE: &str = "suite.yaml";

/// Why a suite cannot be used.
#[derive(Debug, Error)]
pub enum LoadError {
    /// Files that a person must fix.
    #[error(transparent)]
    Problems(#[from] Problems),
    /// A file that cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A path that leads to no suite.
    #[error("{path}: {why}")]
    NoSuite {
        /// The path as given.
        path: String,
        /// What is wrong with it.
        why: String,
    },
}

/// A suite with scenarios to run.
#[derive(Debug)]
pub struct Loaded {
    /// What they share.
    pub suite: Suite,
    /// The scenarios, in the order of their files.
    pub scenarios: Vec<Scenario>,
    /// Whether these are all that the suite has, so that a rule without one is not covered.
    pub is_whole: bool,
}

/// Reads what `paths` name: folders of suites, folders or files of scenarios; none names the suite that is built in.
pub fn load(paths: &[PathBuf]) -> Result<Loaded, LoadError> {
    let Some(first) = paths.first() else { return load_files(&Files::DEFAULT, None, &[]) };
    let root = suite_folder(first)?;
    let mut chosen = Vec::new();
    for path in paths {
        if suite_folder(path)? != root {
            let why =
                "it belongs to another suite than the first path; run them one after the other".to_owned();
            return Err(LoadError::NoSuite { path: path.display().to_string(), why });
        }
        chosen.push(path.clone());
    }
    match root {
        Some(root) => {
            let whole = chosen.contains(&root);
            load_files(&Files::Folder(root.clone()), Some(&root), if whole { &[] } else { &chosen })
        }
        None => load_files(&Files::DEFAULT, None, &chosen),
    }
}

/// The folder of the suite that `path` belongs to; `None` for a file that stands alone and so belongs to the suite that
/// is built in.
fn suite_folder(path: &Path) -> Result<Option<PathBuf>, LoadError> {
    let fault = |why: String| LoadError::NoSuite { path: path.display().to_string(), why };
    let metadata = std::fs::metadata(path).map_err(|error| fault(format!("cannot be read: {error}")))?;
    let start = if metadata.is_dir() { Some(path) } else { path.parent() };
    let absolute = std::path::absolute(path).map_err(|error| fault(error.to_string()))?;
    let mut folder = start;
    while let Some(here) = folder {
        if here.join(SUITE_FILE).is_file() {
            return Ok(Some(here.to_owned()));
        }
        folder = here.parent().filter(|parent| *parent != here);
    }
    // A relative path ends before the root does.
    if let Some(found) = absolute.ancestors().find(|folder| folder.join(SUITE_FILE).is_file()) {
        return Ok(Some(found.to_owned()));
    }
    if metadata.is_dir() {
        return Err(fault(format!("there is no {SUITE_FILE} in this folder or above it")));
    }
    Ok(None)
}

/// Reads a suite whose files come from `files`; of scenarios all, or those below `chosen`.
fn load_files(files: &Files, root: Option<&Path>, chosen: &[PathBuf]) -> Result<Loaded, LoadError> {
    let (suite, known) = read_suite(files)?;
    let mut scenarios = Vec::new();
    let mut problems = Vec::new();
    let mut read = |name: String, text: String| {
        let file = SourceFile::new(name.clone(), text);
        let reader = Reader::new(&file);
        match parse(&file) {
            Ok(node) => scenarios.extend(decode::scenario(&reader, &known, &name, &node)),
            Err(problem) => problems.push(problem),
        }
        problems.extend(reader.into_problems());
    };
    let relative: Vec<_> = chosen.iter().filter_map(|path| root.and_then(|root| below(root, path))).collect();
    let mut found = relative.len();
    for path in files.list()? {
        let wanted = chosen.is_empty() || relative.iter().any(|chosen| Path::new(&path).starts_with(chosen));
        if wanted && is_scenario(&path) {
            read(files.name(&path), files.text(&path)?);
            found = found.max(1);
        }
    }
    if root.is_none() {
        for path in chosen {
            let text = std::fs::read_to_string(path).map_err(|error| LoadError::NoSuite {
                path: path.display().to_string(),
                why: format!("cannot be read: {error}"),
            })?;
            read(path.display().to_string(), text);
        }
        if !chosen.is_empty() {
            scenarios
                .retain(|scenario| chosen.iter().any(|path| path.display().to_string() == scenario.file));
        }
    }
    Problems::or(problems, Some(())).map_err(LoadError::Problems)?;
    Ok(Loaded { suite, scenarios, is_whole: chosen.is_empty() })
}

fn below(root: &Path, path: &Path) -> Option<PathBuf> {
    if let Ok(relative) = path.strip_prefix(root) {
        return Some(relative.to_owned());
    }
    let (root, path) = (std::path::absolute(root).ok()?, std::path::absolute(path).ok()?);
    path.strip_prefix(root).ok().map(Path::to_owned)
}

fn is_scenario(path: &str) -> bool {
    let path = Path::new(path);
    let yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    yaml && !path.ends_with(SUITE_FILE)
        && !path.starts_with("schemas")
        && !path.components().any(|part| part.as_os_str() == "load")
}

fn read_suite(files: &Files) -> Result<(Suite, Known), LoadError> {
    let file = SourceFile::new(files.name(SUITE_FILE), files.text(SUITE_FILE)?);
    let node = parse(&file).map_err(Problems::from)?;
    let mut sources = BTreeMap::new();
    for path in files.list()? {
        let Some(name) = path.strip_prefix("schemas/").and_then(|name| name.strip_suffix(".json")) else {
            continue;
        };
        let text = files.text(&path)?;
        let schema_file = SourceFile::new(files.name(&path), text.clone());
        let value = serde_json::from_str(&text).map_err(|error| {
            let line = u32::try_from(error.line()).unwrap_or(u32::MAX);
            let column = u32::try_from(error.column()).unwrap_or(u32::MAX);
            let offset =
                text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
            let at = Span { line, column, offset: offset + error.column().saturating_sub(1), len: 1 };
            Problems::from(Problem::new(&schema_file, at, format!("this is not JSON: {error}")))
        })?;
        sources.insert(name.to_owned(), value);
    }
    let schemas = schema::compile(sources).map_err(|(name, why)| {
        let file = SourceFile::new(files.name(&format!("schemas/{name}.json")), "");
        Problems::from(Problem::new(
            &file,
            Span { line: 1, column: 1, ..Span::default() },
            format!("no JSON Schema: {why}"),
        ))
    })?;
    let reader = Reader::new(&file);
    let media = |folder: &str| media(files, folder);
    let suite = decode::suite(&reader, &node, files, schemas, media);
    Ok(Problems::or(reader.into_problems(), suite)?)
}

/// The real files of a suite's media folder.
fn media(files: &Files, folder: &str) -> Vec<String> {
    let beside = match files {
        Files::Folder(root) => Files::Folder(root.join(folder)),
        Files::BuiltIn(_) => Files::BuiltIn("fixtures/media"),
    };
    if folder.is_empty() { Vec::new() } else { beside.list().unwrap_or_default() }
}
