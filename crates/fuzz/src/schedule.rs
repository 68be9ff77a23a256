//! Which cases are tried, and in which order.

use super::config::FuzzConfig;
use super::property::Property;
use super::protocol;
use super::strategy::{self, GeneratorSettings};
use super::subject::Subject;
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
    subject: Option<&'s Subject>,
    smallest_first: bool,
    next: u64,
}

impl<'s> Schedule<'s> {
    pub(super) fn new(config: &'s FuzzConfig, target: &Target, subject: Option<&'s Subject>) -> Self {
        let least = subject
            .map_or(target.limits.min_segment, |subject| subject.sizes.min.max(subject.sizes.multiple));
        let smallest_first = target.can("rate-limit") || least >= LARGE;
        Self { config, settings: settings(target), subject, smallest_first, next: 0 }
    }

    /// Whether it generates cases of this property.
    pub(super) fn tests(&self, property: Property) -> bool {
        self.config.tests(property)
            && self.subject.is_none_or(|subject| protocol::is_applicable(subject, property))
    }

    /// The next cases, in the order in which they are tried; none when all were.
    pub(super) fn window(&mut self) -> Vec<GeneratedCase> {
        let window = if self.smallest_first { WINDOW } else { BATCH };
        // A shard's window has as many cases of its own as that of a whole run.
        let window = window.saturating_mul(self.config.shard.of());
        let end = self.config.bounds.cases.unwrap_or(u64::MAX).min(self.next.saturating_add(window));
        let turns: Vec<Property> =
            Property::TURNS.into_iter().filter(|property| self.tests(*property)).collect();
        let mut window: Vec<GeneratedCase> = (self.next..end)
            .filter(|index| self.config.shard.has(*index))
            .map(|index| {
                let at = usize::try_from(index % turns.len() as u64).unwrap_or(0);
                let property = turns[at];
                let seed = Seed(self.config.seed);
                let case = match self.subject {
                    Some(subject) => strategy::protocol_case(subject, property, seed, index),
                    None => strategy::case(self.settings, property, seed, index),
                };
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
