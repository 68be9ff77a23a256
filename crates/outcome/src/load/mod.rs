//! What a load run came to, as plain data: counts, a mergeable histogram of every phase, a row for each second, and
//! whether the generator itself was the bottleneck.
//!
//! Nothing here runs, reads or prints. Merging adds histograms and counts: no percentile is ever made from percentiles.

mod compare;
mod exit;
mod histogram;
mod merge;
mod phase;
mod run;

pub use compare::{Better, Comparison, Difference, Interval as ConfidenceInterval, Unit, compare};
pub use histogram::{HIGHEST_MICROS, HistogramError, Micros, decode, empty, encode};
pub use merge::{MergeError, merge};
pub use phase::{Phase, PhaseResult};
pub use run::{
    ErrorCount, Generator, IntervalHistogram, LOAD_FORMAT, LoadEnding, LoadRun, LoadSummary, LoadTarget,
    Offered, Second, ServerOwner, ThresholdResult,
};
