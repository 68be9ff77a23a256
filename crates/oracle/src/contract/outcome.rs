//! What a call may lead to.

use super::expectation::Expectation;
use super::known::{Known, Learn};

/// One thing that a call may lead to: an answer, and the state after it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    pub(super) expectation: Expectation,
    /// The state after the call, but for what only the answer shows.
    pub(super) next: Known,
    pub(super) learn: Learn,
}

impl Outcome {
    /// An answer to a call that changes nothing.
    pub(super) fn unchanged(expectation: Expectation, known: &Known) -> Self {
        Self { expectation, next: known.clone(), learn: Learn::Nothing }
    }
}
