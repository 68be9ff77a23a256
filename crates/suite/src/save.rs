//! What is kept of an answer.

use std::fmt;

use super::status::StatusSet;
use regex::Regex;
use serde_json::Value;

use super::xml::XmlPath;

/// A value to keep.
#[derive(Debug, Clone)]
pub struct Save {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub from: SaveFrom,
    /// Which part of its text is kept: the first group, or where there is none the whole match.
    pub matching: Option<Regex>,
    /// What is kept where there is nothing to keep.
    pub default: Option<Value>,
    /// How its text is read.
    pub kind: HeaderType,
    /// Whether it is masked wherever it comes up.
    pub secret: bool,
}

impl Save {
    /// What stands there, as it is.
    pub fn plain(name: &str, from: SaveFrom) -> Self {
        let kind = HeaderType::Text;
        Self { name: name.to_owned(), from, matching: None, default: None, kind, secret: false }
    }
}

/// Where in an exchange a value stands.
#[derive(Debug, Clone)]
pub enum SaveFrom {
    /// In the JSON body.
    Json(JsonPath),
    /// In the XML body.
    Xml(Box<XmlPath>),
    /// The URL of the request itself.
    Url,
    /// In a header.
    Header(String),
    /// The Location header, resolved against the request's URL.
    Location,
    /// The status.
    Status,
    /// The time that the exchange took, in milliseconds.
    Took,
    /// The body as a text.
    Body,
    /// In the interim responses.
    Interim(Box<InterimSource>),
}

/// Where in the interim responses a value stands.
#[derive(Debug, Clone)]
pub struct InterimSource {
    /// Those that are meant.
    pub status: StatusSet,
    /// What is kept of them.
    pub header: InterimHeader,
    /// Whether a list of the values in all of them is kept, and not that in the first that has one.
    pub is_list: bool,
}

/// A header of an interim response.
#[derive(Debug, Clone)]
pub enum InterimHeader {
    /// The one of this name.
    Named(String),
    /// Location, resolved against the request's URL.
    Location,
}

/// How a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderType {
    /// As it is.
    Text,
    /// An integer.
    Int,
    /// An HTTP-date, as seconds since 1970.
    HttpDate,
    /// A structured field: an item, a list or a dictionary.
    Structured,
    /// A structured field that is an integer.
    StructuredInteger,
    /// A structured field that is a boolean.
    StructuredBoolean,
    /// A structured field that is a dictionary.
    StructuredDictionary,
}

/// A `JSONPath` with its text.
#[derive(Clone)]
pub struct JsonPath {
    text: String,
    path: serde_json_path::JsonPath,
}

impl JsonPath {
    /// Reads a path.
    pub fn parse(text: &str) -> Result<Self, String> {
        let path = serde_json_path::JsonPath::parse(text).map_err(|error| error.to_string())?;
        Ok(Self { text: text.to_owned(), path })
    }

    /// What it finds: the value itself where the path can hit only once, else the list of hits. `None` where it hits
    /// nothing.
    pub fn find(&self, value: &Value) -> Option<Value> {
        let hits = self.path.query(value);
        if self.hits_once() {
            return hits.first().cloned();
        }
        let hits: Vec<Value> = hits.all().into_iter().cloned().collect();
        Some(Value::Array(hits))
    }

    /// RFC 9535's singular queries have names and indices only.
    fn hits_once(&self) -> bool {
        let mut quoted = None;
        let mut before = ' ';
        for c in self.text.chars() {
            match quoted {
                Some(quote) if c == quote => quoted = None,
                None if c == '\'' || c == '"' => quoted = Some(c),
                None if matches!(c, '*' | '?' | ':' | ',') || (c == '.' && before == '.') => return false,
                Some(_) | None => {}
            }
            before = c;
        }
        true
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::JsonPath;

    #[test]
    fn a_path_that_hits_once_gives_the_value_and_others_a_list() {
        let body = json!({"token": "to1", "data": [{"token": "a"}, {"token": "b"}]});
        let find = |text| JsonPath::parse(text).expect("a path").find(&body);
        assert_eq!(find("$.token"), Some(json!("to1")));
        assert_eq!(find("$.data[1].token"), Some(json!("b")));
        assert_eq!(find("$['token']"), Some(json!("to1")));
        assert_eq!(find("$.gone"), None);
        assert_eq!(find("$.data[*].token"), Some(json!(["a", "b"])));
        assert_eq!(find("$.data[?@.token == 'b'].token"), Some(json!(["b"])));
        assert_eq!(find("$.gone[*]"), Some(json!([])));
        assert_eq!(find("$..token"), Some(json!(["to1", "a", "b"])));
    }
}
