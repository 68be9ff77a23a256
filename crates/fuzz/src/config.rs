//! What a run tries, and what bounds it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::property::Property;
use uptake_outcome::Shard;
use uptake_suite::Suite;

/// The bounds of a run; it ends at the first that is met.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bounds {
    /// The most cases.
    pub cases: Option<u64>,
    /// The most time.
    pub time: Option<Duration>,
    /// The most bytes of request bodies.
    pub bytes: Option<u64>,
    /// The most counterexamples of different kinds.
    pub counterexamples: Option<usize>,
}

/// What to test, and how.
#[derive(Debug, Clone)]
pub struct FuzzConfig {
    /// The suite whose upload is tested; without one it is api.video's, and its whole contract.
    pub suite: Option<Arc<Suite>>,
    /// The properties; an empty list means all.
    pub properties: Vec<Property>,
    /// The seed of the cases and of the content.
    pub seed: u64,
    /// The part of the cases that this run tries.
    pub shard: Shard,
    /// When it ends.
    pub bounds: Bounds,
    /// How many cases run at once against each target.
    pub jobs: usize,
    /// How long a status may take to show a segment that was accepted.
    pub status_timeout: Duration,
    /// Where scenarios are written.
    pub out: PathBuf,
    /// How a scenario is replayed, before its path.
    pub replay: String,
}

impl FuzzConfig {
    /// Whether it tests this property.
    pub(super) fn tests(&self, property: Property) -> bool {
        self.properties.is_empty() || self.properties.contains(&property)
    }
}
