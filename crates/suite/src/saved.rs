//! Reads the value that a [`Save`] names from a response.

use std::borrow::Cow;
use std::time::Duration;

use regex::Regex;
use serde_json::Value;

use super::save::{HeaderType, Save, SaveFrom};
use super::xml::Xml;

/// A response that values are read from.
pub trait Response {
    /// The status.
    fn status(&self) -> u16;

    /// The value of the first header of this name, in any case.
    fn header(&self, name: &str) -> Option<&str>;

    /// The body.
    fn body(&self) -> &[u8];

    /// The body as JSON, if it is JSON.
    fn json(&self) -> Option<Cow<'_, Value>>;

    /// The URL of the request.
    fn url(&self) -> &str;

    /// The absolute URL of a reference, which is relative to the URL of the request.
    fn resolve(&self, reference: &str) -> Result<String, String>;

    /// How long the exchange took.
    fn took(&self) -> Duration;
}

impl Save {
    /// The value, or why it is not there.
    pub fn read(&self, response: &dyn Response) -> Result<Value, String> {
        let found = raw(&self.from, response).and_then(|value| match (value, &self.matching) {
            (Value::String(text), None) => read_text(&text, self.kind),
            (Value::String(text), Some(pattern)) => read_text(part(&text, pattern)?, self.kind),
            (value, _) => Ok(value),
        });
        match &self.default {
            Some(default) => Ok(found.unwrap_or_else(|_| default.clone())),
            None => found,
        }
    }
}

/// What stands there, as it stands there.
fn raw(from: &SaveFrom, response: &dyn Response) -> Result<Value, String> {
    match from {
        SaveFrom::Json(path) => {
            let body = response.json().ok_or_else(|| "the body is no JSON".to_owned())?;
            path.find(&body).ok_or_else(|| format!("the body has nothing at {path}"))
        }
        SaveFrom::Xml(path) => {
            let text = String::from_utf8_lossy(response.body());
            let body = Xml::parse(&text).ok_or_else(|| "the body is no XML".to_owned())?;
            path.find(&body).ok_or_else(|| format!("the body has nothing at {path}"))
        }
        SaveFrom::Url => Ok(response.url().into()),
        SaveFrom::Header(name) => header(response, name).map(Value::from),
        SaveFrom::Location => {
            let text = header(response, "Location")?;
            let url = response.resolve(text).map_err(|error| format!("Location `{text}`: {error}"))?;
            Ok(Value::String(url))
        }
        SaveFrom::Status => Ok(response.status().into()),
        SaveFrom::Took => Ok(u64::try_from(response.took().as_millis()).unwrap_or(u64::MAX).into()),
        SaveFrom::Body => Ok(String::from_utf8_lossy(response.body()).into_owned().into()),
    }
}

fn header<'r>(response: &'r dyn Response, name: &str) -> Result<&'r str, String> {
    response.header(name).ok_or_else(|| format!("there is no header {name}"))
}

/// The part of a text that a regular expression is about: its first group, or all that it matches.
fn part<'t>(text: &'t str, pattern: &Regex) -> Result<&'t str, String> {
    let found = pattern.captures(text).and_then(|groups| groups.get(1).or_else(|| groups.get(0)));
    found.map(|part| part.as_str()).ok_or_else(|| format!("`{text}` does not match `{pattern}`"))
}

fn read_text(text: &str, kind: HeaderType) -> Result<Value, String> {
    match kind {
        HeaderType::Text => Ok(text.into()),
        HeaderType::Int => {
            text.trim().parse::<i64>().map(Value::from).map_err(|_| format!("`{text}` is no integer"))
        }
        HeaderType::HttpDate => httpdate::parse_http_date(text)
            .ok()
            .and_then(|instant| instant.duration_since(std::time::UNIX_EPOCH).ok())
            .map(|since| since.as_secs().into())
            .ok_or_else(|| format!("`{text}` is no HTTP-date")),
        HeaderType::Structured => structured(text).ok_or_else(|| format!("`{text}` is no structured field")),
    }
}

/// An item is its bare value, a list an array, a dictionary an object (RFC 9651).
fn structured(text: &str) -> Option<Value> {
    use sfv::{Dictionary, Item, List, ListEntry, Parser};
    let entry = |entry: &ListEntry| match entry {
        ListEntry::Item(item) => bare(&item.bare_item),
        ListEntry::InnerList(list) => list.items.iter().map(|item| bare(&item.bare_item)).collect(),
    };
    if let Ok(item) = Parser::new(text).parse::<Item>() {
        return Some(bare(&item.bare_item));
    }
    // A list of tokens reads as a dictionary of flags too; only one with `=` is meant as one.
    if text.contains('=')
        && let Ok(dictionary) = Parser::new(text).parse::<Dictionary>()
    {
        return Some(dictionary.iter().map(|(key, value)| (key.to_string(), entry(value))).collect());
    }
    Parser::new(text).parse::<List>().ok().map(|list| list.iter().map(entry).collect())
}

fn bare(item: &sfv::BareItem) -> Value {
    use sfv::BareItem;
    match item {
        BareItem::Boolean(truth) => (*truth).into(),
        BareItem::Integer(number) => i64::from(*number).into(),
        BareItem::Decimal(number) => f64::from(*number).into(),
        BareItem::String(text) => text.as_str().into(),
        BareItem::Token(token) => token.as_str().into(),
        BareItem::ByteSequence(bytes) => {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.encode(bytes).into()
        }
        other => format!("{other:?}").into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_part_of_a_text_is_its_first_group_or_all_that_matches() {
        let pattern = |text| Regex::new(text).expect("a pattern");
        assert_eq!(part("bytes=0-41", &pattern(r"bytes=0-(\d+)")), Ok("41"));
        assert_eq!(part("bytes=0-41", &pattern(r"\d+")), Ok("0"));
        assert!(part("bytes=0-41", &pattern("x")).is_err_and(|why| why.contains("does not match")));
    }

    #[test]
    fn headers_are_read_by_their_type() {
        let read = |text, kind| read_text(text, kind).expect("a value");
        assert_eq!(read("42", HeaderType::Int), json!(42));
        assert_eq!(read("Thu, 01 Jan 2026 00:00:00 GMT", HeaderType::HttpDate), json!(1_767_225_600));
        assert_eq!(read("?1", HeaderType::Structured), json!(true));
        assert_eq!(read("7", HeaderType::Structured), json!(7));
        assert_eq!(
            read("max-size=10, min-size=0", HeaderType::Structured),
            json!({"max-size": 10, "min-size": 0})
        );
        assert_eq!(read("creation, expiration", HeaderType::Structured), json!(["creation", "expiration"]));
        for (text, kind) in
            [("4 2", HeaderType::Int), ("yesterday", HeaderType::HttpDate), ("?2", HeaderType::Structured)]
        {
            assert!(read_text(text, kind).is_err(), "{text}");
        }
    }
}
