//! A variable that stands for a row, and its values where a scenario asks for them.
//!
//! A text that is one reference and nothing else becomes the value as the table has it, whatever its type; within a longer text a
//! reference becomes the value's text. A reference to a column that this row lacks leaves out the key that asks for it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::table::{Row, Table};
use uptake_yaml::{Key, Node, Reader, Span, Value};

/// The variable by which a named step knows its inputs, which are the columns of one row.
pub(crate) const INPUTS: &str = "with";

/// A variable and the row that it stands for.
#[derive(Debug, Clone)]
pub(crate) struct Binding {
    /// The variable.
    pub(crate) variable: String,
    /// The row.
    pub(crate) row: Arc<Row>,
    columns: Arc<Table>,
}

/// What a reference finds.
pub(crate) enum Found<'b> {
    /// A value of the row.
    Cell(&'b Node),
    /// The row's name.
    Name(&'b str),
    /// A column that other rows have.
    Lacking(&'b Binding),
}

impl Binding {
    /// `variable` stands for row number `at` of `table`.
    pub(crate) fn new(variable: &str, table: &Arc<Table>, at: usize) -> Self {
        Self { variable: variable.to_owned(), row: Arc::clone(&table.rows[at]), columns: Arc::clone(table) }
    }

    /// That there is no value for a column, and what to do.
    pub(crate) fn no_value(&self, name: &str) -> (String, &'static str) {
        if self.variable == INPUTS {
            let help = "give it one under `with`, or a default under `inputs`";
            return (format!("the input `{name}` of `{}` has no value", self.row.name), help);
        }
        let help = "give it one, or one for all rows under `defaults`";
        (format!("the row `{}` has no value for `{name}`", self.row.name), help)
    }

    fn columns(&self) -> &BTreeSet<String> {
        &self.columns.columns
    }
}

/// What `name` refers to: `row`, `row.name`, `row.column` or `row.column.member`. `None` where no variable is meant, an error
/// where there is no such column.
pub(crate) fn lookup<'b>(bindings: &'b [Binding], name: &str) -> Option<Result<Found<'b>, String>> {
    let mut parts = name.split('.');
    let variable = parts.next()?;
    let binding = bindings.iter().rev().find(|binding| binding.variable == variable)?;
    let Some(column) = parts.next() else {
        return Some(match binding.row.value.value {
            Value::Map(_) => {
                Err(format!("`{variable}` is a row; use one of its columns, `{}`", columns(binding)))
            }
            _ => Ok(Found::Cell(&binding.row.value)),
        });
    };
    if column == "name" {
        return Some(Ok(Found::Name(&binding.row.name)));
    }
    if !binding.columns().contains(column) {
        let what = if variable == INPUTS {
            format!("the named step has no input `{column}`")
        } else {
            format!("no row of `{variable}` has a column `{column}`")
        };
        return Some(Err(format!("{what}: {}", columns(binding))));
    }
    let mut found = binding.row.value.get(column);
    for member in parts {
        found = found.and_then(|node| node.get(member));
    }
    Some(Ok(found.map_or(Found::Lacking(binding), Found::Cell)))
}

fn columns(binding: &Binding) -> String {
    let names = binding.columns().iter().map(String::as_str);
    let all: Vec<_> =
        std::iter::once("name").chain(names).map(|name| format!("{}.{name}", binding.variable)).collect();
    all.join(", ")
}

/// `node` with the rows' values in it. `None` where it is to be left out, or where a problem was recorded.
pub(crate) fn fill(reader: &Reader, bindings: &[Binding], node: &Node) -> Option<Node> {
    match &node.value {
        Value::Text(text) if text.contains("${") => fill_text(reader, bindings, node.at, text),
        Value::List(items) => {
            let items = items.iter().filter_map(|item| fill(reader, bindings, item)).collect();
            Some(Node { at: node.at, value: Value::List(items) })
        }
        Value::Map(entries) => {
            let mut filled: Vec<(Key, Node)> = Vec::new();
            for (key, value) in entries {
                let Some(text) = splice(reader, bindings, key.at, &key.text) else { continue };
                let Some(value) = fill(reader, bindings, value) else { continue };
                if filled.iter().any(|(other, _)| other.text == text) {
                    reader.problem::<()>(
                        key.at,
                        format!("duplicate key `{text}` with the values of this row"),
                        "a map cannot contain a key twice",
                    );
                    continue;
                }
                filled.push((Key { at: key.at, text }, value));
            }
            Some(Node { at: node.at, value: Value::Map(filled) })
        }
        _ => Some(node.clone()),
    }
}

fn fill_text(reader: &Reader, bindings: &[Binding], at: Span, text: &str) -> Option<Node> {
    let whole = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).map(str::trim);
    if let Some(name) = whole.filter(|name| is_reference(name))
        && let Some(found) = lookup(bindings, name)
    {
        return match found {
            Ok(Found::Cell(node)) => Some(node.clone()),
            Ok(Found::Name(name)) => Some(Node { at, value: Value::Text(name.to_owned()) }),
            Ok(Found::Lacking(_)) => None,
            Err(why) => reader.problem(at, why, ""),
        };
    }
    Some(Node { at, value: Value::Text(splice(reader, bindings, at, text)?) })
}

fn is_reference(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.')
}

/// A text with the rows' values in place of the references to them; other expressions stay.
fn splice(reader: &Reader, bindings: &[Binding], at: Span, text: &str) -> Option<String> {
    let mut spliced = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, behind) = rest.split_at(start);
        spliced.push_str(before);
        let Some(end) = behind.find('}') else {
            rest = behind;
            break;
        };
        let (expression, left) = behind.split_at(end + 1);
        let name = expression[2..end].trim();
        let is_escaped = before.ends_with('$');
        match lookup(bindings, name).filter(|_| !is_escaped && is_reference(name)) {
            None => spliced.push_str(expression),
            Some(Err(why)) => return reader.problem(at, why, ""),
            Some(Ok(Found::Name(name))) => spliced.push_str(name),
            Some(Ok(Found::Lacking(binding))) => {
                let (message, help) = binding.no_value(name);
                return reader.problem(at, message, help);
            }
            Some(Ok(Found::Cell(node))) => match (&node.value, node.scalar()) {
                (_, Some(value)) => spliced.push_str(&value),
                (Value::Null, None) => spliced.push_str("null"),
                _ => {
                    return reader.problem(
                        at,
                        format!("`{name}` is {}, which cannot be used inside a string", node.value.kind()),
                        "use it as a whole value",
                    );
                }
            },
        }
        rest = left;
    }
    spliced.push_str(rest);
    Some(spliced)
}
