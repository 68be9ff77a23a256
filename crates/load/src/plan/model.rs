//! The open and the closed model.

use super::offered_load::OfferedLoad;
use super::think_time::ThinkTime;

/// When uploads start.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Model {
    /// By a schedule, however long earlier uploads take.
    Open(OpenModel),
    /// When the uploader's previous upload has ended.
    Closed {
        /// The number of uploaders.
        uploaders: usize,
        /// How long each waits between two uploads.
        think: ThinkTime,
        /// The think time as it was written.
        think_written: String,
    },
}

/// The open model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OpenModel {
    /// The rates.
    pub offered: OfferedLoad,
    /// How arrivals are spread over time.
    pub arrivals: Arrivals,
    /// The most uploads at once.
    pub max_in_flight: usize,
    /// Whether the user set that limit: then waiting for it is part of the measurement.
    pub is_limit_explicit: bool,
}

/// How arrivals are spread over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrivals {
    /// At equal distances.
    Constant,
    /// As a Poisson process, like independent users.
    Poisson,
    /// As they were recorded.
    Recorded,
}

impl Arrivals {
    /// Its name in plans and reports.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Poisson => "poisson",
            Self::Recorded => "recorded",
        }
    }
}

impl Model {
    /// The most uploads in progress at once.
    pub(crate) fn max_in_flight(&self) -> usize {
        match self {
            Self::Open(open) => open.max_in_flight,
            Self::Closed { uploaders, .. } => *uploaders,
        }
    }
}
