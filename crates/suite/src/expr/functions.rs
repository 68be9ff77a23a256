//! The functions of the expression language.

use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::scope::{Piece, Scope};
use super::value::{EvalError, as_text, integer, overflow, same};
use uptake_payload::{Algorithm, hex};

/// What a URL's query leaves as it is.
pub const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

macro_rules! functions {
    ($($variant:ident $name:literal $least:literal..=$most:literal,)*) => {
        /// A function.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Function { $($variant,)* }

        impl Function {
            const ALL: &[(&str, Self, RangeInclusive<usize>)] = &[$(($name, Self::$variant, $least..=$most),)*];
        }
    };
}

functions! {
    Min "min" 2..=2, Max "max" 2..=2, Abs "abs" 1..=1, Len "len" 1..=1, Item "item" 2..=2, Range "range" 1..=1,
    Sorted "sorted" 1..=1, Unique "unique" 1..=1, Reversed "reversed" 1..=1, Sum "sum" 1..=1, Epoch "epoch" 1..=1,
    Now "now" 0..=0, Text "text" 1..=1, Int "int" 1..=1, Base64 "base64" 1..=1, Percent "percent" 1..=1,
    Digest "digest" 3..=5, DigestOf "digest_of" 4..=4, Hmac "hmac" 4..=4, Starts "starts" 2..=2, Ends "ends" 2..=2,
    Has "has" 2..=2, UniqueText "unique_text" 0..=0, SwapCase "swap_case" 1..=1, Split "split" 2..=2,
    Join "join" 2..=2, Replace "replace" 3..=3, XmlEscape "xml_escape" 1..=1,
}

impl Function {
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, ..)| *known == name).map(|(_, function, _)| *function)
    }

    pub(super) fn known() -> String {
        Self::ALL.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", ")
    }

    /// How many values it takes.
    pub(super) fn arity(self) -> RangeInclusive<usize> {
        Self::ALL.iter().find(|(_, function, _)| *function == self).map_or(0..=0, |(.., arity)| arity.clone())
    }

    pub(super) fn call(self, values: &[Value], scope: &dyn Scope) -> Result<Value, EvalError> {
        let value = |at: usize| values.get(at).unwrap_or(&Value::Null);
        match self {
            Self::Min => Ok(integer(value(0))?.min(integer(value(1))?).into()),
            Self::Max => Ok(integer(value(0))?.max(integer(value(1))?).into()),
            Self::Abs => integer(value(0))?.checked_abs().map(Value::from).ok_or_else(overflow),
            Self::Len => length(value(0)),
            Self::Item if value(0).is_object() => {
                let member = text(value(1))?;
                let found = value(0).get(member).cloned();
                found.ok_or_else(|| EvalError::Undefined(format!("member `{member}` of {}", value(0))))
            }
            Self::Item => {
                let items = list(value(0))?;
                let index = integer(value(1))?;
                let item = usize::try_from(index).ok().and_then(|index| items.get(index));
                item.cloned().ok_or_else(|| EvalError::Undefined(format!("item {index} of {}", value(0))))
            }
            Self::Range => match integer(value(0))? {
                count @ 0..=100_000 => Ok((0..count).map(Value::from).collect()),
                count => Err(EvalError::Type(format!("a range of {count} is too long"))),
            },
            Self::Sorted => {
                let mut items = list(value(0))?.clone();
                items.sort_by(natural_order);
                Ok(Value::Array(items))
            }
            Self::Unique => {
                let mut kept: Vec<Value> = Vec::new();
                for item in list(value(0))? {
                    if !kept.iter().any(|other| same(other, item)) {
                        kept.push(item.clone());
                    }
                }
                Ok(Value::Array(kept))
            }
            Self::Reversed => Ok(list(value(0))?.iter().rev().cloned().collect()),
            Self::Sum => {
                let mut sum = 0_i64;
                for item in list(value(0))? {
                    sum = sum.checked_add(integer(item)?).ok_or_else(overflow)?;
                }
                Ok(sum.into())
            }
            Self::Epoch => epoch(text(value(0))?).map(Value::from),
            Self::Now => Ok(scope.now().into()),
            Self::Text => Ok(Value::String(as_text(value(0)))),
            Self::Int => as_integer(value(0)),
            Self::Base64 => Ok(STANDARD.encode(text(value(0))?).into()),
            Self::Percent => Ok(utf8_percent_encode(text(value(0))?, UNRESERVED).to_string().into()),
            Self::Digest => {
                let from = values.get(3).map(size).transpose()?.unwrap_or(0);
                let length = values.get(4).map(size).transpose()?;
                let piece = Piece { content: text(value(2))?, from, length };
                let sum = scope.digests().digest(text(value(0))?, piece)?;
                encode(&sum, text(value(1))?).map(Value::String)
            }
            Self::DigestOf | Self::Hmac | Self::Split | Self::Join | Self::Replace | Self::XmlEscape => {
                self.of_texts(values)
            }
            Self::Starts => Ok(text(value(0))?.starts_with(text(value(1))?).into()),
            Self::Ends => Ok(text(value(0))?.ends_with(text(value(1))?).into()),
            Self::Has => match value(0) {
                Value::Array(items) => Ok(items.iter().any(|item| same(item, value(1))).into()),
                whole => Ok(text(whole)?.contains(text(value(1))?).into()),
            },
            Self::UniqueText => Ok(scope.unique_text().into()),
            Self::SwapCase => Ok(text(value(0))?.chars().map(swap_case).collect::<String>().into()),
        }
    }

    /// Functions of texts and of the bytes that they stand for.
    fn of_texts(self, values: &[Value]) -> Result<Value, EvalError> {
        let value = |at: usize| values.get(at).unwrap_or(&Value::Null);
        match self {
            Self::DigestOf => {
                let bytes = decode(text(value(2))?, text(value(3))?)?;
                encode(&algorithm(text(value(0))?)?.of(&bytes), text(value(1))?).map(Value::String)
            }
            Self::Hmac => {
                let sum = hmac(text(value(0))?, text(value(2))?, text(value(3))?)?;
                encode(&sum, text(value(1))?).map(Value::String)
            }
            Self::Split => {
                let (whole, separator) = (text(value(0))?, text(value(1))?);
                if separator.is_empty() {
                    return Err(EvalError::Type("a string cannot be split at an empty string".to_owned()));
                }
                Ok(whole.split(separator).map(Value::from).collect())
            }
            Self::Join => {
                let items: Vec<_> = list(value(0))?.iter().map(as_text).collect();
                Ok(items.join(text(value(1))?).into())
            }
            Self::Replace => Ok(text(value(0))?.replace(text(value(1))?, text(value(2))?).into()),
            Self::XmlEscape => Ok(xml_escape(text(value(0))?).into()),
            other => Err(EvalError::Harness(format!("{other:?} is not a string function"))),
        }
    }
}

