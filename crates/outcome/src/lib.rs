//! Results as plain data: verdicts and how they combine, findings, what a whole run came to, the kill matrix, and what
//! load measured.
//!
//! Nothing here runs, reads or prints anything. Every report is a function of [`Run`] or [`Matrix`]; the same value
//! gives the same bytes. Texts are masked before they get here: a secret never enters an outcome.

mod baseline;
mod certificate;
mod comparison;
mod conduct;
mod doubt;
mod event;
mod exit;
mod finding;
mod forecast;
mod fuzz;
mod http_version;
mod json_mistake;
mod lint;
pub mod load;
mod matrix;
mod merge;
mod merge_fuzz;
mod rule;
mod run;
#[cfg(test)]
mod sample;
mod scenario;
mod servers;
mod shard;
pub mod text;
mod verdict;
mod waive;
mod waiver;

pub use certificate::{CERTIFICATE_FORMAT, Certificate, CertifiedLevel};
pub use comparison::{Change, Comparison};
pub use conduct::{
    Budget, CapabilityFinding, ClockReading, ClockSource, Clocks, Pacing, Retried, Retry, Suspended,
};
pub use event::{Event, EventLine, RunFinished, RunStarted, WaitsFor};
pub use exit::{Exit, FailOn};
pub use finding::{Cause, CauseKind, ExchangeRecord, Finding, Place};
pub use forecast::{Forecast, ForecastFate, ForecastLoad, ForecastScenario};
pub use fuzz::{Bound, Counterexample, FUZZ_FORMAT, FuzzRun, PropertyResult, Stability};
pub use http_version::HttpVersion;
pub use json_mistake::{json_mistake, json_mistake_with_place};
pub use lint::{Mistake, MistakeCode};
pub use matrix::{
    DefectResult, Extent, Fate, MATRIX_FORMAT, Matrix, MatrixSummary, ProvenBy, RuleProof, TestedWith,
};
pub use merge::{IN_ANOTHER_SHARD, merge_checks};
pub use merge_fuzz::merge_fuzz;
pub use rule::{Level, RuleResult, ScenarioRef};
pub use run::{Ending, Leftover, Run, Summary, TargetSummary};
pub use scenario::{Excerpt, ScenarioRecord, SentExchange};
pub use servers::{LevelScore, Move, SERVERS_FORMAT, ServerEntry, Servers, Since};
pub use shard::Shard;
pub use verdict::Verdict;
pub use waiver::{Waiver, WaiverResult, WaiverState};

/// The version of the JSON form of a [`Run`]; raised when a reader of the old form would misread the new one.
pub const FORMAT: u32 = 1;
