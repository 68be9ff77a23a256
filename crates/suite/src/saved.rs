//! Reads the value that a [`Save`] names from a response.

use std::borrow::Cow;
use std::time::Duration;

use regex::Regex;
use serde_json::Value;

use super::save::{HeaderType, InterimHeader, InterimSource, Save, SaveFrom};
use super::structured::{dictionary, structured};
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

    /// The values of a header in interim responses, each with the response's status.
    fn interim(&self, _name: &str) -> Vec<(u16, &str)> {
        Vec::new()
    }

    /// How long the exchange took.
    fn took(&self) -> Duration;
}

impl Save {
    /// The value, or why it is not there.
    pub fn read(&self, response: &dyn Response) -> Result<Value, String> {
        let found = raw(&self.from, response).and_then(|value| match value {
            Value::Array(values) if matches!(self.from, SaveFrom::Interim(_) | SaveFrom::Xml(_)) => {
                values.into_iter().map(|value| self.read_part(value)).collect()
            }
            value => self.read_part(value),
        });
        match &self.default {
            Some(default) => Ok(found.unwrap_or_else(|_| default.clone())),
            None => found,
        }
    }

    /// The part of a value that is kept, read as its type says.
    fn read_part(&self, value: Value) -> Result<Value, String> {
        match (value, &self.matching) {
            (Value::String(text), None) => read_text(&text, self.kind),
            (Value::String(text), Some(pattern)) => read_text(part(&text, pattern)?, self.kind),
            (value, _) => Ok(value),
        }
    }
}

/// What stands there, as it stands there.
fn raw(from: &SaveFrom, response: &dyn Response) -> Result<Value, String> {
    match from {
        SaveFrom::Json(path) => {
            let body = response.json().ok_or_else(|| "the body is not JSON".to_owned())?;
            path.find(&body).ok_or_else(|| format!("the body has nothing at {path}"))
        }
        SaveFrom::Xml(path) => {
            let text = String::from_utf8_lossy(response.body());
            let body = Xml::parse(&text).ok_or_else(|| "the body is not XML".to_owned())?;
            path.find(&body).ok_or_else(|| format!("the body has nothing at {path}"))
        }
        SaveFrom::Url => Ok(response.url().into()),
        SaveFrom::Header(name) => header(response, name).map(Value::from),
        SaveFrom::Location => location(response, header(response, "Location")?),
        SaveFrom::Status => Ok(response.status().into()),
        SaveFrom::Took => Ok(u64::try_from(response.took().as_millis()).unwrap_or(u64::MAX).into()),
        SaveFrom::Body => Ok(String::from_utf8_lossy(response.body()).into_owned().into()),
        SaveFrom::Interim(source) => interim(source, response),
    }
}

fn location(response: &dyn Response, text: &str) -> Result<Value, String> {
    let url = response.resolve(text).map_err(|error| format!("Location `{text}`: {error}"))?;
    Ok(Value::String(url))
}

/// What stands in the interim responses, whether a final one followed or not.
fn interim(source: &InterimSource, response: &dyn Response) -> Result<Value, String> {
    let name = match &source.header {
        InterimHeader::Named(name) => name,
        InterimHeader::Location => "Location",
    };
    let found = response.interim(name).into_iter().filter(|(status, _)| source.status.has(*status));
    let mut values = found.map(|(_, text)| match source.header {
        InterimHeader::Named(_) => Ok(Value::from(text)),
        InterimHeader::Location => location(response, text),
    });
    if source.is_list {
        return values.collect();
    }
    let missing = || Err(format!("no interim response with status {} has a header {name}", source.status));
    values.next().unwrap_or_else(missing)
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
            text.trim().parse::<i64>().map(Value::from).map_err(|_| format!("`{text}` is not an integer"))
        }
        HeaderType::HttpDate => httpdate::parse_http_date(text)
            .ok()
            .and_then(|instant| instant.duration_since(std::time::UNIX_EPOCH).ok())
            .map(|since| since.as_secs().into())
            .ok_or_else(|| format!("`{text}` is not an HTTP-date")),
        HeaderType::Structured => {
            structured(text).ok_or_else(|| format!("`{text}` is not a structured field"))
        }
        HeaderType::StructuredInteger => of_type(text, Value::is_i64, "an integer"),
        HeaderType::StructuredBoolean => of_type(text, Value::is_boolean, "a boolean"),
        HeaderType::StructuredDictionary => {
            dictionary(text).ok_or_else(|| format!("`{text}` is not a structured dictionary"))
        }
    }
}

fn of_type(text: &str, is_meant: fn(&Value) -> bool, kind: &str) -> Result<Value, String> {
    let value = structured(text).filter(is_meant);
    value.ok_or_else(|| format!("`{text}` is not {kind} in the syntax of structured fields"))
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
        assert_eq!(read("7;a", HeaderType::StructuredInteger), json!(7));
        assert_eq!(read("?0", HeaderType::StructuredBoolean), json!(false));
        assert_eq!(read("a, b=2", HeaderType::StructuredDictionary), json!({"a": true, "b": 2}));
        for (text, kind) in [
            ("4 2", HeaderType::Int),
            ("yesterday", HeaderType::HttpDate),
            ("?2", HeaderType::Structured),
            ("7.0", HeaderType::StructuredInteger),
            ("?1", HeaderType::StructuredInteger),
            ("1", HeaderType::StructuredBoolean),
            ("", HeaderType::StructuredDictionary),
            ("=", HeaderType::StructuredDictionary),
        ] {
            assert!(read_text(text, kind).is_err(), "{text}");
        }
    }
}
