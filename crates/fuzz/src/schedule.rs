//! Which cases are tried, and in which order.

use super::config::FuzzConfig;
use super::property::Property;
use super::strategy::{self, GeneratorSettings};
use super::test_case::TestCase;
use uptake_payload::Seed;
use uptake_target::Target;

/// This many cases are sorted by size, the small ones first, where that is done at all.
const WINDOW: u64 = 512;
/// This many cases are generated at a time otherwise.
const BATCH: u64 = 32;
/// Segments of at least this size are too large to be sent by the hundred.
const LARGE: u64 = 1 << 20;

/// A case, with its number and its property.
#[derive(Debug, Clone)]
pub(super) struct GeneratedCase {
    pub(super) index: u64,
    pub(super) property: Property,
    pub(super) case: TestCase,
}

/// Generates the cases of a run, window by window.
pub(super) struct Schedule<'s> {
    config: &'s FuzzConfig,
    settings: GeneratorSettings,
    smallest_first: bool,
    next: u64,
}

impl<'s> Schedule<'s> {
    pub(super) fn new(config: &'s FuzzConfig, target: &Target) -> Self {
        let smallest_first = target.can("rate-limit") || target.limits.min_segment >= LARGE;
        Self { config, settings: settings(target), smallest_first, next: 0 }
    }

    /// The next cases, in the order in which they are tried; none when all were.
    pub(super) fn window(&mut self) -> Vec<GeneratedCase> {
        let window = if self.smallest_first { WINDOW } else { BATCH };
        // A shard's window has as many cases of its own as that of a whole run.
        let window = window.saturating_mul(self.config.shard.of());
        let end = self.config.bounds.cases.unwrap_or(u64::MAX).min(self.next.saturating_add(window));
        let turns: Vec<Property> =
            Property::TURNS.into_iter().filter(|property| self.config.tests(*property)).collect();
        let mut window: Vec<GeneratedCase> = (self.next..end)
            .filter(|index| self.config.shard.has(*index))
            .map(|index| {
                let at = usize::try_from(index % turns.len() as u64).unwrap_or(0);
                let property = turns[at];
                let case = strategy::case(self.settings, property, Seed(self.config.seed), index);
                GeneratedCase { index, property, case }
            })
            .collect();
        self.next = end;
        if self.smallest_first {
            window.sort_by_key(|generated| (generated.case.bytes(), generated.case.length()));
        }
        window
    }
}

fn settings(target: &Target) -> GeneratorSettings {
    GeneratorSettings {
        limits: target.limits,
        grace: target.grace.as_secs(),
        margin: target.margin.as_secs(),
        clock: target.can("clock") && target.clock.is_some(),
    }
}
