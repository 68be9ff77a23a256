//! A file of a suite's `tables` folder: a table that is written out, or one that a grammar makes.

use super::grammar;
use super::table::{Table, table};
use uptake_yaml::{Node, Reader};

/// Reads what a file of a suite's `tables` folder says: one table, or the two that a grammar makes.
pub(crate) fn read(reader: &Reader, node: &Node, name: &str) -> Option<Vec<(String, Table)>> {
    let mut fields = reader.fields(node, "a table")?;
    let title = fields.require("table").map(|node| reader.text(node, "table"));
    let rows = fields.take("rows");
    let defaults = fields.take("defaults");
    let grammar = fields.take("grammar");
    let except = fields.take("except");
    drop(fields);
    title??;
    match (rows, grammar) {
        (Some(rows), None) => {
            if let Some(node) = except {
                return reader.problem(
                    node.at,
                    "`except` cannot be used without `grammar`",
                    "delete the rows that you do not want",
                );
            }
            Some(vec![(name.to_owned(), table(reader, rows, defaults)?)])
        }
        (None, Some(node)) => {
            if let Some(defaults) = defaults {
                return reader.problem(
                    defaults.at,
                    "`defaults` cannot be used without `rows`",
                    "leave it out",
                );
            }
            let (accepted, refused) = grammar::spell(reader, node, except)?;
            Some(vec![(format!("{name}.accepted"), accepted), (format!("{name}.refused"), refused)])
        }
        _ => reader.problem(
            node.at,
            "a table has either `rows` or a `grammar`",
            "write `rows: { NAME OF A ROW: { column: value } }`",
        ),
    }
}
