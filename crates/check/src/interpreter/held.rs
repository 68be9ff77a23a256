//! What an expectation came to.

use super::answer::Done;
use super::judge::Mismatch;
use super::stop::Obstacle;
use uptake_outcome::Verdict;

/// What one expectation came to, and by which exchange.
pub(crate) struct Held<'d> {
    pub(crate) verdict: Verdict,
    /// What was expected, and what was observed.
    pub(crate) words: (String, String),
    pub(crate) done: Option<&'d Done>,
}

/// What an expectation came to that may depend on the time.
pub(crate) enum Timely<'d> {
    /// The time does not matter, or is known well enough.
    Held(Held<'d>),
    /// It is not known well enough.
    Unsure(Box<Obstacle>),
}

impl<'d> Held<'d> {
    /// Where something was not as wanted.
    pub(crate) fn of(verdict: Verdict, misses: Vec<Mismatch>, done: Option<&'d Done>) -> Self {
        Self { verdict, words: join(misses), done }
    }
}

/// Several mismatches in one line each way.
fn join(misses: Vec<Mismatch>) -> (String, String) {
    let (expected, observed): (Vec<_>, Vec<_>) =
        misses.into_iter().map(|miss| (miss.expected, miss.observed)).unzip();
    let once = |mut texts: Vec<String>| {
        texts.dedup();
        texts.join("; ")
    };
    (once(expected), once(observed))
}
