//! What there is to judge.

use std::time::Duration;

use http::Method;
use serde_json::Value;

use uptake_wire::{Answer, Interim};

/// An exchange that is judged.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    /// The answer.
    pub(crate) answer: Option<SeenAnswer<'a>>,
    /// The request's method, where it was a request.
    pub(crate) method: Option<&'a Method>,
    /// How long the exchange took.
    pub(crate) took: Duration,
    /// The interim responses, which may have come without a final one.
    pub(crate) interim: &'a [Interim],
}

impl Seen<'_> {
    /// No exchange at all.
    pub(crate) const fn nothing() -> Self {
        Self { answer: None, method: None, took: Duration::ZERO, interim: &[] }
    }
}

/// An answer that is judged.
#[derive(Clone, Copy)]
pub(crate) struct SeenAnswer<'a> {
    /// The answer itself.
    pub(crate) answer: &'a Answer,
    /// Its body, where it is JSON.
    pub(crate) body: Option<&'a Value>,
    /// The code of the error that it names.
    pub(crate) problem: Option<&'a str>,
}
