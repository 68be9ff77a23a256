//! From text to [`Node`]s. The only file that names the YAML crate.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

use super::node::{Key, Node, SourceFile, Span, Value};
use super::problem::Problem;

/// Reads one YAML document.
pub fn parse(file: &Arc<SourceFile>) -> Result<Node, Problem> {
    serde_saphyr::from_str::<Node>(&file.text).map_err(|error| {
        let at = error.location().map(|location| span(&file.text, location)).unwrap_or_default();
        let message = without_place(&error.without_snippet().to_string());
        let help = if message.starts_with("duplicate mapping key") {
            "a key may stand once in a map; keep one of them"
        } else {
            "up to here it can be read as YAML, and not from here on"
        };
        Problem::new(file, at, message).with_help(help)
    })
}

/// The crate ends its messages with the place, which the diagnostic shows anyway.
fn without_place(message: &str) -> String {
    let first = message.lines().next().unwrap_or(message);
    let end =
        ["; set DuplicateKeyPolicy", " (set DuplicateKeyPolicy", ", set DuplicateKeyPolicy", " at line "]
            .iter()
            .filter_map(|rest| first.find(rest))
            .min()
            .unwrap_or(first.len());
    first[..end].trim_start_matches("error: ").to_owned()
}

fn span(text: &str, location: Location) -> Span {
    let within =
        |offset: usize| (offset..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let known = location
        .span()
        .byte_offset()
        .and_then(|offset| usize::try_from(offset).ok())
        .filter(|offset| *offset > 0);
    // The scanner's own errors know their line, and not how far that is from the start.
    let offset = known.unwrap_or_else(|| {
        let lines = usize::try_from(location.line()).unwrap_or(1).saturating_sub(1);
        let before: usize = text.split_inclusive('\n').take(lines).map(str::len).sum();
        before + usize::try_from(location.column()).unwrap_or(1).saturating_sub(1)
    });
    let len = location.span().byte_len().and_then(|len| usize::try_from(len).ok()).unwrap_or(0);
    let offset = within(offset.min(text.len()));
    let end = within((offset + len).min(text.len()));
    // A map's span may reach over all its lines; its first line is what a person looks for.
    let first_line = text[offset..end].find('\n').unwrap_or(end - offset);
    Span {
        source: 0,
        line: u32::try_from(location.line()).unwrap_or(u32::MAX),
        column: u32::try_from(location.column()).unwrap_or(u32::MAX),
        offset,
        len: first_line,
    }
}

fn raw_span(location: Location) -> Span {
    let number = |value: Option<u64>| value.and_then(|value| usize::try_from(value).ok()).unwrap_or(0);
    Span {
        source: 0,
        line: u32::try_from(location.line()).unwrap_or(u32::MAX),
        column: u32::try_from(location.column()).unwrap_or(u32::MAX),
        offset: number(location.span().byte_offset()),
        len: number(location.span().byte_len()),
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Value>::deserialize(deserializer)?;
        Ok(Self { at: raw_span(spanned.referenced), value: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Value, E> {
        i64::try_from(number)
            .map(Value::Int)
            .map_err(|_| E::custom(format!("{number} is too large an integer")))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Node>()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map: Vec<(Key, Node)> = Vec::new();
        while let Some(key) = entries.next_key::<Node>()? {
            let Some(text) = key.scalar() else {
                return Err(A::Error::custom("a key must be a text"));
            };
            let value = entries.next_value::<Node>()?;
            map.push((Key { at: key.at, text }, value));
        }
        Ok(Value::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Node {
        parse(&SourceFile::new("a.yaml", text)).expect("well-formed")
    }

    #[test]
    fn every_value_knows_its_place() {
        let node = read("steps:\n  - create a token:\n      post: /x\n      json: { ttl: 60, on: yes }\n");
        let Value::Map(entries) = &node.value else { panic!("a map") };
        let Value::List(steps) = &entries[0].1.value else { panic!("a list") };
        let Value::Map(step) = &steps[0].value else { panic!("a step") };
        assert_eq!(step[0].0.text, "create a token");
        assert_eq!((step[0].0.at.line, step[0].0.at.column), (2, 5));
        let Value::Map(body) = &step[0].1.value else { panic!("a body") };
        assert_eq!(
            body[0].1.at,
            Span { source: 0, line: 3, column: 13, offset: body[0].1.at.offset, len: 2 }
        );
        let Value::Map(json) = &body[1].1.value else { panic!("json") };
        assert_eq!(json[0].1.value, Value::Int(60));
    }

    #[test]
    fn a_key_written_twice_is_refused_with_its_place() {
        let problem = parse(&SourceFile::new("a.yaml", "a: 1\nb: 2\na: 3\n")).expect_err("a duplicate");
        assert_eq!(problem.place().line, 3, "{problem}");
    }

    #[test]
    fn broken_yaml_is_refused_with_its_place() {
        let problem = parse(&SourceFile::new("a.yaml", "a: 1\nb: [1, 2\nc: 3\n")).expect_err("unclosed");
        assert!(problem.place().line >= 2, "{problem}");
    }

    #[test]
    fn quoted_numbers_stay_texts() {
        let node = read("'60'");
        assert_eq!(node.value, Value::Text("60".into()));
    }
}
