//! Responses, interim and final, as they are written.

use std::fmt::Write as _;

use serde_json::Value;

/// A final response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Response {
    pub(super) status: u16,
    fields: Vec<(&'static str, String)>,
    body: String,
}

impl Response {
    pub(super) fn new(status: u16) -> Self {
        Self { status, fields: Vec::new(), body: String::new() }
    }

    /// With a field; an empty value leaves it out.
    #[expect(clippy::needless_pass_by_value, reason = "callers pass numbers and texts alike")]
    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        let value = value.to_string();
        if !value.is_empty() {
            self.fields.retain(|(have, _)| *have != name);
            self.fields.push((name, value));
        }
        self
    }

    pub(super) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub(super) fn json(self, media_type: &str, body: &Value) -> Self {
        let mut response = self.with("Content-Type", media_type);
        response.body = body.to_string();
        response
    }

    /// The bytes of this response to a request of `method`.
    pub(super) fn to_bytes(&self, method: &str, closes: bool) -> Vec<u8> {
        let mut text = head(self.status, self.fields.iter().map(|(name, value)| (*name, value.as_str())));
        if self.status != 204 {
            line(&mut text, "Content-Length", &self.body.len().to_string());
        }
        let now = httpdate::fmt_http_date(std::time::SystemTime::now());
        line(&mut text, "Date", &now);
        if closes {
            line(&mut text, "Connection", "close");
        }
        text.push_str("\r\n");
        if method != "HEAD" && self.status != 204 {
            text.push_str(&self.body);
        }
        text.into_bytes()
    }
}

/// The bytes of an interim response.
pub(super) fn interim<'f>(status: u16, fields: impl Iterator<Item = (&'f str, &'f str)>) -> Vec<u8> {
    let mut text = head(status, fields);
    text.push_str("\r\n");
    text.into_bytes()
}

fn head<'f>(status: u16, fields: impl Iterator<Item = (&'f str, &'f str)>) -> String {
    let mut text = format!("HTTP/1.1 {status} {}\r\n", reason(status));
    fields.for_each(|(name, value)| line(&mut text, name, value));
    text
}

fn line(text: &mut String, name: &str, value: &str) {
    write!(text, "{name}: {value}\r\n").expect("writing to a String cannot fail");
}

fn reason(status: u16) -> &'static str {
    match status {
        104 => "Upload Resumption Supported",
        other => http::StatusCode::from_u16(other)
            .ok()
            .and_then(|code| code.canonical_reason())
            .unwrap_or_default(),
    }
}
