//! What every request needs: the uploads, their limits, and what is planted.

use super::defects::RufhDefect;
use super::limits::Limits;
use super::uploads::Uploads;

/// What every request needs.
#[derive(Default)]
pub(super) struct Service {
    pub(super) uploads: Uploads,
    pub(super) limits: Limits,
    defects: Vec<RufhDefect>,
}

impl Service {
    pub(super) fn has(&self, defect: RufhDefect) -> bool {
        self.defects.contains(&defect)
    }

    pub(super) fn with(defects: Vec<RufhDefect>) -> Self {
        Self { defects, ..Self::default() }
    }
}
