//! Texts with `${ … }` in them.

use serde_json::Value;

use super::ast::{Expr, Operator};
use super::functions::Function;
use super::parser::parse;
use super::scope::Scope;
use super::syntax::SyntaxError;
use super::value::{EvalError, as_text};

/// A text with expressions in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    parts: Vec<Part>,
    written: String,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// As it is written.
    Text(String),
    /// The value of an expression.
    Expr(Expr),
}

impl Template {
    /// Reads a text; `$${` stands for `${`.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            if rest[..at].ends_with('$') {
                plain.push_str(&rest[..at]);
                plain.push('{');
                rest = &rest[at + 2..];
                continue;
            }
            plain.push_str(&rest[..at]);
            let inner = &rest[at + 2..];
            let end = inner.find('}').ok_or_else(|| {
                SyntaxError::new("`${` is not closed: `}` is missing")
                    .with_help("close it, or write `$${` where no expression is meant")
            })?;
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(Part::Expr(parse(&inner[..end])?));
            rest = &inner[end + 1..];
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self { parts, written: text.to_owned() })
    }

    /// A text without expressions.
    pub fn plain(text: &str) -> Self {
        Self { parts: vec![Part::Text(text.to_owned())], written: text.to_owned() }
    }

    /// What it consists of, in order, for those who prepare it once and use it often.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The text as it is written, the same in every run.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The value: where one expression is the whole text it keeps its type.
    pub fn value(&self, scope: &dyn Scope) -> Result<Value, EvalError> {
        match self.parts.as_slice() {
            [Part::Expr(expr)] => expr.eval(scope),
            _ => self.text(scope).map(Value::String),
        }
    }

    /// The value as a text.
    pub fn text(&self, scope: &dyn Scope) -> Result<String, EvalError> {
        self.parts.iter().try_fold(String::new(), |mut text, part| {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Expr(expr) => text.push_str(&as_text(&expr.eval(scope)?)),
            }
            Ok(text)
        })
    }

    /// The only expression, where it is the whole text.
    pub fn into_expr(self) -> Option<Expr> {
        match <[Part; 1]>::try_from(self.parts) {
            Ok([Part::Expr(expr)]) => Some(expr),
            _ => None,
        }
    }

    /// The same value as an expression: texts between expressions are joined with them.
    pub(crate) fn into_value_expr(self) -> Expr {
        let is_alone = self.parts.len() == 1;
        let part = |part| match part {
            Part::Text(text) => Expr::Literal(text.into()),
            Part::Expr(expr) if is_alone => expr,
            Part::Expr(expr) => Expr::Call(Function::Text, vec![expr]),
        };
        let join = |left, right| Expr::Binary(Operator::Add, Box::new(left), Box::new(right));
        self.parts.into_iter().map(part).reduce(join).unwrap_or_else(|| Expr::Literal("".into()))
    }

    /// The same with what `with` gives in place of names; `None` leaves a name as it is.
    pub(crate) fn bind(self, with: &dyn Fn(&str) -> Option<Result<Expr, String>>) -> Result<Self, String> {
        let part = |part| match part {
            Part::Expr(expr) => expr.bind(with).map(Part::Expr),
            text @ Part::Text(_) => Ok(text),
        };
        let parts = self.parts.into_iter().map(part).collect::<Result<_, _>>()?;
        Ok(Self { parts, written: self.written })
    }

    /// Every name that the text needs.
    pub fn names(&self) -> Vec<&str> {
        self.parts
            .iter()
            .flat_map(|part| match part {
                Part::Text(_) => Vec::new(),
                Part::Expr(expr) => expr.names(),
            })
            .collect()
    }
}
