//! Conditions on the figures of a run: `upload.p99 > 2s`, `errors > 0.1%`, `goodput < 500MiB/s`.

mod condition;
mod conjunction;
mod figure;
mod figures;
mod stored;

pub(crate) use condition::Threshold;
pub(crate) use conjunction::Conjunction;
pub(crate) use figures::{Collected, Counts, Figures};
pub use stored::judge;
