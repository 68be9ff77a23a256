//! What a load run came to, as plain data: counts, a mergeable histogram of every phase, a row for each second, and
//! whether the generator itself was the bottleneck.
//!
//! Nothing here runs, reads or prints. Merging adds histograms and counts: no percentile is ever made from percentiles.

mod capacity;
mod compare;
mod exit;
mod histogram;
mod interval;
mod likeness;
mod merge;
mod phase;
mod run;
#[cfg(test)]
mod tests;
mod tolerance;

pub use capacity::{
    CAPACITY_FORMAT, CapacityBound, CapacityRun, CapacityStep, LoadUnit, StepKind, StepVerdict,
};
pub use compare::{Better, Difference, Fares, Unit, comparable_figures, compare};
pub use histogram::{HIGHEST_MICROS, HistogramError, Micros, decode, empty, encode};
pub use interval::ConfidenceInterval;
pub use likeness::{UnlikeRuns, check_comparable, check_mergeable};
pub use merge::{MergeError, merge};
pub use phase::{Phase, PhaseResult};
pub use run::{
    ErrorCount, Generator, IntervalHistogram, LOAD_FORMAT, LoadEnding, LoadRun, LoadSummary, LoadTarget,
    Offered, Second, ServerOwner, ThresholdResult,
};
pub use tolerance::{JudgedFigure, Tolerance, judge};
