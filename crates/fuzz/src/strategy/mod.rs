//! Proptest strategies: from the target's limits to cases.
//!
//! Sizes stand where servers go wrong: around the least and the greatest segment, at multiples and powers of two, one
//! byte more or less. A strategy says nothing of what is right; that is the oracle's matter.

mod faults;
mod plan;
mod size;
mod time;
mod valid;

use proptest::strategy::{BoxedStrategy, Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::case::Case;
use super::property::Property;
use uptake_payload::Seed;
use uptake_target::Limits;

/// What cases are generated for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Setting {
    /// The target's sizes.
    pub(super) limits: Limits,
    /// The grace in seconds.
    pub(super) grace: u64,
    /// The margin in seconds.
    pub(super) margin: u64,
    /// Whether its clock can be moved.
    pub(super) clock: bool,
}

/// The case number `index` of a seed: always the same.
pub(super) fn case(setting: Setting, property: Property, seed: Seed, index: u64) -> Case {
    let seed = seed.derive(&format!("{property} {index}")).0;
    let mut bytes = [0; 32];
    for (at, word) in (0_u64..4).zip(bytes.chunks_exact_mut(8)) {
        word.copy_from_slice(&Seed(seed).derive(&at.to_string()).0.to_le_bytes());
    }
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let tree = strategy(setting, property).new_tree(&mut runner);
    tree.expect("none of the strategies rejects what it draws").current()
}

fn strategy(setting: Setting, property: Property) -> BoxedStrategy<Case> {
    match property {
        Property::Refusal => faults::refusal(setting),
        Property::Permutation => valid::permutation(setting),
        Property::Partition => valid::partition(setting),
        Property::Completion => valid::completion(setting),
        Property::Retry => faults::retry(setting),
        Property::Together => valid::together(setting),
        Property::Time => time::time(setting),
        Property::Revocation => time::revocation(setting),
        Property::Form => valid::form(setting),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTING: Setting = Setting {
        limits: Limits {
            min_segment: 1024,
            max_segment: 8192,
            max_request: 8192,
            max_total: 52_428_800_000,
            max_parts: 10_000,
        },
        grace: 86_400,
        margin: 2,
        clock: true,
    };

    #[test]
    fn a_seed_and_an_index_make_one_case_forever_and_others_make_others() {
        for property in Property::ALL {
            let cases: Vec<_> = (0..20).map(|index| case(SETTING, property, Seed(7), index)).collect();
            let again: Vec<_> = (0..20).map(|index| case(SETTING, property, Seed(7), index)).collect();
            assert_eq!(cases, again, "{property}");
            let distinct = cases.iter().enumerate().filter(|(at, case)| !cases[..*at].contains(case)).count();
            assert!(distinct > 10, "{property}: only {distinct} of 20 differ");
        }
    }

    #[test]
    fn a_clock_that_cannot_be_moved_is_not_moved() {
        let setting = Setting { clock: false, ..SETTING };
        for property in Property::ALL {
            for index in 0..100 {
                assert!(!case(setting, property, Seed(1), index).moves_the_clock(), "{property} {index}");
            }
        }
    }
}
