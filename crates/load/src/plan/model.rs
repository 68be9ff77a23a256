//! The two models: arrivals that come by a schedule, and uploaders who start when their last upload has ended.

use super::{Offer, Think};

/// Who decides when an upload starts.
#[derive(Debug, Clone, PartialEq)]
pub enum Model {
    /// A schedule, whatever becomes of the uploads before.
    Open(OpenModel),
    /// The end of the uploader's last one.
    Closed {
        /// How many uploaders there are.
        uploaders: usize,
        /// How long each rests.
        think: Think,
        /// As it was written.
        think_written: String,
    },
}

/// The open model.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenModel {
    /// The rates.
    pub offer: Offer,
    /// How arrivals are spread.
    pub arrivals: Arrivals,
    /// The most uploads at once.
    pub max_in_flight: usize,
    /// Whether somebody asked for that limit: then waiting behind it is the target's doing.
    pub is_limit_asked_for: bool,
}

/// How arrivals are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrivals {
    /// Evenly.
    Constant,
    /// As independent people come: a Poisson process.
    Poisson,
}

impl Arrivals {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Poisson => "poisson",
        }
    }
}

impl Model {
    /// How many uploads may be under way at once.
    pub fn at_once(&self) -> usize {
        match self {
            Self::Open(open) => open.max_in_flight,
            Self::Closed { uploaders, .. } => *uploaders,
        }
    }
}
