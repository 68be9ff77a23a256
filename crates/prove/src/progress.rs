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
    /// A defect has had its run.
    Ended(&'e DefectResult),
}

/// Where events go.
pub type Listener<'l> = dyn Fn(Event<'_>) + Send + Sync + 'l;
