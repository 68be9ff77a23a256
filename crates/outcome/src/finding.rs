//! The result of one expectation, and why an expectation could not be tested.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{HttpVersion, Verdict};

/// A position in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// The result of one expectation for one rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The verdict of this expectation.
    pub verdict: Verdict,
    /// The name of the scenario.
    pub scenario: String,
    /// The name of the step.
    pub step: String,
    /// The position of the expectation.
    pub place: Place,
    /// The expected value.
    pub expected: String,
    /// The observed value.
    pub observed: String,
    /// The request and response, where they help to explain the finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<ExchangeRecord>,
    /// The index of the cause in `causes`, where the rule was blocked or inconclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<usize>,
}

/// A request and its response, with secrets masked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeRecord {
    /// The version of HTTP.
    #[serde(default)]
    pub http_version: HttpVersion,
    /// The request method.
    pub method: String,
    /// The request URL.
    pub url: String,
    /// A curl command that repeats the request.
    pub curl: String,
    /// The response status, where there was a response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The response headers, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The beginning of the response body, or why there was no response.
    pub answer: String,
    /// The time from the first byte of the request to the last byte of the response, in seconds.
    pub took_seconds: f64,
}

/// Why expectations could not be tested; listed once for all the rules that it affects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// The kind of cause.
    pub kind: CauseKind,
    /// The cause in one sentence.
    pub text: String,
    /// The position of the first step that was affected.
    pub place: Place,
    /// The names of the scenarios that it stopped.
    pub scenarios: Vec<String>,
    /// The first exchange that was affected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<ExchangeRecord>,
}

/// The kind of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// A precondition failed: the rules behind it are blocked.
    Precondition,
    /// There was no response: the rules behind it are inconclusive.
    Network,
    /// The target kept refusing requests because of its rate limit: the rules behind it are inconclusive.
    RateLimit,
    /// The clocks were too far apart, or a step came too late: the rules behind it are inconclusive.
    Time,
}
