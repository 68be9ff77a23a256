//! `coverage.yaml`: which rules judge each fact of a contract, or why none does. It checks that the rules exist; whether
//! every fact of the contract is there is for whoever has the contract's text.

use std::collections::BTreeMap;

use super::error::LoadError;
use super::files::Files;
use super::rule::Rule;
use uptake_yaml::{Node, Problems, Reader, SourceFile, Value, parse};

/// The name of the file.
pub(super) const COVERAGE_FILE: &str = "coverage.yaml";

/// What judges a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    /// These rules.
    Rules(Vec<String>),
    /// None, for this reason.
    Excluded(String),
}

/// Reads the file where there is one: facts by their number, in the order of the file.
pub(super) fn read(files: &Files, rules: &[Rule]) -> Result<Vec<(String, Coverage)>, LoadError> {
    if !files.list()?.iter().any(|path| path == COVERAGE_FILE) {
        return Ok(Vec::new());
    }
    let file = SourceFile::new(files.name(COVERAGE_FILE), files.text(COVERAGE_FILE)?);
    let node = parse(&file).map_err(Problems::from)?;
    let reader = Reader::new(&file);
    let read = reader.entries(&node, "the coverage of a contract").map(|entries| {
        let facts =
            entries.iter().map(|(key, node)| Some((key.text.clone(), coverage(&reader, node, rules)?)));
        facts.collect::<Option<Vec<_>>>()
    });
    Ok(Problems::or(reader.into_problems(), read.flatten())?)
}

fn coverage(reader: &Reader, node: &Node, rules: &[Rule]) -> Option<Coverage> {
    if matches!(node.value, Value::Map(_)) {
        let mut fields = reader.fields(node, "a fact")?;
        let reason = fields.require("excluded").map(|node| reader.text(node, "excluded"))??;
        if reason.trim().is_empty() {
            return reader.problem(node.at, "the reason is empty", "say why no rule tests this fact");
        }
        return Some(Coverage::Excluded(reason));
    }
    let ids = reader.list(node, "the rules of a fact")?;
    if ids.is_empty() {
        let help = "name the rules that test it, or write `{ excluded: … }` with the reason";
        return reader.problem(node.at, "no rule tests this fact", help);
    }
    let known = |item: &Node| {
        let id = reader.text(item, "a rule")?;
        if rules.iter().any(|rule| rule.id == id) {
            return Some(id);
        }
        reader.problem(item.at, format!("unknown rule `{id}`"), "`uptake rules` lists the catalogue")
    };
    ids.iter().map(known).collect::<Option<Vec<_>>>().map(Coverage::Rules)
}

/// The facts of a contract as its page writes them: `- **4.2** text`, over one line or several.
#[must_use]
pub fn facts(page: &str) -> BTreeMap<String, String> {
    let mut facts: BTreeMap<String, String> = BTreeMap::new();
    let mut current = None;
    for line in page.lines() {
        if let Some((number, text)) = line.strip_prefix("- **").and_then(|rest| rest.split_once("** ")) {
            facts.insert(number.to_owned(), text.to_owned());
            current = Some(number.to_owned());
        } else if let Some(text) = line.strip_prefix("  ").filter(|_| current.is_some()) {
            let fact = current.as_ref().and_then(|number| facts.get_mut(number));
            if let Some(fact) = fact {
                fact.extend([" ", text]);
            }
        } else {
            current = None;
        }
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_of_a_page_are_its_numbered_items() {
        let page = "# Page\n\n- **1.1** One\n  and a half.\n- **1.2** Two.\n\n  not a fact\n- other\n";
        let facts = facts(page);
        assert_eq!(facts["1.1"], "One and a half.");
        assert_eq!(facts["1.2"], "Two.");
        assert_eq!(facts.len(), 2);
    }
}
