//! Cases in which nothing is wrong, and segments that are sent at once.

use proptest::prelude::*;

use super::super::case::{Piece, ProtocolCase, ProtocolStep, Start};
use super::plan::{Plan, Shape};
use uptake_oracle::upload::Order;

/// The segments in any order; the first stays the first where it creates the upload.
pub(super) fn permutation(shape: &Shape) -> BoxedStrategy<ProtocolCase> {
    let creates = shape.creates;
    shape
        .plan(2..=5)
        .prop_flat_map(move |plan| {
            let mut rest = plan.pieces();
            let first: Vec<Piece> = if creates { Vec::new() } else { vec![rest.remove(0)] };
            (Just(plan), Just(first), Just(rest).prop_shuffle())
        })
        .prop_map(|(plan, first, rest)| {
            let steps = plan.sends(first.into_iter().chain(rest).collect());
            plan.case(steps)
        })
        .boxed()
}

/// A file in many segments.
pub(super) fn partition(shape: &Shape) -> BoxedStrategy<ProtocolCase> {
    let most = if shape.least() >= 1 << 20 { 3 } else { 7 };
    shape
        .plan(2..=most)
        .prop_map(|plan| {
            let steps = plan.sends(plan.pieces());
            plan.case(steps)
        })
        .boxed()
}

/// A file in order, down to a single segment, or with its last segment long before the others.
pub(super) fn completion(shape: &Shape) -> BoxedStrategy<ProtocolCase> {
    let in_order = shape.plan(1..=4).prop_map(|plan| {
        let steps = plan.sends(plan.pieces());
        plan.case(steps)
    });
    if shape.order == Order::InTurn {
        return in_order.boxed();
    }
    let keeps_first = !shape.creates;
    let backwards = shape.plan(2..=4).prop_map(move |plan| {
        let mut pieces = plan.pieces();
        pieces[usize::from(keeps_first)..].reverse();
        let steps = plan.sends(pieces);
        plan.case(steps)
    });
    prop_oneof![in_order, backwards].boxed()
}

/// Segments that are sent at once.
pub(super) fn together(shape: &Shape) -> BoxedStrategy<ProtocolCase> {
    match shape.order {
        Order::InTurn => at_one_place(shape),
        Order::Any => side_by_side(shape),
    }
}

/// The later segments at once, or one of them twice.
fn side_by_side(shape: &Shape) -> BoxedStrategy<ProtocolCase> {
    (shape.plan(3..=4), any::<bool>())
        .prop_map(|(plan, twice)| {
            let mut pieces = plan.pieces();
            let first = pieces.remove(0);
            if twice && pieces.len() < 3 {
                pieces.push(pieces[0]);
            }
            plan.case(vec![ProtocolStep::Send(first), ProtocolStep::AtOnce(pieces)])
        })
        .boxed()
}

/// Two segments that begin at the same place, or one behind the other; then the upload goes on from where it is.
fn at_one_place(shape: &Shape) -> BoxedStrategy<ProtocolCase> {
    let asks = shape.asks;
    (shape.plan(2..=4), any::<proptest::sample::Index>(), any::<bool>())
        .prop_map(move |(plan, at, behind): (Plan, _, bool)| {
            let pieces = plan.pieces();
            let at = at.index(pieces.len() - 1);
            let (one, next) = (pieces[at], pieces[at + 1]);
            let other = if behind { next } else { Piece { end: next.end, ..one } };
            let mut steps = plan.sends(pieces[..at].to_vec());
            steps.push(ProtocolStep::AtOnce(vec![one, other]));
            if asks {
                let rest = Piece { start: Start::Reported, end: plan.total(), ..next };
                steps.push(ProtocolStep::Send(rest));
            }
            plan.case(steps)
        })
        .boxed()
}
