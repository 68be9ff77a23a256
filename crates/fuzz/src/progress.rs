//! What is told while a run goes on.

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Progress {
    /// So many cases have been tried, of so many where that is known.
    Tried {
        /// How many.
        cases: u64,
        /// Of how many.
        of: Option<u64>,
    },
    /// Something was found, and is made smaller.
    Found {
        /// The rule that it breaks.
        rule: String,
        /// The case.
        case: u64,
    },
}

/// Where progress goes.
pub type Listener<'l> = dyn Fn(Progress) + Send + Sync + 'l;
