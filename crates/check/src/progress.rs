//! What a run reports while it goes on. It prints nothing; the caller decides what to show.

use std::time::{Duration, Instant};

use uptake_outcome::{SentExchange, Verdict};

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
        /// Its file.
        file: String,
    },
    /// A request was answered, or got no response. Reported only where the options of the run ask for it.
    Exchange {
        /// The scenario that sent it; empty where the run itself did, before its first scenario.
        scenario: String,
        /// What was sent and received, with secrets masked.
        exchange: Box<SentExchange>,
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
        /// How long it ran.
        took: Duration,
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
