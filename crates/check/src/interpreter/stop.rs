//! Why a scenario ends before its last step.

use serde::{Deserialize, Serialize};

use crate::wall_time::WallTime;
use uptake_outcome::{CauseKind, ExchangeRecord, Place, Verdict};

/// Why the steps that follow cannot be judged.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stop {
    /// Something they depend on did not hold.
    Cause(Box<Obstacle>),
    /// The target cannot do what they need.
    NotApplicable(String),
    /// The scenario waits for real time to pass, longer than the run.
    Suspended(Box<Suspension>),
    /// The run was stopped.
    Interrupted,
}

/// What did not hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Obstacle {
    pub(crate) kind: CauseKind,
    pub(crate) text: String,
    pub(crate) place: Place,
    pub(crate) exchange: Option<ExchangeRecord>,
}

/// A wait that is longer than the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Suspension {
    /// The step that lets time pass.
    pub(crate) step: String,
    /// Where it is written.
    pub(crate) place: Place,
    /// When the next step may begin.
    pub(crate) due: WallTime,
    /// When it is too late for it.
    pub(crate) latest: Option<WallTime>,
}

impl Obstacle {
    /// An obstacle without an exchange to show.
    pub(crate) fn new(kind: CauseKind, text: String, place: &Place) -> Self {
        Self { kind, text, place: place.clone(), exchange: None }
    }
}

impl Stop {
    /// The verdict of the rules that were to be judged later; none where the run was stopped.
    pub(crate) fn verdict(&self) -> Option<Verdict> {
        match self {
            Self::Cause(obstacle) => Some(match obstacle.kind {
                CauseKind::Precondition => Verdict::Blocked,
                CauseKind::Network | CauseKind::RateLimit | CauseKind::Time => Verdict::Inconclusive,
            }),
            Self::NotApplicable(_) => Some(Verdict::NotApplicable),
            Self::Suspended(_) => Some(Verdict::Suspended),
            Self::Interrupted => None,
        }
    }

    /// What did not hold, where that is the reason.
    pub(crate) fn obstacle(&self) -> Option<&Obstacle> {
        match self {
            Self::Cause(obstacle) => Some(obstacle),
            Self::NotApplicable(_) | Self::Suspended(_) | Self::Interrupted => None,
        }
    }

    /// The reason in one sentence.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Cause(obstacle) => obstacle.text.clone(),
            Self::NotApplicable(why) => why.clone(),
            Self::Suspended(suspension) => format!("waits until {}", suspension.due),
            Self::Interrupted => "the run was interrupted".to_owned(),
        }
    }
}
