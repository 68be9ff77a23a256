//! What a run is asked to do.

use std::num::NonZeroUsize;
use std::time::Duration;

use thiserror::Error;

use super::real_time::WaitLimits;
use super::record::RunRecord;
use super::saved::{SavedError, SavedRun};
use super::selection::Selection;
use uptake_suite::Loaded;
use uptake_target::Target;
use uptake_wire::WireError;

/// Why a run could not begin.
#[derive(Debug, Error)]
pub enum CheckError {
    /// The client cannot be set up as the profile asks.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The run that was written down cannot be resumed.
    #[error(transparent)]
    Saved(#[from] SavedError),
}

/// How to run.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// What to judge.
    pub selection: Selection,
    /// How many scenarios at a time.
    pub jobs: NonZeroUsize,
    /// The seed of content and order.
    pub seed: u64,
    /// The longest that a request is repeated, whatever longer time the scenario allows. For a target that is known to be
    /// ready at once, waiting longer tells nothing.
    pub patience: Duration,
    /// Which scenarios keep their exchanges for the report.
    pub keep: KeepExchanges,
    /// Whether the listener hears of each exchange.
    pub reports_exchanges: bool,
}

/// Which scenarios keep their exchanges for the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepExchanges {
    /// None.
    None,
    /// Those in which a rule failed.
    OfFailed,
    /// All.
    All,
}

/// How a run deals with real time, and where it is written down.
#[derive(Debug, Default)]
pub struct Recording<'r> {
    /// How long scenarios may wait.
    pub waits: Option<WaitLimits>,
    /// Where the run is written down.
    pub record: Option<&'r RunRecord>,
    /// Whether the credentials of the target's profile are tried first.
    pub tries_credentials: bool,
    /// Whether the target is asked first what it can do.
    pub detects: bool,
    /// What was written down, and what was sealed, where an earlier process began the run.
    pub earlier: Option<(SavedRun, Vec<u8>)>,
}

/// A run that can be suspended and resumed.
#[derive(Debug)]
pub struct RunJob<'j> {
    /// The suite with its scenarios.
    pub loaded: &'j Loaded,
    /// The server to test.
    pub target: &'j Target,
    /// How to run.
    pub options: &'j RunOptions,
    /// How it deals with real time, and where it is written down.
    pub recording: Recording<'j>,
}
