//! Expressions, templates and JSON with templates.

use serde_json::Value as Json;

use regex::Regex;

use super::context::Context;
use crate::expr::{Expr, Template, parse};
use crate::json::JsonTemplate;
use crate::needs::Needs;
use crate::save::JsonPath;
use crate::status::{StatusRange, StatusSet};
use crate::xml::XmlPath;
use uptake_yaml::{Node, Value};

impl Context<'_> {
    /// An expression; `${ }` around it may be left out.
    pub(super) fn expr(&self, node: &Node, what: &str) -> Option<Expr> {
        let expr = self.bind_expr(node.at, self.unbound_expr(node, what)?)?;
        self.check_names(node.at, expr.names())?;
        Some(expr)
    }

    /// The same before rows' values are in it.
    pub(super) fn unbound_expr(&self, node: &Node, what: &str) -> Option<Expr> {
        let text = match &node.value {
            Value::Int(number) => return Some(Expr::Literal((*number).into())),
            Value::Bool(truth) => return Some(Expr::Literal((*truth).into())),
            Value::List(items) => {
                return items
                    .iter()
                    .map(|item| self.unbound_expr(item, what))
                    .collect::<Option<_>>()
                    .map(Expr::List);
            }
            _ => self.reader.text(node, what)?,
        };
        let expr = if text.contains("${") {
            match Template::parse(&text) {
                Ok(template) => match template.into_expr() {
                    Some(expr) => expr,
                    None => {
                        return self.reader.problem(
                            node.at,
                            format!("{what} is an expression, not a string that contains expressions"),
                            "write one expression, with or without `${ }` around it",
                        );
                    }
                },
                Err(error) => return self.reader.problem(node.at, format!("{what}: {error}"), error.help()),
            }
        } else {
            match parse(&text) {
                Ok(expr) => expr,
                Err(error) => return self.reader.problem(node.at, format!("{what}: {error}"), error.help()),
            }
        };
        Some(expr)
    }

    /// A value for `let` and `set`: a text is an expression only inside `${ }`.
    pub(super) fn value_expr(&self, node: &Node, what: &str) -> Option<Expr> {
        self.expr(node, what)
    }

    /// A text with `${ }` in it; other scalars as they are written.
    pub(super) fn template(&self, node: &Node, what: &str) -> Option<Template> {
        let text = self.reader.scalar(node, what)?;
        match Template::parse(&text) {
            Ok(template) => {
                let template = self.bind_template(node.at, template)?;
                self.check_names(node.at, template.names())?;
                Some(template)
            }
            Err(error) => self.reader.problem(node.at, format!("{what}: {error}"), error.help()),
        }
    }

    /// A regular expression.
    pub(super) fn regex(&self, node: &Node, what: &str) -> Option<Regex> {
        let pattern = self.reader.text(node, what)?;
        match Regex::new(&pattern) {
            Ok(regex) => Some(regex),
            Err(error) => {
                let text = error.to_string();
                let why = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
                self.reader.problem(
                    node.at,
                    format!("`{pattern}` is not a regular expression: {why}"),
                    "write `\\` before a character that is meant as it is, and close what is opened; the syntax is that of \
                     Rust's `regex`",
                )
            }
        }
    }

    /// `{ name: text }`; a list gives the name several times.
    pub(super) fn pairs(&self, node: &Node, what: &str) -> Option<Vec<(String, Template)>> {
        let mut pairs = Vec::new();
        for (key, value) in self.reader.entries(node, what)? {
            for item in uptake_yaml::Reader::one_or_more(value) {
                pairs.push((key.text.clone(), self.template(item, &key.text)?));
            }
        }
        Some(pairs)
    }

    /// JSON with templates in its texts.
    pub(super) fn json(&self, node: &Node) -> Option<JsonTemplate> {
        match &node.value {
            Value::Null => Some(JsonTemplate::Literal(Json::Null)),
            Value::Bool(truth) => Some(JsonTemplate::Literal((*truth).into())),
            Value::Int(number) => Some(JsonTemplate::Literal((*number).into())),
            Value::Float(number) => Some(JsonTemplate::Literal((*number).into())),
            Value::Ambiguous(_) => {
                self.reader.check_type(node)?;
                None
            }
            Value::Text(text) if !text.contains("${") => Some(JsonTemplate::Literal(text.as_str().into())),
            Value::Text(_) => self.template(node, "the string").map(JsonTemplate::Text),
            Value::List(items) => {
                items.iter().map(|item| self.json(item)).collect::<Option<_>>().map(JsonTemplate::List)
            }
            Value::Map(entries) => entries
                .iter()
                .map(|(key, value)| Some((key.text.clone(), self.json(value)?)))
                .collect::<Option<_>>()
                .map(JsonTemplate::Map),
        }
    }

    /// A path into XML.
    pub(super) fn xml_path(&self, node: &Node, what: &str) -> Option<XmlPath> {
        let text = self.reader.text(node, what)?;
        self.xml_path_text(node.at, &text)
    }

    /// A path into XML that is written as a key.
    pub(super) fn xml_path_text(&self, at: uptake_yaml::Span, text: &str) -> Option<XmlPath> {
        XmlPath::parse(text).map_or_else(
            |error| {
                self.reader.problem(
                    at,
                    format!("`{text}` is not an XML path: {error}"),
                    "write elements with slashes before them: `/List/Part[2]/Number`, `//Number`, `/List/Part[*]/Number` for all",
                )
            },
            Some,
        )
    }

    /// A `JSONPath`.
    pub(super) fn path(&self, node: &Node, what: &str) -> Option<JsonPath> {
        let text = self.reader.text(node, what)?;
        self.path_text(node.at, &text)
    }

    /// A `JSONPath` that is written as a key.
    pub(super) fn path_text(&self, at: uptake_yaml::Span, text: &str) -> Option<JsonPath> {
        JsonPath::parse(text).map_or_else(
            |error| {
                self.reader.problem(
                    at,
                    format!("`{text}` is not a JSONPath: {error}"),
                    "a path begins with `$`, such as `$.data[0].token` (RFC 9535)",
                )
            },
            Some,
        )
    }

    /// A status, a class of them, or a list of those.
    pub(super) fn statuses(&self, node: &Node) -> Option<StatusSet> {
        uptake_yaml::Reader::one_or_more(node)
            .iter()
            .map(|item| self.status(item))
            .collect::<Option<_>>()
            .map(StatusSet)
    }

    /// A status, or a class of them.
    pub(super) fn status(&self, node: &Node) -> Option<StatusRange> {
        let written = self.reader.scalar(node, "status")?;
        let class = written
            .strip_suffix("xx")
            .and_then(|digit| digit.parse().ok())
            .filter(|class| (1..=9).contains(class));
        let one = written.parse().ok().filter(|status| (100..=999).contains(status));
        class.map(StatusRange::Class).or(one.map(StatusRange::One)).or_else(|| {
            self.reader.problem(
                node.at,
                format!("`{written}` is not a status"),
                "write 200, a class such as 2xx, or a list of those",
            )
        })
    }

    /// Capabilities, each of which the suite knows.
    pub(super) fn needs(&self, has: Option<&Node>, lacks: Option<&Node>) -> Option<Needs> {
        let (has, lacks_at) = (self.capabilities(has, "needs"), lacks.map(|node| node.at));
        let needs = Needs { lacks: self.capabilities(lacks, "lacks")?, has: has? };
        if let (Some(name), Some(at)) = (needs.lacks.iter().find(|name| needs.has.contains(name)), lacks_at) {
            return self.reader.problem(
                at,
                format!("`{name}` is under both `needs` and `lacks`, so no target matches"),
                "keep one of them",
            );
        }
        Some(needs)
    }

    fn capabilities(&self, node: Option<&Node>, key: &str) -> Option<Vec<String>> {
        let Some(node) = node else { return Some(Vec::new()) };
        self.reader
            .list(node, key)?
            .iter()
            .map(|item| self.check_known(item, "a capability", &self.known.capabilities))
            .collect()
    }
}
