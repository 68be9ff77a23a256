//! What was sent and what came back.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Method;
use url::Url;

use super::coding;
use super::{BodySummary, Fault, RawBytes, Request, Version};

/// One exchange.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What was sent.
    pub request: Sent,
    /// The answer, or why there is none.
    pub outcome: Result<Answer, Fault>,
    /// The interim responses that came, whether a final one followed or not.
    pub interim: Vec<Interim>,
    /// When it began.
    pub started: SystemTime,
    /// How long it took, the connection's set-up included.
    pub took: Duration,
}

/// What was sent. It holds secrets: what leaves the program goes through [`Secrets`](super::Secrets) first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The version of HTTP.
    pub version: Version,
    /// The method; none where raw bytes were sent.
    pub method: Option<Method>,
    /// Where to.
    pub url: Url,
    /// The headers as they went out, `Host` and framing included.
    pub headers: Vec<(String, String)>,
    /// What the body was.
    pub body: BodySummary,
    /// What was odd about the delivery, in words; empty for a plain one.
    pub delivery: String,
}

impl Sent {
    pub(super) fn of(request: &Request, version: Version, headers: Vec<(String, String)>) -> Sent {
        Sent {
            version,
            method: Some(request.method.clone()),
            url: request.url.clone(),
            headers,
            body: request.body.summary().clone(),
            delivery: request.delivery.to_string(),
        }
    }

    pub(super) fn raw(url: &Url, raw: &RawBytes) -> Sent {
        Sent {
            version: Version::Http1,
            method: None,
            url: url.clone(),
            headers: Vec::new(),
            body: BodySummary::Raw(Bytes::from(raw.all())),
            delivery: raw.then.to_string(),
        }
    }
}

/// A complete answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers in the order and the spelling in which they came; bytes that are not UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// The interim responses that came before it.
    pub interim: Vec<Interim>,
    /// The body, without its transfer coding and a content coding that is known.
    pub body: Bytes,
}

/// An interim (1xx) answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interim {
    /// The status.
    pub status: u16,
    /// The headers, as in [`Answer`].
    pub headers: Vec<(String, String)>,
}

impl Answer {
    /// The first header of this name, in whatever case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The content coding that its body came in, where there was one.
    pub fn coding(&self) -> Option<&str> {
        self.header("Content-Encoding").and_then(coding::named)
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}

impl Interim {
    /// The first header of this name, in whatever case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

pub(super) fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
