//! A suite and those that it extends, one laid over the other.
//!
//! A suite that extends another has all of its rules, schemas and scenarios. A schema or a scenario at the same path takes
//! the place of the one below; what suite.yaml says is added to what is said there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::coverage::{self, COVERAGE_FILE};
use super::decode;
use super::error::LoadError;
use super::files::{Files, SUITE_FILE};
use super::schema;
use super::suite::Suite;
use super::tables::{self, Tables};
use uptake_outcome::json_mistake;
use uptake_yaml::{Node, Problem, Problems, Reader, SourceFile, Span, Value, parse};

/// The name of the record of what was proven.
const PROOF_FILE: &str = "proof.yaml";

/// One suite's own files.
pub(super) struct Layer {
    /// Where they come from.
    pub(super) files: Files,
    file: Arc<SourceFile>,
    node: Node,
}

/// The suite in `top` and those that it extends, the ground first.
pub(super) fn layers(top: &Files) -> Result<Vec<Layer>, LoadError> {
    let mut layers: Vec<Layer> = Vec::new();
    let mut next = Some(top.clone());
    while let Some(files) = next.take() {
        let file = SourceFile::new(files.name(SUITE_FILE), files.text(SUITE_FILE)?);
        let node = parse(&file).map_err(Problems::from)?;
        if let Some(extends) = extends(&node) {
            let base = base(&files, &file, extends)?;
            if base == files || layers.iter().any(|layer| layer.files == base) {
                let mut chain: Vec<_> = layers.iter().map(|layer| layer.files.name("")).collect();
                chain.extend([files.name(""), base.name("")]);
                let problem = Problem::new(
                    &file,
                    extends.at,
                    "the suite extends itself, directly or through another suite",
                );
                return Err(Problems::from(problem.with_help(chain.join(" → "))).into());
            }
            next = Some(base);
        }
        layers.push(Layer { files, file, node });
    }
    layers.reverse();
    Ok(layers)
}

fn extends(node: &Node) -> Option<&Node> {
    let Value::Map(entries) = &node.value else { return None };
    entries.iter().find(|(key, _)| key.text == "extends").map(|(_, value)| value)
}

/// The suite that is meant: one that is built in, or a folder beside this one.
fn base(files: &Files, file: &Arc<SourceFile>, node: &Node) -> Result<Files, LoadError> {
    let reader = Reader::new(file);
    let name = reader.text(node, "extends");
    let name = Problems::or(reader.into_problems(), name)?;
    let folder = files.beside(&name);
    if folder.text(SUITE_FILE).is_ok() {
        return Ok(folder);
    }
    Files::built_in(&name).ok_or_else(|| {
        let message = format!("unknown suite `{name}`");
        let known: Vec<String> = Files::built_in_suites().map(|suite| format!("`{suite}`")).collect();
        let help = format!(
            "name a built-in suite ({}), or the folder of another, from this file's own",
            known.join(", ")
        );
        Problems::from(Problem::new(file, node.at, message).with_help(help)).into()
    })
}

/// One suite of all the layers.
pub(super) fn flatten(layers: &[Layer]) -> Result<Suite, LoadError> {
    let mut suite = Suite { schemas: schemas(layers)?, tables: tables(layers)?, ..Suite::default() };
    for layer in layers {
        let reader = Reader::with_sources(&layer.file, &suite.tables.files);
        // Its named steps are read with the files of scenarios.
        suite.tables.files.push(Arc::clone(&layer.file));
        let read = decode::suite(&reader, &layer.node, suite, &layer.files);
        suite = Problems::or(reader.into_problems(), read)?;
        if suite.lowest.is_empty() {
            suite.lowest.clone_from(&suite.name);
        }
        suite.proof.extend(proof(&layer.files)?);
        let coverage = coverage::read(&layer.files, &suite.rules)?;
        suite.coverage.extend(coverage);
    }
    Ok(suite)
}

/// The files of all layers below `chosen`, by path; an upper one takes the place of a lower.
pub(super) fn list(layers: &[Layer]) -> Result<BTreeMap<String, &Files>, LoadError> {
    let mut found = BTreeMap::new();
    for layer in layers {
        found.extend(layer.files.list()?.into_iter().map(|path| (path, &layer.files)));
    }
    Ok(found)
}

