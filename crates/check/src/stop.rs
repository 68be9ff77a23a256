//! Why a scenario ends before its last step.

use serde::{Deserialize, Serialize};

use super::passing::Suspension;
use uptake_outcome::{CauseKind, ExchangeRecord, Place, Verdict};

/// Why the steps that follow cannot be judged.
#[derive(Debug, Clone)]
pub(super) enum Stop {
    /// Something they stand on did not hold.
    Cause(Box<Obstacle>),
    /// The target cannot do what they need.
    NotApplicable(String),
    /// It waits for real time to pass, longer than the run.
    Suspended(Box<Suspension>),
    /// The run was stopped.
    Interrupted,
}

/// What stood in the way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Obstacle {
    pub(super) kind: CauseKind,
    pub(super) text: String,
    pub(super) place: Place,
    pub(super) exchange: Option<ExchangeRecord>,
}

impl Stop {
    /// What is said of the rules behind it; nothing where the run was stopped.
    pub(super) fn verdict(&self) -> Option<Verdict> {
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

    /// What stood in the way, where something did.
    pub(super) fn obstacle(&self) -> Option<&Obstacle> {
        match self {
            Self::Cause(obstacle) => Some(obstacle),
            Self::NotApplicable(_) | Self::Suspended(_) | Self::Interrupted => None,
        }
    }

    pub(super) fn words(&self) -> String {
        match self {
            Self::Cause(obstacle) => obstacle.text.clone(),
            Self::NotApplicable(why) => why.clone(),
            Self::Suspended(suspension) => format!("waits until {}", suspension.due),
            Self::Interrupted => "the run was interrupted".to_owned(),
        }
    }
}
