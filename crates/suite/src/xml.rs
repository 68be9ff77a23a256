//! Paths into an XML body: a part of `XPath` 1.0, in which names stand without their namespaces.
//!
//! `/List/Part/Number` begins at the root, `//Number` finds an element anywhere, `*` is any element, `Part[2]` the second of its
//! siblings of that name, and `@name` an attribute. As in `XPath`, the text of a path is that of the first element that it finds.
//! `[*]` after a name makes the path a list of the texts of all that it finds.

use std::fmt;

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::Value;

/// More elements and attributes than any answer within the bounds of a body needs.
const MOST_NODES: u32 = 200_000;

/// A path with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlPath {
    text: String,
    steps: Vec<PathStep>,
    attribute: Option<String>,
    finds_all: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct PathStep {
    is_anywhere: bool,
    /// None for `*`.
    name: Option<String>,
    /// The place among siblings of the name, from 1.
    position: Option<usize>,
}

impl XmlPath {
    /// Reads a path.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut path = Self { text: text.to_owned(), steps: Vec::new(), attribute: None, finds_all: false };
        let mut rest = text;
        while !rest.is_empty() {
            let after = rest.strip_prefix('/').ok_or("a `/` is missing")?;
            let (is_anywhere, after) = match after.strip_prefix('/') {
                Some(after) => (true, after),
                None => (false, after),
            };
            if path.attribute.is_some() {
                return Err("an attribute cannot have children".to_owned());
            }
            let end = after.find('/').unwrap_or(after.len());
            let (step, left) = after.split_at(end);
            rest = left;
            match step.strip_prefix('@') {
                Some(_) if path.steps.is_empty() || is_anywhere => {
                    return Err("an attribute needs an element before it".to_owned());
                }
                Some(name) => path.attribute = Some(xml_name(name)?.to_owned()),
                None => {
                    let step = path.step(step, is_anywhere)?;
                    path.steps.push(step);
                }
            }
        }
        if path.steps.is_empty() { Err("the element is missing".to_owned()) } else { Ok(path) }
    }

    fn step(&mut self, text: &str, is_anywhere: bool) -> Result<PathStep, String> {
        let (name, place) = match text.split_once('[') {
            Some((name, place)) => (name, Some(place.strip_suffix(']').ok_or("a `]` is missing")?)),
            None => (text, None),
        };
        let position = match place {
            None => None,
            Some("*") => {
                self.finds_all = true;
                None
            }
            Some(number) => match number.parse() {
                Ok(0) | Err(_) => return Err(format!("`[{number}]` is neither `[*]` nor a number from 1")),
                Ok(position) => Some(position),
            },
        };
        let name = if name == "*" { None } else { Some(xml_name(name)?.to_owned()) };
        Ok(PathStep { is_anywhere, name, position })
    }

    /// What it finds in a document: a text, or a list of texts where the path has `[*]`. `None` where it finds nothing.
    pub fn find(&self, body: &Xml<'_>) -> Option<Value> {
        let mut nodes = vec![body.0.root()];
        for step in &self.steps {
            nodes = nodes.into_iter().flat_map(|node| step.from(node)).collect();
        }
        let mut texts = nodes.into_iter().filter_map(|node| self.text_of(node));
        if self.finds_all { Some(texts.collect()) } else { texts.next() }
    }

    fn text_of(&self, node: Node<'_, '_>) -> Option<Value> {
        if let Some(name) = &self.attribute {
            let mut attributes = node.attributes();
            return attributes.find(|attribute| attribute.name() == name).map(|found| found.value().into());
        }
        let texts = node.descendants().filter(Node::is_text).filter_map(|node| node.text());
        Some(Value::String(texts.collect()))
    }
}

impl PathStep {
    fn from<'a, 'i>(&self, node: Node<'a, 'i>) -> Vec<Node<'a, 'i>> {
        if !self.is_anywhere {
            return self.children(node);
        }
        node.descendants().flat_map(|node| self.children(node)).collect()
    }

    fn children<'a, 'i>(&self, node: Node<'a, 'i>) -> Vec<Node<'a, 'i>> {
        let is_meant =
            |node: &Node<'_, '_>| self.name.as_deref().is_none_or(|name| node.tag_name().name() == name);
        let found = node.children().filter(Node::is_element).filter(is_meant);
        match self.position {
            Some(position) => found.skip(position - 1).take(1).collect(),
            None => found.collect(),
        }
    }
}

fn xml_name(name: &str) -> Result<&str, String> {
    let is_good = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    if is_good { Ok(name) } else { Err(format!("`{name}` is not an element name")) }
}

impl fmt::Display for XmlPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A document that was read. It declares no entities: a document type is refused.
#[derive(Debug)]
pub struct Xml<'t>(Document<'t>);

impl<'t> Xml<'t> {
    /// Reads a document; `None` where the text is none.
    pub fn parse(text: &'t str) -> Option<Self> {
        let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
        Document::parse_with_options(text, options).ok().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const LIST: &str = "<?xml version=\"1.0\"?><List xmlns=\"urn:list\" kind=\"parts\"><Key>a &amp; b</Key>\
        <Part><Number>1</Number><Sum n=\"x\">\"aa\"</Sum></Part><Part><Number>2</Number><Empty/></Part></List>";

    #[test]
    fn a_path_gives_the_text_of_the_first_or_the_texts_of_all() {
        let body = Xml::parse(LIST).expect("a document");
        let find = |text| XmlPath::parse(text).expect("a path").find(&body);
        assert_eq!(find("/List/Key"), Some(json!("a & b")));
        assert_eq!(find("//Number"), Some(json!("1")));
        assert_eq!(find("//Part[2]/Number"), Some(json!("2")));
        assert_eq!(find("/List/Part[*]/Number"), Some(json!(["1", "2"])));
        assert_eq!(find("//Part[*]/Sum/@n"), Some(json!(["x"])));
        assert_eq!(find("/*/@kind"), Some(json!("parts")));
        assert_eq!(find("//Empty"), Some(json!("")));
        assert_eq!(find("/Key"), None);
        assert_eq!(find("//Part[3]/Number"), None);
        assert_eq!(find("//Gone[*]"), Some(json!([])));
    }

    #[test]
    fn what_is_no_path_is_said() {
        for (text, part) in [
            ("", "element is missing"),
            ("Key", "a `/` is missing"),
            ("/List[0]", "neither `[*]` nor a number"),
            ("/List[1", "a `]` is missing"),
            ("/List/@a/b", "cannot have children"),
            ("/@a", "needs an element"),
            ("/a b", "is not an element name"),
            ("///a", "is not an element name"),
        ] {
            let error = XmlPath::parse(text).expect_err("no path");
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn what_is_no_document_is_none() {
        for text in ["", "{}", "<a>", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"] {
            assert!(Xml::parse(text).is_none(), "{text}");
        }
    }
}