/// An ASCII letter in the other case; anything else as it is.
fn swap_case(letter: char) -> char {
    if letter.is_ascii_uppercase() { letter.to_ascii_lowercase() } else { letter.to_ascii_uppercase() }
}

fn list(value: &Value) -> Result<&Vec<Value>, EvalError> {
    value.as_array().ok_or_else(|| EvalError::Type(format!("`{value}` is not a list")))
}

fn text(value: &Value) -> Result<&str, EvalError> {
    value.as_str().ok_or_else(|| EvalError::Type(format!("`{value}` is not a string")))
}

fn length(value: &Value) -> Result<Value, EvalError> {
    match value {
        Value::String(text) => Ok(text.chars().count().into()),
        Value::Array(items) => Ok(items.len().into()),
        Value::Object(members) => Ok(members.len().into()),
        other => Err(EvalError::Type(format!("`{other}` has no length"))),
    }
}

fn as_integer(value: &Value) -> Result<Value, EvalError> {
    match value {
        Value::String(text) => text
            .trim()
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_| EvalError::Type(format!("`{text}` is not a 64-bit integer"))),
        other => integer(other).map(Value::from),
    }
}

fn natural_order(left: &Value, right: &Value) -> std::cmp::Ordering {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left.as_f64().unwrap_or(0.0).total_cmp(&right.as_f64().unwrap_or(0.0))
        }
        _ => as_text(left).cmp(&as_text(right)),
    }
}

/// Seconds since 1970 of a date-time (RFC 3339) or an HTTP-date (RFC 9110).
fn epoch(text: &str) -> Result<i64, EvalError> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Ok(instant.as_second());
    }
    let since = httpdate::parse_http_date(text)
        .ok()
        .and_then(|instant| instant.duration_since(std::time::UNIX_EPOCH).ok())
        .and_then(|since| i64::try_from(since.as_secs()).ok());
    since.ok_or_else(|| EvalError::Type(format!("`{text}` is neither a date-time nor an HTTP-date")))
}

fn size(value: &Value) -> Result<u64, EvalError> {
    let number = integer(value)?;
    u64::try_from(number).map_err(|_| EvalError::Type(format!("{number} bytes: the number is negative")))
}

fn algorithm(name: &str) -> Result<Algorithm, EvalError> {
    name.parse().map_err(|_| EvalError::Type(format!("unknown digest `{name}`")))
}

fn hmac(algorithm: &str, key: &str, text: &str) -> Result<Vec<u8>, EvalError> {
    let algorithm = match algorithm {
        "sha1" => ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        "sha256" => ring::hmac::HMAC_SHA256,
        other => {
            return Err(EvalError::Type(format!("unknown HMAC `{other}`: choose sha1 or sha256")));
        }
    };
    let key = ring::hmac::Key::new(algorithm, key.as_bytes());
    Ok(ring::hmac::sign(&key, text.as_bytes()).as_ref().to_vec())
}

/// A text as it stands in an element or an attribute.
fn xml_escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The bytes that a text stands for.
fn decode(form: &str, text: &str) -> Result<Vec<u8>, EvalError> {
    let wrong = || EvalError::Type(format!("`{text}` is not {form}"));
    match form {
        "text" => Ok(text.as_bytes().to_vec()),
        "base64" => STANDARD.decode(text).map_err(|_| wrong()),
        "hex" if text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) => (0
            ..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| wrong()))
            .collect(),
        "hex" => Err(wrong()),
        other => Err(EvalError::Type(format!("unknown encoding `{other}`: choose text, hex or base64"))),
    }
}

fn encode(sum: &[u8], form: &str) -> Result<String, EvalError> {
    match form {
        "hex" => Ok(hex(sum)),
        "base64" => Ok(STANDARD.encode(sum)),
        "sf" => Ok(format!(":{}:", STANDARD.encode(sum))),
        other => Err(EvalError::Type(format!("unknown encoding `{other}`: choose hex, base64 or sf"))),
    }
}
