//! Responses as values are read from them.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::client::Response;
use uptake_suite::saved;

/// A response to a measured request.
pub(super) struct Answer<'r> {
    response: &'r Response,
    base: &'r Url,
    json: OnceCell<Option<Value>>,
    url: OnceCell<String>,
}

impl<'r> Answer<'r> {
    pub(super) fn new(response: &'r Response, base: &'r Url) -> Self {
        Self { response, base, json: OnceCell::new(), url: OnceCell::new() }
    }
}

impl saved::Response for Answer<'_> {
    fn status(&self) -> u16 {
        self.response.status
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.response.headers.iter();
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn body(&self) -> &[u8] {
        &self.response.body
    }

    fn json(&self) -> Option<Cow<'_, Value>> {
        let json = self.json.get_or_init(|| serde_json::from_slice(&self.response.body).ok());
        json.as_ref().map(Cow::Borrowed)
    }

    fn url(&self) -> &str {
        self.url.get_or_init(|| self.base.join(&self.response.requested).map(Into::into).unwrap_or_default())
    }

    fn resolve(&self, reference: &str) -> Result<String, String> {
        let url = self.base.join(&self.response.requested).and_then(|url| url.join(reference));
        url.map(Into::into).map_err(|error| error.to_string())
    }

    fn took(&self) -> Duration {
        self.response.finished.saturating_duration_since(self.response.started)
    }
}

/// A response to a request that is not measured.
pub(super) struct Unmeasured<'r> {
    pub(super) answer: &'r uptake_wire::Answer,
    pub(super) url: &'r Url,
    pub(super) took: Duration,
}

impl saved::Response for Unmeasured<'_> {
    fn status(&self) -> u16 {
        self.answer.status
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.answer.header(name)
    }

    fn body(&self) -> &[u8] {
        &self.answer.body
    }

    fn json(&self) -> Option<Cow<'_, Value>> {
        serde_json::from_slice(&self.answer.body).ok().map(Cow::Owned)
    }

    fn url(&self) -> &str {
        self.url.as_str()
    }

    fn resolve(&self, reference: &str) -> Result<String, String> {
        self.url.join(reference).map(Into::into).map_err(|error| error.to_string())
    }

    fn took(&self) -> Duration {
        self.took
    }
}
