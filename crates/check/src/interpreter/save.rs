//! Reads what a scenario keeps of an exchange.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::Value;

use super::answer::Done;
use super::environment::Environment;
use super::variables::Variables;
use uptake_suite::save::{HeaderType, Save, SaveFrom};
use uptake_suite::step::Step;
use uptake_wire::Answer;

/// What was not in the answer, by the name under which it should have been saved.
pub(crate) type Missing = BTreeMap<String, String>;

/// Keeps what a step saves of its first answer; gives what was not there.
pub(crate) fn save(
    step: &Step,
    environment: &Environment<'_>,
    dones: &[Done],
    variables: &mut Variables,
) -> Missing {
    let mut missing = BTreeMap::new();
    let Some(done) = dones.first() else { return missing };
    for save in &step.save {
        match saved(save, done) {
            Ok(value) => {
                if let Some(text) = value.as_str().filter(|_| save.secret) {
                    environment.secrets.taint(&save.name, text);
                }
                variables.set(&save.name, value);
            }
            Err(why) => {
                variables.unset(&save.name);
                missing.insert(save.name.clone(), why);
            }
        }
    }
    missing
}

/// The value, or why it is not there.
pub(crate) fn saved(save: &Save, done: &Done) -> Result<Value, String> {
    let Some(answer) = done.answer() else { return Err("there was no answer".to_owned()) };
    let found = raw(&save.from, done, answer).and_then(|value| match (value, &save.matching) {
        (Value::String(text), None) => read_text(&text, save.kind),
        (Value::String(text), Some(pattern)) => read_text(part(&text, pattern)?, save.kind),
        (value, _) => Ok(value),
    });
    match &save.default {
        Some(default) => Ok(found.unwrap_or_else(|_| default.clone())),
        None => found,
    }
}

/// The part of a text that a regular expression is about: its first group, or all that it matches.
fn part<'t>(text: &'t str, pattern: &Regex) -> Result<&'t str, String> {
    let found = pattern.captures(text).and_then(|groups| groups.get(1).or_else(|| groups.get(0)));
    found.map(|part| part.as_str()).ok_or_else(|| format!("`{text}` does not match `{pattern}`"))
}

/// What stands there, as it stands there.
fn raw(from: &SaveFrom, done: &Done, answer: &Answer) -> Result<Value, String> {
    match from {
        SaveFrom::Json(path) => {
            let body = done.body.as_ref().ok_or_else(|| "the body is no JSON".to_owned())?;
            path.find(body).ok_or_else(|| format!("the body has nothing at {path}"))
        }
        SaveFrom::Header(name) => header(answer, name).map(Value::from),
        SaveFrom::Location => {
            let text = header(answer, "Location")?;
            let url = done
                .exchange
                .request
                .url
                .join(&text)
                .map_err(|error| format!("Location `{text}`: {error}"))?;
            Ok(Value::String(url.into()))
        }
        SaveFrom::Status => Ok(answer.status.into()),
        SaveFrom::Took => Ok(u64::try_from(done.exchange.took.as_millis()).unwrap_or(u64::MAX).into()),
        SaveFrom::Body => Ok(String::from_utf8_lossy(&answer.body).into_owned().into()),
    }
}

fn header(answer: &Answer, name: &str) -> Result<String, String> {
    answer.header(name).map(str::to_owned).ok_or_else(|| format!("there is no header {name}"))
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
