//! What is told while runs go on.

use uptake_outcome::{DefectResult, Run};

/// Something that happened.
#[derive(Debug, Clone, Copy)]
pub enum Event<'e> {
    /// The faithful server has been judged, and so many defects are going to be planted.
    Clean {
        /// What the suite said of it.
        run: &'e Run,
        /// How many defects are ahead.
        defects: usize,
    },
    /// The server has been judged without mutations, and the answers to so many scenarios are going to be changed.
    Mutating {
        /// How many scenarios are ahead.
        scenarios: usize,
    },
    /// A scenario has had all its mutations.
    ScenarioMutated,
    /// A defect has had its run.
    Ended(&'e DefectResult),
}

/// Where events go.
pub type Listener<'l> = dyn Fn(Event<'_>) + Send + Sync + 'l;
