//! The state of one attempt at a case: what was created so far, the model, and what was sent.

use std::collections::BTreeMap;
use std::time::Instant;

use http::Method;

use crate::client::{NoResponse, RateLimitedClient, Response};
use crate::mismatch::{Evidence, Mismatch};
use crate::outcome::{AttemptOptions, Outcome, SegmentResult};
use uptake_oracle::{Allowed, Model, Span, Violation};
use uptake_payload::{Content, Seed};

pub(super) struct CaseRun<'a> {
    pub(super) client: &'a RateLimitedClient,
    pub(super) options: AttemptOptions,
    pub(super) model: Model,
    pub(super) tokens: Vec<String>,
    pub(super) videos: BTreeMap<usize, String>,
    /// Videos that no upload of the case accounts for.
    pub(super) unexpected_videos: Vec<String>,
    pub(super) began: Instant,
    /// Seconds by which the target's clock was moved.
    pub(super) advanced: u64,
    pub(super) transcript: Vec<String>,
    pub(super) results: Vec<SegmentResult>,
    /// The uploads whose bytes were looked at.
    pub(super) checksummed: Vec<usize>,
}

/// Where in a case something happens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Location {
    pub(super) step: usize,
    pub(super) segment: Option<usize>,
}

/// A segment's answer, with the times that the oracle must know.
pub(super) struct Sent {
    pub(super) response: Result<Response, NoResponse>,
    pub(super) began: Span,
    pub(super) arrived: Span,
}

/// The content of an upload.
pub(super) fn content(seed: Seed, upload: usize) -> Content {
    Content::seeded(seed.derive(&format!("upload {upload}")), u64::MAX)
}

impl<'a> CaseRun<'a> {
    pub(super) fn new(client: &'a RateLimitedClient, options: AttemptOptions) -> Self {
        Self {
            client,
            options,
            model: Model::new(client.contract_limits()),
            tokens: Vec::new(),
            videos: BTreeMap::new(),
            unexpected_videos: Vec::new(),
            began: Instant::now(),
            advanced: 0,
            transcript: Vec::new(),
            results: Vec::new(),
            checksummed: Vec::new(),
        }
    }

    pub(super) async fn clean_up(&mut self) {
        // What cannot be removed stays; the next case makes its own.
        for token in &self.tokens {
            let _ = self.client.manage(Method::DELETE, &format!("/upload-tokens/{token}"), None).await;
        }
        for id in self.videos.values().chain(&self.unexpected_videos) {
            let _ = self.client.manage(Method::DELETE, &format!("/videos/{id}"), None).await;
        }
    }

    /// Milliseconds on the target's clock since the case began, as far as we know.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX) + self.advanced * 1000
    }
}

pub(super) fn failed(location: Location, violation: &Violation, evidence: Evidence, got: String) -> Outcome {
    let rule = violation.allowed.iter().find_map(Allowed::rule).unwrap_or("UPLOAD-01").to_owned();
    let allowed: Vec<_> = violation.allowed.iter().map(ToString::to_string).collect();
    let expected = allowed.join(", or ");
    let Location { step, segment } = location;
    Outcome::Failed(Box::new(Mismatch { step, segment, rule, expected, got, evidence }))
}
