//! A multipart form (RFC 7578) whose fields stand in the order in which they were added.

use bytes::Bytes;

use super::body::Piece;
use super::{Body, BodySummary, FieldSummary};
use uptake_payload::Slice;

/// A form under construction. The boundary comes from the caller, so that one seed makes one form.
#[derive(Debug, Clone)]
pub struct Form {
    boundary: String,
    pieces: Vec<Piece>,
    fields: Vec<FieldSummary>,
}

/// A part that carries a file.
#[derive(Debug, Clone)]
pub struct FilePart {
    /// The field's name.
    pub field: String,
    /// The file name; a part without one is not seen as a file by every server.
    pub file_name: Option<String>,
    /// The part's content type.
    pub content_type: Option<String>,
    /// What it holds.
    pub slice: Slice,
}

impl Form {
    /// A form without fields.
    pub fn new(boundary: impl Into<String>) -> Form {
        Form { boundary: boundary.into(), pieces: Vec::new(), fields: Vec::new() }
    }

    /// Adds a field of text.
    #[must_use]
    pub fn text(mut self, name: impl Into<String>, value: impl Into<String>) -> Form {
        let (name, value) = (name.into(), Bytes::from(value.into()));
        self.open(&name, None, None);
        self.pieces.push(Piece::Bytes(value.clone()));
        self.close(FieldSummary {
            name,
            file_name: None,
            content_type: None,
            content: BodySummary::Bytes(value),
        })
    }

    /// Adds a file.
    #[must_use]
    pub fn file(mut self, part: FilePart) -> Form {
        let FilePart { field, file_name, content_type, slice } = part;
        self.open(&field, file_name.as_deref(), content_type.as_deref());
        let content = BodySummary::of(&slice);
        self.pieces.push(Piece::Slice(slice));
        self.close(FieldSummary { name: field, file_name, content_type, content })
    }

    /// The value for Content-Type, and the body.
    pub fn finish(mut self) -> (String, Body) {
        let end = format!("--{}--\r\n", self.boundary);
        self.pieces.push(Piece::Bytes(end.into()));
        let content_type = format!("multipart/form-data; boundary={}", parameter(&self.boundary));
        (content_type, Body::form(self.pieces, self.fields))
    }

    fn open(&mut self, name: &str, file_name: Option<&str>, content_type: Option<&str>) {
        use std::fmt::Write as _;
        let mut head =
            format!("--{}\r\nContent-Disposition: form-data; name=\"{}\"", self.boundary, escape(name));
        if let Some(file_name) = file_name {
            let _ = write!(head, "; filename=\"{}\"", escape(file_name));
        }
        if let Some(content_type) = content_type {
            let _ = write!(head, "\r\nContent-Type: {content_type}");
        }
        head.push_str("\r\n\r\n");
        self.pieces.push(Piece::Bytes(head.into()));
    }

    fn close(mut self, field: FieldSummary) -> Form {
        self.pieces.push(Piece::Bytes(Bytes::from_static(b"\r\n")));
        self.fields.push(field);
        self
    }
}

/// Names are quoted as browsers do it: what would end the quotes or the line is percent-encoded, and nothing else.
fn escape(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// A boundary with characters that no token may have stands in quotes (RFC 2046, section 5.1.1).
fn parameter(boundary: &str) -> String {
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if boundary.chars().all(token) { boundary.to_owned() } else { format!("\"{boundary}\"") }
}
