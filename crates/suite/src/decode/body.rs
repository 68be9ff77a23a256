//! Bodies, content and how it goes out.

use super::context::Context;
use super::expect::transpose;
use crate::request::{Body, Content, Delivery, Field, FieldValue, FilePart, Length, Source, TextPart};
use uptake_yaml::{Fields, Node, Reader, Value};

impl Context<'_> {
    /// The body, which one of several keys gives.
    pub(super) fn body(&self, fields: &mut Fields<'_, '_>) -> Option<Body> {
        let json = fields.take("json");
        let text = fields.take("text");
        let form = fields.take("form");
        let body = fields.take("body");
        if let Some(second) = [json, text, form, body].into_iter().flatten().nth(1) {
            return self.reader.problem(
                second.at,
                "a request has one body",
                "keep one of: json, text, form, body",
            );
        }
        if let Some(node) = json {
            return self.json(node).map(Body::Json);
        }
        if let Some(node) = text {
            return match &node.value {
                Value::List(parts) => {
                    parts.iter().map(|part| self.text_part(part)).collect::<Option<_>>().map(Body::Parts)
                }
                _ => self.template(node, "text").map(Body::Text),
            };
        }
        if let Some(node) = form {
            return self
                .reader
                .list(node, "form")?
                .iter()
                .map(|item| self.field(item))
                .collect::<Option<_>>()
                .map(Body::Form);
        }
        if let Some(node) = body {
            let mut fields = self.reader.fields(node, "body")?;
            return self.content(&mut fields).map(Body::Content);
        }
        Some(Body::Empty)
    }

    /// A part of a text: a text, or `{ for-each: { NAME: LIST }, text: … }`.
    fn text_part(&self, node: &Node) -> Option<TextPart> {
        if !matches!(node.value, Value::Map(_)) {
            return self.template(node, "text").map(TextPart::Text);
        }
        let mut fields = self.reader.fields(node, "a part of a string")?;
        let each = fields.require("for-each");
        let text = fields.require("text");
        drop(fields);
        let (key, list) = self.reader.named(each?, "for-each")?;
        self.check_variable(key)?;
        let list = self.expr(list, "for-each")?;
        self.define(&key.text);
        let text = self.template(text?, "text");
        self.forget(&key.text);
        Some(TextPart::Each { variable: key.text.clone(), list, text: text? })
    }

    fn field(&self, node: &Node) -> Option<Field> {
        let (key, value) = self.reader.named(node, "a form's field")?;
        let name = key.text.clone();
        if !matches!(value.value, Value::Map(_)) {
            return Some(Field { name, value: FieldValue::Text(self.template(value, "the field")?) });
        }
        let mut fields = self.reader.fields(value, "a form's file")?;
        let file_name = transpose(fields.take("name").map(|node| self.template(node, "name")))?;
        let kind = transpose(fields.take("type").map(|node| self.template(node, "type")))?;
        let content = self.content(&mut fields)?;
        Some(Field { name, value: FieldValue::File(Box::new(FilePart { content, name: file_name, kind })) })
    }

    fn content(&self, fields: &mut Fields<'_, '_>) -> Option<Content> {
        let from = transpose(fields.take("from").map(|node| self.expr(node, "from")));
        let length = transpose(fields.take("length").map(|node| self.expr(node, "length")));
        let source = self.source(fields);
        Some(Content { source: source?, from: from?, length: length? })
    }

    /// A byte stream: `size`, `of`, `file` or `text`.
    pub(super) fn source(&self, fields: &mut Fields<'_, '_>) -> Option<Source> {
        let size = fields.take("size");
        let of = fields.take("of");
        let file = fields.take("file");
        let text = fields.take("text");
        match (size, of, file, text) {
            (Some(node), None, None, None) => self.expr(node, "size").map(Source::Seeded),
            (None, Some(node), None, None) => {
                self.check_known(node, "a content", &self.known.contents).map(Source::Named)
            }
            (None, None, Some(node), None) => {
                self.check_known(node, "a file", &self.known.media).map(Source::File)
            }
            (None, None, None, Some(node)) => self.template(node, "text").map(Source::Text),
            (None, None, None, None) => self.reader.problem(
                fields.at(),
                "the content has no source",
                "add one of: size, of, file, text",
            ),
            _ => self.reader.problem(
                fields.at(),
                "the content has two sources",
                "keep one of: size, of, file, text",
            ),
        }
    }

    pub(super) fn delivery(&self, node: Option<&Node>) -> Option<Delivery> {
        let Some(node) = node else { return Some(Delivery::default()) };
        let mut fields = self.reader.fields(node, "delivery")?;
        let mut delivery = Delivery::default();
        let length = fields.take("length");
        let break_off = fields.take("break-off");
        let stall = fields.take("stall");
        let hold = fields.take("hold");
        let expect = fields.take("expect");
        let read = fields.take("read");
        drop(fields);
        if let Some(node) = length {
            delivery.length = match node.text() {
                Some("declared") => Length::Declared,
                Some("chunked") => Length::Chunked,
                _ => Length::Claimed(self.expr(node, "length")?),
            };
        }
        if let Some(node) = break_off {
            delivery.break_off = Some(self.expr(node, "break-off")?);
        }
        if let Some(node) = stall {
            let mut fields = self.reader.fields(node, "stall")?;
            let pause = fields.require("for").map(|node| self.reader.duration(node, "for"));
            let after = fields.require("after").map(|node| self.expr(node, "after"));
            delivery.stall = Some((after??, pause??));
        }
        if let Some(node) = hold {
            self.check_barrier(node.at, "`hold`")?;
            for item in Reader::one_or_more(node) {
                delivery.hold.push(self.reader.text(item, "a barrier")?);
            }
        }
        if let Some(node) = read {
            delivery.deaf = self.reader.word(node, "read", &[("after", true), ("at-once", false)])?;
        }
        if let Some(node) = expect {
            self.reader.word(node, "expect", &[("100-continue", ())])?;
            delivery.waits = true;
        }
        Some(delivery)
    }
}
