//! The rows that are being written out, and their values in expressions.

use serde_json::Value as Json;

use super::context::Context;
use crate::expr::{Expr, Template};
use crate::tables::{self, Binding, Found};
use uptake_yaml::{Node, Span, Value};

impl Context<'_> {
    /// Runs `inside` with the variables of `combination`; mistakes in it name the rows.
    pub(super) fn with_rows<T>(&self, combination: &[Binding], inside: impl FnOnce(&[Binding]) -> T) -> T {
        if combination.is_empty() {
            return inside(&self.rows());
        }
        let rows: Vec<_> = combination
            .iter()
            .map(|binding| format!("`{}` ({})", binding.row.name, self.reader.place(binding.row.at)))
            .collect();
        let bindings = self.push_rows(combination);
        let value = self.reader.remarking(&format!("in the row {}", rows.join(", ")), || inside(&bindings));
        self.pop_rows(combination.len());
        value
    }

    /// `expr` with the rows' values in it.
    pub(super) fn bind_expr(&self, at: Span, expr: Expr) -> Option<Expr> {
        let bindings = self.rows();
        if bindings.is_empty() {
            return Some(expr);
        }
        expr.bind(&|name| bound(&bindings, name)).map_or_else(|why| self.reader.problem(at, why, ""), Some)
    }

    /// `template` with the rows' values in it.
    pub(super) fn bind_template(&self, at: Span, template: Template) -> Option<Template> {
        let bindings = self.rows();
        if bindings.is_empty() {
            return Some(template);
        }
        template
            .bind(&|name| bound(&bindings, name))
            .map_or_else(|why| self.reader.problem(at, why, ""), Some)
    }
}

/// What a name in an expression stands for, where a row's variable is meant.
fn bound(bindings: &[Binding], name: &str) -> Option<Result<Expr, String>> {
    Some(match tables::lookup(bindings, name)? {
        Ok(Found::Name(name)) => Ok(Expr::Literal(name.into())),
        Ok(Found::Cell(node)) => expression(node),
        Ok(Found::Lacking(binding)) => Err(binding.no_value(name).0),
        Err(why) => Err(why),
    })
}

/// A table's value as an expression; a text is one only inside `${ }`.
fn expression(node: &Node) -> Result<Expr, String> {
    if let Some((message, help)) = node.ambiguity() {
        return Err(format!("{message}; {help}"));
    }
    match &node.value {
        Value::Text(text) if text.contains("${") => {
            Template::parse(text).map(Template::into_value_expr).map_err(|error| error.to_string())
        }
        Value::List(items) => items.iter().map(expression).collect::<Result<_, _>>().map(Expr::List),
        _ => Ok(Expr::Literal(plain(node))),
    }
}

/// A table's value as JSON, to the letter.
pub(super) fn plain(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Int(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Text(text) | Value::Ambiguous(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(plain).collect(),
        Value::Map(entries) => entries.iter().map(|(key, node)| (key.text.clone(), plain(node))).collect(),
    }
}
