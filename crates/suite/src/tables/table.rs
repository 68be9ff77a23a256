//! A table: rows with a name each, and the values in them; and how its rows are read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uptake_yaml::{Key, Node, Reader, SourceFile, Span, Value};

/// The tables that scenarios may walk, by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables {
    /// The files that tables and named steps stand in, in the order in which [`Span::source`] counts them from 1.
    pub(crate) files: Vec<Arc<SourceFile>>,
    by_name: BTreeMap<String, Arc<Table>>,
}

/// A table.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Arc<Row>>,
    /// Every column that at least one row has.
    pub(crate) columns: BTreeSet<String>,
}

/// A row of a table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Its name, by which a finding names it.
    pub(crate) name: String,
    /// Where it is written.
    pub(crate) at: Span,
    /// Its values by column: a map; in a table of one column the value itself.
    pub(crate) value: Node,
}

impl Tables {
    /// The table of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Arc<Table>> {
        self.by_name.get(name)
    }

    /// The names there are.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.by_name.keys().map(String::as_str).collect()
    }

    /// Adds tables; one of the same name takes the place of an earlier one.
    pub(crate) fn add(&mut self, tables: Vec<(String, Table)>) {
        self.by_name.extend(tables.into_iter().map(|(name, table)| (name, Arc::new(table))));
    }
}

impl Table {
    /// The same with its places in another of a reader's files.
    pub(crate) fn in_source(self, source: u16) -> Self {
        let row = |row: Arc<Row>| {
            let Row { name, at, value } = Arc::unwrap_or_clone(row);
            Arc::new(Row { name, at: Span { source, ..at }, value: value.in_source(source) })
        };
        Self { rows: self.rows.into_iter().map(row).collect(), columns: self.columns }
    }
}

/// A table that is written where it is used: a list of values, or a map of rows.
pub(crate) fn inline(reader: &Reader, node: &Node) -> Option<Table> {
    table(reader, node, None)
}

/// A table of `rows`; what they lack they have from `defaults`.
pub(super) fn table(reader: &Reader, rows: &Node, defaults: Option<&Node>) -> Option<Table> {
    let defaults = match defaults {
        Some(node) => reader.entries(node, "defaults")?,
        None => &[],
    };
    let named: Vec<(Key, &Node)> = match &rows.value {
        Value::Map(entries) => entries.iter().map(|(key, node)| (key.clone(), node)).collect(),
        Value::List(items) => {
            items.iter().map(|item| Some((name_of(reader, item)?, item))).collect::<Option<_>>()?
        }
        _ => {
            return reader.problem(
                rows.at,
                format!("rows must be a map or a list, not {}", rows.value.kind()),
                "write `NAME OF A ROW: { column: value }` on lines of their own, or a list of values",
            );
        }
    };
    if named.is_empty() {
        return reader.problem(rows.at, "a table without rows", "a table without rows tests nothing");
    }
    let mut table = Table::default();
    let mut names = BTreeSet::new();
    let mut good = Some(());
    for (key, node) in named {
        if !names.insert(key.text.clone()) {
            good = reader.problem(
                key.at,
                format!("duplicate row `{}`", key.text),
                "give each row a name of its own, so that a finding says which it is",
            );
        }
        let value = with_defaults(node, defaults);
        if let Value::Map(cells) = &value.value {
            for (column, _) in cells {
                good = check_column(reader, column).and(good);
                table.columns.insert(column.text.clone());
            }
        }
        table.rows.push(Arc::new(Row { name: key.text, at: key.at, value }));
    }
    good.map(|()| table)
}

/// A column's name stands in expressions, where `-` is a subtraction.
fn check_column(reader: &Reader, column: &Key) -> Option<()> {
    let is_name = column.text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && column.text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if column.text == "name" {
        return reader.problem(
            column.at,
            "a column cannot be called `name`",
            "`name` is the name of the row; call the column something else, such as `file_name`",
        );
    }
    if is_name {
        return Some(());
    }
    reader.problem(
        column.at,
        format!("a column cannot be called `{}`", column.text),
        "use letters, digits and `_`, because expressions use the name",
    )
}

fn with_defaults(node: &Node, defaults: &[(Key, Node)]) -> Node {
    let Value::Map(cells) = &node.value else { return node.clone() };
    let mut cells = cells.clone();
    for (key, value) in defaults {
        if !cells.iter().any(|(column, _)| column.text == key.text) {
            cells.push((key.clone(), value.clone()));
        }
    }
    Node { at: node.at, value: Value::Map(cells) }
}

/// A value in a list names its row itself.
fn name_of(reader: &Reader, item: &Node) -> Option<Key> {
    let text = match &item.value {
        Value::Null => "null".to_owned(),
        Value::Text(text) if text.is_empty() => "an empty string".to_owned(),
        _ => match item.scalar() {
            Some(text) => text,
            None => {
                return reader.problem(
                    item.at,
                    format!("a row that is {} needs a name", item.value.kind()),
                    "write the rows as a map: `NAME OF A ROW: { column: value }`",
                );
            }
        },
    };
    Some(Key { at: item.at, text })
}
