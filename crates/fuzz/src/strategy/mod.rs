//! Proptest strategies that generate cases from the target's limits.
//!
//! Sizes lie where servers go wrong: around the smallest and the largest segment, at multiples and powers of two, one
//! byte more or less. A strategy does not judge; the oracle does.

mod faults;
mod plan;
mod settings;
mod size;
mod time;
mod valid;

use proptest::strategy::{BoxedStrategy, Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

pub(super) use self::settings::GeneratorSettings;
use super::case::Case;
use super::property::Property;
use super::subject::Subject;
use super::test_case::TestCase;
use uptake_payload::Seed;

/// The case number `index` of a seed: always the same.
pub(super) fn case(settings: GeneratorSettings, property: Property, seed: Seed, index: u64) -> TestCase {
    let rng = rng(property, seed, index);
    if property == Property::Contract {
        return TestCase::Contract(crate::contract::generate(settings, rng));
    }
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let tree = strategy(settings, property).new_tree(&mut runner);
    TestCase::Uploads(tree.expect("none of the strategies rejects what it draws").current())
}

/// The same of the upload that a suite describes.
pub(super) fn protocol_case(subject: &Subject, property: Property, seed: Seed, index: u64) -> TestCase {
    TestCase::Protocol(crate::protocol::generate(subject, property, rng(property, seed, index)))
}

fn rng(property: Property, seed: Seed, index: u64) -> TestRng {
    let seed = seed.derive(&format!("{property} {index}"));
    let mut bytes = [0; 32];
    for (at, word) in (0_u64..4).zip(bytes.chunks_exact_mut(8)) {
        word.copy_from_slice(&seed.derive(&at.to_string()).0.to_le_bytes());
    }
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

fn strategy(settings: GeneratorSettings, property: Property) -> BoxedStrategy<Case> {
    match property {
        Property::Refusal => faults::refusal(settings),
        Property::Permutation => valid::permutation(settings),
        Property::Partition => valid::partition(settings),
        Property::Completion => valid::completion(settings),
        Property::Retry => faults::retry(settings),
        Property::Together => valid::together(settings),
        Property::Time => time::time(settings),
        Property::Revocation => time::revocation(settings),
        Property::Contract | Property::Form => valid::form(settings),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uptake_target::Limits;

    const SETTINGS: GeneratorSettings = GeneratorSettings {
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
            let cases: Vec<_> = (0..20).map(|index| case(SETTINGS, property, Seed(7), index)).collect();
            let again: Vec<_> = (0..20).map(|index| case(SETTINGS, property, Seed(7), index)).collect();
            assert_eq!(cases, again, "{property}");
            let distinct = cases.iter().enumerate().filter(|(at, case)| !cases[..*at].contains(case)).count();
            assert!(distinct > 10, "{property}: only {distinct} of 20 differ");
        }
    }

    #[test]
    fn a_clock_that_cannot_be_moved_is_not_moved() {
        let settings = GeneratorSettings { clock: false, ..SETTINGS };
        for property in Property::ALL {
            for index in 0..100 {
                assert!(!case(settings, property, Seed(1), index).moves_the_clock(), "{property} {index}");
            }
        }
    }
}
