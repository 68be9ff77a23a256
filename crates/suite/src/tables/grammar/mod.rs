//! Spellings from a grammar: those that it allows, and those that are one edit away from it.
//!
//! A grammar is written as the RFCs write theirs, in ABNF (RFC 5234, with the case-sensitive strings of RFC 7405 and the
//! lists of RFC 9110). `${ … }` within a string is a value that the scenario knows, and is never edited inside.

mod abnf;
mod edits;
mod matching;
mod spelling;

use std::collections::BTreeSet;
use std::sync::Arc;

use regex::Regex;

use super::table::{Row, Table};
use abnf::Grammar;
use uptake_yaml::{Node, Reader, Value};

/// So many spellings are enough of one grammar.
const MOST: usize = 500;

/// The table of spellings that the grammar allows, and the one of those that it does not.
pub(super) fn spell(reader: &Reader, node: &Node, except: Option<&Node>) -> Option<(Table, Table)> {
    let except = patterns(reader, except)?;
    let grammar = Grammar::read(reader, node)?;
    let spellings = spelling::all(&grammar);
    if spellings.len() > MOST {
        return reader.problem(
            node.at,
            format!("this grammar has {} spellings to try", spellings.len()),
            format!("make it smaller, or split it in two: the limit is {MOST}"),
        );
    }
    let edits = spellings.first().map(edits::of).unwrap_or_default();
    let accepted: Vec<_> = spellings.into_iter().map(|spelling| (String::new(), spelling.text())).collect();
    let is_refused = |text: &str| !matching::accepts(&grammar, text);
    let refused: Vec<_> = edits.into_iter().filter(|(_, text)| is_refused(text)).collect();
    let kept = |rows: Vec<(String, String)>| {
        rows.into_iter().filter(|(_, text)| !except.iter().any(|pattern| pattern.is_match(text))).collect()
    };
    Some((table(node, kept(accepted)), table(node, kept(refused))))
}

fn patterns(reader: &Reader, node: Option<&Node>) -> Option<Vec<Regex>> {
    let Some(node) = node else { return Some(Vec::new()) };
    Reader::one_or_more(node)
        .iter()
        .map(|item| {
            let pattern = reader.text(item, "except")?;
            Regex::new(&pattern).map_or_else(
                |_| {
                    reader.problem(
                        item.at,
                        format!("`{pattern}` is not a regular expression"),
                        "spellings that match it are left out; write `\\` before a character that is meant as it is",
                    )
                },
                Some,
            )
        })
        .collect()
}

fn table(node: &Node, spellings: Vec<(String, String)>) -> Table {
    let mut seen = BTreeSet::new();
    let mut table = Table::default();
    for (edit, text) in spellings {
        if !seen.insert(text.clone()) {
            continue;
        }
        let shown = text.replace('\t', "\\t");
        let name = if edit.is_empty() { format!("`{shown}`") } else { format!("`{shown}`, {edit}") };
        let value = Node { at: node.at, value: Value::Text(text) };
        table.rows.push(Arc::new(Row { name, at: node.at, value }));
    }
    table
}
