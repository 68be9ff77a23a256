//! Requests, and what they have in common with segments.

use super::context::Context;
use super::expect::transpose;
use crate::expr::Template;
use crate::request::{Auth, Envelope, Request};
use uptake_yaml::{Fields, Node, Span, Value};

/// The methods that are keys of their own.
pub(super) const METHODS: [&str; 7] = ["get", "head", "post", "put", "patch", "delete", "options"];

impl Context<'_> {
    /// A request by one of the methods' keys.
    pub(super) fn request(&self, method: &str, path: &Node, fields: &mut Fields<'_, '_>) -> Option<Request> {
        let target = self.template(path, method);
        let envelope = self.envelope(fields);
        let body = self.body(fields);
        Some(Request { method: method.to_ascii_uppercase(), path: target?, envelope: envelope?, body: body? })
    }

    /// `request: "METHOD PATH"`.
    pub(super) fn any_request(&self, line: &Node, fields: &mut Fields<'_, '_>) -> Option<Request> {
        let envelope = self.envelope(fields);
        let body = self.body(fields);
        let (method, path) = self.method_and_path(line)?;
        Some(Request { method, path, envelope: envelope?, body: body? })
    }

    /// `METHOD PATH`, as suites write it too.
    pub(super) fn method_and_path(&self, node: &Node) -> Option<(String, Template)> {
        let text = self.reader.text(node, "the request")?;
        let well = |method: &str| {
            !method.is_empty()
                && method.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
        };
        match text.split_once(' ') {
            Some((method, path)) if well(method) => {
                let path = self.template_text(node.at, path.trim())?;
                Some((method.to_owned(), path))
            }
            _ => self.reader.problem(
                node.at,
                format!("`{text}` is not a request line"),
                "write a method and a path: `LOCK /files/1`",
            ),
        }
    }

    fn template_text(&self, at: Span, text: &str) -> Option<Template> {
        self.template(&Node { at, value: Value::Text(text.to_owned()) }, "the path")
    }

    pub(super) fn envelope(&self, fields: &mut Fields<'_, '_>) -> Option<Envelope> {
        let auth = self.auth(fields.take("auth"));
        let query = transpose(fields.take("query").map(|node| self.pairs(node, "query")));
        let headers = self.headers(fields.take("headers"));
        let delivery = self.delivery(fields.take("delivery"));
        let interim = transpose(fields.take("interim").map(|node| self.reader.truth(node, "interim")));
        Some(Envelope {
            auth: auth?,
            query: query?.unwrap_or_default(),
            headers: headers?,
            delivery: delivery?,
            interim: interim?.unwrap_or(false),
        })
    }

    /// A request's own headers, and those of the suite that it does not name; `null` leaves a header of the suite out.
    fn headers(&self, node: Option<&Node>) -> Option<Vec<(String, Template)>> {
        let mut headers = Vec::new();
        let mut left_out: Vec<&str> = Vec::new();
        if let Some(node) = node {
            for (key, value) in self.reader.entries(node, "headers")? {
                left_out.push(&key.text);
                if matches!(value.value, Value::Null) && self.has_default(&key.text) {
                    continue;
                }
                for item in uptake_yaml::Reader::one_or_more(value) {
                    headers.push((key.text.clone(), self.template(item, &key.text)?));
                }
            }
        }
        let is_named = |name: &str| left_out.iter().any(|named| named.eq_ignore_ascii_case(name));
        headers.extend(self.known.headers.iter().filter(|(name, _)| !is_named(name)).cloned());
        Some(headers)
    }

    fn has_default(&self, name: &str) -> bool {
        self.known.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    pub(super) fn auth(&self, node: Option<&Node>) -> Option<Auth> {
        let Some(node) = node else {
            return Some(match &self.known.auth {
                Some(name) => self.named_auth(name, None),
                None => Auth::None,
            });
        };
        let names: Vec<_> = self.known.credentials.iter().map(|known| known.name.clone()).collect();
        if let Some(text) = node.text() {
            if text == "none" {
                return Some(Auth::None);
            }
            let name = self.check_known(node, "a credential", &names)?;
            if self.known.credentials.iter().any(|known| known.name == name && !known.has_value) {
                return self.reader.problem(
                    node.at,
                    format!("the credential `{name}` needs its value"),
                    format!("write {{ {name}: \"${{…}}\" }}"),
                );
            }
            return Some(self.named_auth(&name, None));
        }
        let (key, value) = self.reader.named(node, "auth")?;
        if key.text == "literal" {
            return self.template(value, "literal").map(Auth::Literal);
        }
        if !names.contains(&key.text) {
            let known = names.join(", ");
            return self.reader.problem(
                key.at,
                format!("unknown credential `{}`", key.text),
                format!("choose from: none, literal, {known}"),
            );
        }
        let value = self.template(value, &key.text)?;
        Some(self.named_auth(&key.text, Some(value)))
    }

    /// A credential of the suite, whose secrets are needed from then on.
    fn named_auth(&self, name: &str, value: Option<Template>) -> Auth {
        let known = self.known.credentials.iter().find(|known| known.name == name);
        let from = known.map_or(&[][..], |known| &known.needed);
        // A value that stands in the place of the only secret makes it unnecessary.
        if value.is_none() || from.len() > 1 {
            for secret in from {
                self.use_secret(secret);
            }
        }
        Auth::Named(name.to_owned(), value)
    }
}
