//! Events that a run reports.

/// An event of a run.
#[derive(Debug, Clone)]
pub enum FuzzEvent {
    /// Cases have been judged.
    Judged {
        /// How many so far.
        cases: u64,
        /// How many the run is bounded to, if it is.
        of: Option<u64>,
    },
    /// A case failed and is being shrunk.
    Found {
        /// The rule that was broken.
        rule: String,
        /// The number of the case.
        case: u64,
    },
}

/// Receives the events of a run.
pub type Listener<'l> = dyn Fn(FuzzEvent) + Send + Sync + 'l;
