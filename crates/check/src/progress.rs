//! What a run tells while it goes on. It prints nothing; whoever started it decides what to show.

use uptake_outcome::Verdict;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum RunEvent {
    /// The run begins.
    Started {
        /// How many scenarios there are to run.
        scenarios: usize,
    },
    /// A scenario has ended.
    Ended {
        /// Its first line.
        scenario: String,
        /// Its file.
        file: String,
        /// The worst of what it found.
        verdict: Verdict,
    },
}

/// Where events go.
pub type Listener<'l> = dyn Fn(RunEvent) + Send + Sync + 'l;
