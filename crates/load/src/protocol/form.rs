//! The multipart form around a file (RFC 7578).

use super::parts::{Part, Parts};

/// A form's text before the file and after it.
pub(super) struct Form {
    boundary: String,
    before: Parts,
    after: Parts,
    has_file: bool,
}

impl Form {
    pub(super) fn new(boundary: &str) -> Self {
        Self {
            boundary: boundary.to_owned(),
            before: Parts::default(),
            after: Parts::default(),
            has_file: false,
        }
    }

    pub(super) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// Adds a field of text, which is left out if its value is missing.
    pub(super) fn text(&mut self, name: &str, value: Parts) {
        let mut field = self.opening(name, "");
        field.extend(value);
        field.push(Part::Text("\r\n".to_owned()));
        let side = if self.has_file { &mut self.after } else { &mut self.before };
        match field.fixed() {
            Some(text) => side.push(Part::Text(text.to_owned())),
            None => side.push(Part::Optional(field)),
        }
    }

    /// Adds the file.
    pub(super) fn file(&mut self, field: &str, file_name: Option<&str>, content_type: Option<&str>) {
        let name = file_name.map(|name| format!("; filename=\"{}\"", escape(name))).unwrap_or_default();
        let kind = content_type.map(|kind| format!("\r\nContent-Type: {kind}")).unwrap_or_default();
        let head = self.opening(field, &format!("{name}{kind}"));
        self.before.extend(head);
        self.after.push(Part::Text("\r\n".to_owned()));
        self.has_file = true;
    }

    /// The text before the file and after it.
    pub(super) fn finish(mut self) -> (Parts, Parts) {
        self.after.push(Part::Text(format!("--{}--\r\n", self.boundary)));
        (self.before, self.after)
    }

    fn opening(&self, name: &str, more: &str) -> Parts {
        Parts::text(format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{}\"{more}\r\n\r\n",
            self.boundary,
            escape(name)
        ))
    }
}

/// What would end the quotes or the line is percent-encoded, as browsers do it.
fn escape(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
