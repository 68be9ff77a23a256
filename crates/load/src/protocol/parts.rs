//! A text that is prepared once and written often.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value};

use super::values::{Extended, Number, Values};
use uptake_suite::expr::{EvalError, Expr, Scope, Template, UNRESERVED, as_text};
use uptake_suite::json::JsonTemplate;

/// A text of several parts.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts(pub(super) Vec<Part>);

/// A part of a text.
#[derive(Debug, Clone)]
pub(super) enum Part {
    Text(String),
    Number(Number),
    /// A saved value.
    Slot(usize),
    /// The same, percent-encoded.
    EncodedSlot(usize),
    Expr(Expr),
    /// The same, percent-encoded.
    EncodedExpr(Expr),
    Json(JsonTemplate),
    /// A text for each item of a list, which is `variable` in it.
    Each {
        variable: String,
        list: Expr,
        text: Template,
    },
    /// Left out if a value in it is missing.
    Optional(Parts),
}

/// Why a request cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unrenderable {
    /// An earlier response lacked a value that it needs.
    Missing,
    /// Its URL leads to another origin.
    Elsewhere,
}

/// What a path must not contain as it is.
const OUTSIDE_OF_PATHS: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');

impl Parts {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self(vec![Part::Text(text.into())])
    }

    pub(super) fn push(&mut self, part: Part) {
        match (self.0.last_mut(), part) {
            (Some(Part::Text(last)), Part::Text(text)) => last.push_str(&text),
            (_, Part::Text(text)) if text.is_empty() => {}
            (_, part) => self.0.push(part),
        }
    }

    pub(super) fn extend(&mut self, other: Self) {
        other.0.into_iter().for_each(|part| self.push(part));
    }

    /// The whole text, if it is the same for every request.
    pub(super) fn fixed(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether it begins with this text, whatever the values are.
    pub(super) fn starts_with(&self, text: &str) -> bool {
        matches!(self.0.first(), Some(Part::Text(first)) if first.starts_with(text))
    }

    /// Appends the text to `out`.
    pub(super) fn write(&self, values: &Values<'_>, out: &mut String) -> Result<(), Unrenderable> {
        for part in &self.0 {
            part.write(values, out)?;
        }
        Ok(())
    }
}

impl Part {
    fn write(&self, values: &Values<'_>, out: &mut String) -> Result<(), Unrenderable> {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Number(number) => {
                let _ = write!(out, "{}", values.numbers.of(*number));
            }
            Self::Slot(slot) => match saved(values, *slot)? {
                Value::String(text) => out.push_str(text),
                other => {
                    let _ = write!(out, "{other}");
                }
            },
            Self::EncodedSlot(slot) => {
                let text = as_text(saved(values, *slot)?);
                out.extend(utf8_percent_encode(&text, UNRESERVED));
            }
            Self::Expr(expr) => out.push_str(&evaluated(expr, values)?),
            Self::EncodedExpr(expr) => {
                out.extend(utf8_percent_encode(&evaluated(expr, values)?, UNRESERVED));
            }
            Self::Json(template) => {
                let value = json(template, values).map_err(|_| Unrenderable::Missing)?;
                let _ = write!(out, "{value}");
            }
            Self::Each { variable, list, text } => {
                let items = list.eval(values).map_err(|_| Unrenderable::Missing)?;
                for item in items.as_array().ok_or(Unrenderable::Missing)? {
                    let scope = Extended { values, name: variable, value: item.clone() };
                    out.push_str(&text.text(&scope).map_err(|_| Unrenderable::Missing)?);
                }
            }
            Self::Optional(parts) => {
                let before = out.len();
                if parts.write(values, out) == Err(Unrenderable::Missing) {
                    out.truncate(before);
                }
            }
        }
        Ok(())
    }
}

fn saved<'v>(values: &Values<'v>, slot: usize) -> Result<&'v Value, Unrenderable> {
    values.saved.get(slot).and_then(Option::as_ref).ok_or(Unrenderable::Missing)
}

fn evaluated(expr: &Expr, values: &Values<'_>) -> Result<String, Unrenderable> {
    let value = expr.eval(values).map_err(|_| Unrenderable::Missing)?;
    let text = as_text(&value);
    // A value of a response must not begin another header.
    if text.bytes().any(|byte| byte.is_ascii_control()) { Err(Unrenderable::Missing) } else { Ok(text) }
}

/// A path with what no path may contain percent-encoded.
pub(super) fn sanitise(path: &mut String, from: usize) {
    if path[from..].bytes().any(|byte| !byte.is_ascii_graphic()) {
        let encoded = utf8_percent_encode(&path[from..], OUTSIDE_OF_PATHS).to_string();
        path.truncate(from);
        path.push_str(&encoded);
    }
}

/// The value of a JSON template.
pub(super) fn json(template: &JsonTemplate, scope: &dyn Scope) -> Result<Value, EvalError> {
    Ok(match template {
        JsonTemplate::Literal(value) => value.clone(),
        JsonTemplate::Text(text) => Template::value(text, scope)?,
        JsonTemplate::List(items) => items.iter().map(|item| json(item, scope)).collect::<Result<_, _>>()?,
        JsonTemplate::Map(entries) => {
            let members = entries.iter().map(|(key, value)| Ok((key.clone(), json(value, scope)?)));
            Value::Object(members.collect::<Result<Map<_, _>, EvalError>>()?)
        }
    })
}
