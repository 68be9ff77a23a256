//! What the strategies must know of the target.

use uptake_target::Limits;

/// The target's limits and abilities, as the strategies need them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GeneratorSettings {
    /// The target's sizes.
    pub(crate) limits: Limits,
    /// The grace period in seconds.
    pub(crate) grace: u64,
    /// The margin in seconds.
    pub(crate) margin: u64,
    /// Whether its clock can be moved.
    pub(crate) clock: bool,
}
