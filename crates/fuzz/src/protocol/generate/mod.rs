//! Proptest strategies that generate cases from what a suite says of an upload. A strategy does not judge; the oracle does.

mod faults;
mod plan;
mod valid;

use proptest::strategy::{BoxedStrategy, Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, TestRng, TestRunner};

use self::plan::Shape;
use super::case::ProtocolCase;
use crate::property::Property;
use crate::subject::Subject;
use uptake_oracle::upload::Order;

/// Whether the cases of a property say anything of such an upload.
pub(crate) fn is_applicable(subject: &Subject, property: Property) -> bool {
    let shape = Shape::of(subject);
    match property {
        Property::Completion | Property::Partition | Property::Retry => true,
        Property::Refusal => !faults::kinds(&shape).is_empty(),
        Property::Permutation => shape.order == Order::Any,
        Property::Together => shape.order == Order::InTurn || shape.parallel,
        Property::Time | Property::Revocation | Property::Form | Property::Contract => false,
    }
}

/// A case of this property.
pub(crate) fn case(subject: &Subject, property: Property, rng: TestRng) -> ProtocolCase {
    let shape = Shape::of(subject);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let tree = strategy(&shape, property).new_tree(&mut runner);
    tree.expect("none of the strategies rejects what it draws").current()
}

fn strategy(shape: &Shape, property: Property) -> BoxedStrategy<ProtocolCase> {
    match property {
        Property::Refusal => faults::refusal(shape),
        Property::Retry => faults::retry(shape),
        Property::Permutation => valid::permutation(shape),
        Property::Partition => valid::partition(shape),
        Property::Together => valid::together(shape),
        _ => valid::completion(shape),
    }
}
