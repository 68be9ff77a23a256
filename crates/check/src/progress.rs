//! What a run reports while it goes on. It prints nothing; the caller decides what to show.

use std::time::Instant;

use uptake_outcome::Verdict;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum RunEvent {
    /// The run begins.
    Started {
        /// How many scenarios there are to run.
        scenarios: usize,
    },
    /// A scenario begins.
    ScenarioStarted {
        /// Its first line.
        scenario: String,
    },
    /// Nothing is sent before a point in time.
    Waiting {
        /// The scenario that waits; `None` where the next scenario cannot begin.
        scenario: Option<String>,
        /// What is waited for.
        cause: WaitCause,
        /// When the wait is over.
        until: Instant,
    },
    /// A scenario has ended.
    Ended {
        /// Its first line.
        scenario: String,
        /// Its file.
        file: String,
        /// The worst of what it found.
        verdict: Verdict,
        /// The rules that failed in it, by id, each once.
        failed: Vec<String>,
    },
}

/// What a run waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitCause {
    /// The rate limits that the profile declares.
    RateLimit,
    /// Real time that a scenario needs to pass, such as the expiry of a token.
    Time,
}

/// Where events go.
pub type Listener<'l> = dyn Fn(RunEvent) + Send + Sync + 'l;
