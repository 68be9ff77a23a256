//! What a server answered.

use serde_json::Value as Json;

/// A response, or that there was none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reply {
    /// The status; none where no valid response came.
    pub status: Option<u16>,
    /// The headers, by name in any case.
    pub headers: Vec<(String, String)>,
    /// The body as JSON, where it is that.
    pub json: Option<Json>,
    /// The length of the body.
    pub length: usize,
    /// Whether the API key stands anywhere in the response.
    pub shows_key: bool,
}

impl Reply {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// A text of the body.
    pub(super) fn text(&self, member: &str) -> Option<&str> {
        self.json.as_ref()?.get(member)?.as_str()
    }

    /// The slug of a problem: the last segment of its type.
    pub fn slug(&self) -> Option<&str> {
        self.text("type")?.rsplit('/').next()
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}
