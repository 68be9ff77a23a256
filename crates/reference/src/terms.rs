//! What holds for the whole life of a server, handed to whoever decides something.

use std::time::Duration;

use super::config::{Config, Limits};
use super::defect::{Defect, Defects};

/// The limits, the times and the planted defects.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub(super) limits: Limits,
    pub(super) grace: Duration,
    pub(super) access_token_life: Duration,
    pub(super) patience: Duration,
    pub(super) defects: Defects,
}

impl Terms {
    pub(super) fn of(config: &Config) -> Self {
        let Config { limits, grace, access_token_life, patience, defects, .. } = *config;
        Self { limits, grace, access_token_life, patience, defects }
    }

    /// Whether a defect is planted.
    #[inline]
    pub(super) const fn has(&self, defect: Defect) -> bool {
        self.defects.has(defect)
    }

    /// The same terms with one more defect.
    pub(super) const fn with(mut self, defect: Defect) -> Self {
        self.defects = self.defects.with(defect);
        self
    }
}
