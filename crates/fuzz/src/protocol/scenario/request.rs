//! A request of the suite, as a scenario writes it.

use super::super::requests::place_of_bytes;
use super::writer::Writer;
use crate::yaml::quoted;
use uptake_check::Caller;
use uptake_suite::expr::Template;
use uptake_suite::json::JsonTemplate;
use uptake_suite::request::{Auth, Body, Field, FieldValue, Request, Source};

/// The names whose values are numbers that the scenario writes out.
const NUMBERS: [&str; 7] = ["from", "to", "length", "number", "total", "count", "ttl"];
/// Those of them that are known only where a segment begins at a known place.
const PLACE: [&str; 3] = ["from", "to", "length"];

/// Which bytes of the content a request sends.
pub(super) enum Placed {
    /// None.
    Nothing,
    /// These.
    At { from: u64, length: u64 },
    /// Those from where the target goes on; variables say which.
    Reported,
}

impl Writer {
    /// The request's lines.
    pub(super) fn request(
        &mut self,
        indent: usize,
        caller: &Caller<'_>,
        request: &Request,
        placed: &Placed,
    ) -> Option<()> {
        let texts = Texts { caller, placed };
        let path = texts.text(&request.path);
        match request.method.as_str() {
            method @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => {
                self.line(indent, &format!("{}: {path}", method.to_lowercase()));
            }
            method => self.line(
                indent,
                &format!("request: {}", quoted(&format!("{method} {}", request.path.written()))),
            ),
        }
        let envelope = &request.envelope;
        match &envelope.auth {
            Auth::None => {}
            Auth::Named(name, None) => self.line(indent, &format!("auth: {name}")),
            Auth::Named(name, Some(value)) => {
                self.line(indent, &format!("auth: {{ {name}: {} }}", texts.text(value)));
            }
            Auth::Literal(value) => self.line(indent, &format!("auth: {{ literal: {} }}", texts.text(value))),
        }
        for (key, pairs) in [("query", &envelope.query), ("headers", &envelope.headers)] {
            if !pairs.is_empty() {
                let pairs: Vec<_> = pairs
                    .iter()
                    .map(|(name, value)| format!("{}: {}", quoted(name), texts.text(value)))
                    .collect();
                self.line(indent, &format!("{key}: {{ {} }}", pairs.join(", ")));
            }
        }
        self.body(indent, &texts, &request.body)
    }

    fn body(&mut self, indent: usize, texts: &Texts<'_, '_>, body: &Body) -> Option<()> {
        let bytes = texts.bytes();
        match body {
            Body::Empty => {}
            Body::Json(json) => self.line(indent, &format!("json: {}", texts.json(json))),
            Body::Text(text) => self.line(indent, &format!("text: {}", texts.text(text))),
            // A list of parts stands in it as it was sent.
            Body::Parts(parts) => {
                self.line(indent, &format!("text: {}", quoted(&texts.caller.parts(parts).ok()?)));
            }
            Body::Content(content) => {
                let content = match &content.source {
                    Source::Named(_) => bytes,
                    Source::Seeded(size) => format!("size: {}", texts.caller.eval(size).ok()?),
                    Source::Text(text) => format!("text: {}", texts.text(text)),
                    Source::File(_) => return None,
                };
                self.line(indent, &format!("body: {{ {content} }}"));
            }
            Body::Form(fields) => {
                // A form with other content than the segment's has no words here.
                let mut copy = body.clone();
                place_of_bytes(&mut copy)?;
                let fields: Vec<_> = fields.iter().map(|field| texts.field(field, &bytes)).collect();
                self.line(indent, &format!("form: [ {} ]", fields.join(", ")));
            }
        }
        Some(())
    }
}

/// Writes texts with the numbers put in.
struct Texts<'t, 'c> {
    caller: &'t Caller<'c>,
    placed: &'t Placed,
}

impl Texts<'_, '_> {
    /// The text in quotes. Where an expression uses numbers alone, its value stands there.
    fn text(&self, template: &Template) -> String {
        if template.names().contains(&"parts") {
            return quoted(&self.caller.text(template).unwrap_or_else(|_| template.written().to_owned()));
        }
        let mut text = String::new();
        let mut rest = template.written();
        while let Some((before, inner, after)) = expression(rest) {
            text.push_str(before);
            text.push_str(&self.value(inner).unwrap_or_else(|| format!("${{{inner}}}")));
            rest = after;
        }
        text.push_str(rest);
        quoted(&text)
    }

    /// The value of an expression that uses numbers alone.
    fn value(&self, expression: &str) -> Option<String> {
        let template = Template::parse(&format!("${{{expression}}}")).ok()?;
        let names = template.names();
        let is_known = |name: &&str| {
            NUMBERS.contains(name) && !(matches!(self.placed, Placed::Reported) && PLACE.contains(name))
        };
        if names.is_empty() || !names.iter().all(is_known) {
            return None;
        }
        self.caller.text(&template).ok()
    }

    /// The bytes of the content that are sent.
    fn bytes(&self) -> String {
        match self.placed {
            Placed::Nothing => "of: file".to_owned(),
            Placed::At { from, length } => format!("of: file, from: {from}, length: {length}"),
            Placed::Reported => "of: file, from: from, length: length".to_owned(),
        }
    }

    fn field(&self, field: &Field, bytes: &str) -> String {
        let name = quoted(&field.name);
        match &field.value {
            FieldValue::Text(text) => format!("{{ {name}: {} }}", self.text(text)),
            FieldValue::File(part) => {
                let mut words = vec![bytes.to_owned()];
                words.extend(part.name.as_ref().map(|name| format!("name: {}", self.text(name))));
                words.extend(part.kind.as_ref().map(|kind| format!("type: {}", self.text(kind))));
                format!("{{ {name}: {{ {} }} }}", words.join(", "))
            }
        }
    }

    fn json(&self, json: &JsonTemplate) -> String {
        match json {
            JsonTemplate::Literal(value) => value.to_string(),
            JsonTemplate::Text(text) => self.text(text),
            JsonTemplate::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.json(item)).collect();
                format!("[{}]", items.join(", "))
            }
            JsonTemplate::Map(entries) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(key, value)| format!("{}: {}", quoted(key), self.json(value)))
                    .collect();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }
}

/// The text before the first expression, the expression, and what stands behind it. `$${` begins none.
fn expression(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let at = from + text[from..].find("${")?;
        if text[..at].ends_with('$') {
            from = at + 2;
            continue;
        }
        let end = at + text[at..].find('}')?;
        return Some((&text[..at], &text[at + 2..end], &text[end + 1..]));
    }
}
