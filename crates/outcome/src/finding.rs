//! One expectation held against one exchange, and why something could not be judged.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Verdict;

/// Where in a file something is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The file's path, as a user would name it.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// What one expectation found out about one rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// What this expectation says of the rule.
    pub verdict: Verdict,
    /// The scenario's first line.
    pub scenario: String,
    /// The step's name.
    pub step: String,
    /// Where the expectation is written.
    pub place: Place,
    /// What was expected, in words.
    pub expected: String,
    /// What came, in words.
    pub observed: String,
    /// The exchange, where it helps to see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<ExchangeRecord>,
    /// Index into the run's causes, for what was blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<usize>,
}

/// One exchange as a report shows it, secrets masked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeRecord {
    /// The request's method.
    pub method: String,
    /// The request's URL.
    pub url: String,
    /// A shell command that repeats the request.
    pub curl: String,
    /// The answer's status, where there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The answer's headers, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The beginning of the answer's body, or what went wrong instead of an answer.
    pub answer: String,
    /// From the first byte of the request to the last of the answer.
    pub took_seconds: f64,
}

/// Why expectations could not be judged; named once, however many stand behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// What kind of cause it is.
    pub kind: CauseKind,
    /// The cause in one sentence.
    pub text: String,
    /// Where the precondition is written that did not hold first.
    pub place: Place,
    /// The scenarios that it stopped, by their first lines.
    pub scenarios: Vec<String>,
    /// The first exchange that showed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<ExchangeRecord>,
}

/// What kept an expectation from being judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// A precondition did not hold: the rules behind it are blocked.
    Precondition,
    /// No answer could be had: the rules behind it are inconclusive.
    Network,
    /// The target refused calls for their number alone, again and again: the rules behind it are inconclusive.
    RateLimit,
    /// The clocks were too far apart, or the moment was missed: the rules behind it are inconclusive.
    Time,
}