/// Whether a file of a suite's folder is a scenario.
pub(super) fn is_scenario(path: &str) -> bool {
    let path = Path::new(path);
    let yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    yaml && !path.ends_with(SUITE_FILE)
        && !path.ends_with(PROOF_FILE)
        && !path.ends_with(COVERAGE_FILE)
        && !path.starts_with("schemas")
        && !path.starts_with("tables")
        && !path.components().any(|part| part.as_os_str() == "load")
}

fn schemas(layers: &[Layer]) -> Result<BTreeMap<String, schema::Schema>, LoadError> {
    let mut sources = BTreeMap::new();
    let mut names = BTreeMap::new();
    for (path, files) in list(layers)? {
        let Some(name) = path.strip_prefix("schemas/").and_then(|name| name.strip_suffix(".json")) else {
            continue;
        };
        let text = files.text(&path)?;
        let value =
            serde_json::from_str(&text).map_err(|error| not_json(&files.name(&path), &text, &error))?;
        sources.insert(name.to_owned(), value);
        names.insert(name.to_owned(), files.name(&path));
    }
    schema::compile(sources).map_err(|(name, why)| {
        let file = SourceFile::new(names.remove(&name).unwrap_or(name), "");
        let start = Span { line: 1, column: 1, ..Span::default() };
        Problems::from(Problem::new(&file, start, format!("this is not a JSON Schema: {why}"))).into()
    })
}

fn not_json(name: &str, text: &str, error: &serde_json::Error) -> LoadError {
    let file = SourceFile::new(name, text);
    let line = u32::try_from(error.line()).unwrap_or(u32::MAX);
    let column = u32::try_from(error.column()).unwrap_or(u32::MAX);
    let offset = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let at = Span { source: 0, line, column, offset: offset + error.column().saturating_sub(1), len: 1 };
    let problem = Problem::new(&file, at, json_mistake(error));
    Problems::from(problem.with_help("a schema is a JSON Schema, draft 2020-12")).into()
}

/// The tables that scenarios may walk, from the files of all layers' `tables` folders.
fn tables(layers: &[Layer]) -> Result<Tables, LoadError> {
    let mut tables = Tables::default();
    let mut problems = Vec::new();
    for (path, files) in list(layers)? {
        let name = path.strip_prefix("tables/").and_then(|name| name.strip_suffix(".yaml"));
        let Some(name) = name else { continue };
        let file = SourceFile::new(files.name(&path), files.text(&path)?);
        tables.files.push(Arc::clone(&file));
        let source = u16::try_from(tables.files.len()).unwrap_or(u16::MAX);
        match parse(&file) {
            Ok(node) => {
                let reader = Reader::new(&file);
                let read = tables::read(&reader, &node, name);
                problems.extend(reader.into_problems());
                tables.add(
                    read.unwrap_or_default()
                        .into_iter()
                        .map(|(name, table)| (name, table.in_source(source)))
                        .collect(),
                );
            }
            Err(problem) => problems.push(problem),
        }
    }
    Ok(Problems::or(problems, Some(tables))?)
}

/// The record of the planted defects that each rule was seen to catch, where there is one.
fn proof(files: &Files) -> Result<BTreeMap<String, Vec<String>>, LoadError> {
    let listed: BTreeSet<_> = files.list()?.into_iter().collect();
    if !listed.contains(PROOF_FILE) {
        return Ok(BTreeMap::new());
    }
    let file = SourceFile::new(files.name(PROOF_FILE), files.text(PROOF_FILE)?);
    let node = parse(&file).map_err(Problems::from)?;
    let reader = Reader::new(&file);
    let read = reader.entries(&node, "the record of what was proven").map(|entries| {
        let of = |node| {
            let list = reader.list(node, "the defects of a rule")?;
            list.iter().map(|item| reader.text(item, "a defect")).collect::<Option<Vec<_>>>()
        };
        entries.iter().filter_map(|(key, node)| Some((key.text.clone(), of(node)?))).collect()
    });
    Ok(Problems::or(reader.into_problems(), read)?)
}
