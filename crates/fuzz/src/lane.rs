//! A lane: one attempt after the other against one target. Lanes that share a target share its clock, too.

use std::sync::Arc;

use tokio::sync::RwLock;

use super::asker::Asker;
use super::attempt::{Attempt, Manner, attempt};
use super::case::Case;
use super::error::FuzzError;
use uptake_target::Target;

/// One attempt after the other.
#[derive(Clone)]
pub(super) struct Lane {
    asker: Arc<Asker>,
    /// Whoever moves the clock is alone.
    clock: Arc<RwLock<()>>,
}

impl Lane {
    /// So many lanes to each of these targets.
    pub(super) fn to(targets: Vec<Target>, each: usize) -> Result<Vec<Self>, FuzzError> {
        let mut lanes = Vec::new();
        for target in targets {
            let lane = Self { asker: Arc::new(Asker::new(target)?), clock: Arc::default() };
            lanes.extend(std::iter::repeat_n(lane, each.max(1)));
        }
        Ok(lanes)
    }

    /// Tries a case once.
    pub(super) async fn attempt(&self, case: &Case, manner: Manner) -> Attempt {
        if case.moves_the_clock() {
            let _alone = self.clock.write().await;
            attempt(&self.asker, case, manner).await
        } else {
            let _beside_others = self.clock.read().await;
            attempt(&self.asker, case, manner).await
        }
    }

    /// Who is asked.
    pub(super) fn target(&self) -> &Target {
        &self.asker.target
    }

    /// Who asks.
    pub(super) fn asker(&self) -> &Arc<Asker> {
        &self.asker
    }
}
