//! Cases with one thing wrong in them, after which the upload goes on.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::super::case::{Piece, ProtocolCase, ProtocolStep, Start};
use super::plan::{Plan, Shape};
use uptake_oracle::upload::{Again, BrokenOff, Completion, Order, PlacedBy};

/// What may be wrong with a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It leaves a gap.
    Gap,
    /// Its first bytes were accepted before, and others were not.
    Overlap,
    /// It was accepted before.
    Again,
    /// It ends behind the end of the file.
    Beyond,
    /// It begins at the end of the file.
    AtTheEnd,
    /// It is one byte too small.
    TooSmall,
    /// It is one byte too large.
    TooLarge,
    /// It has no bytes.
    Empty,
    /// It comes after the upload was completed.
    AfterComplete,
    /// The upload is completed before all of it is there.
    CompletedEarly,
}

/// What is drawn for a fault.
#[derive(Debug, Clone, Copy)]
struct Draw {
    kind: Kind,
    /// Before which segment it comes.
    at: Index,
    /// By how many bytes it is off.
    by: u64,
    asks: bool,
}

/// What may be wrong, as far as the suite says what is answered then.
pub(super) fn kinds(shape: &Shape) -> Vec<Kind> {
    let refused = &shape.refused;
    let in_turn = shape.order == Order::InTurn;
    let by_offset = shape.labels.contains(&PlacedBy::Offset);
    let is_small = shape.sizes.max.is_some_and(|max| max <= 1 << 20);
    let by_request = shape.completion == Completion::ByRequest;
    let all = [
        (Kind::Gap, in_turn && refused.gap.is_some()),
        (Kind::Overlap, by_offset && refused.overlap.is_some()),
        (Kind::Again, shape.again != Again::Refused || refused.overlap.is_some()),
        (Kind::Beyond, by_offset && shape.asks && (in_turn || refused.beyond.is_some())),
        (Kind::AtTheEnd, in_turn && shape.asks && shape.completion == Completion::WhenFull),
        (Kind::TooSmall, refused.too_small.is_some() && (shape.sizes.min > 1 || shape.sizes.multiple > 1)),
        (Kind::TooLarge, refused.too_large.is_some() && is_small),
        (Kind::Empty, by_offset && in_turn && shape.sizes.min == 0 && shape.sizes.multiple == 1),
        (Kind::AfterComplete, refused.gone.is_some() || refused.overlap.is_some()),
        (Kind::CompletedEarly, by_request),
    ];
    all.into_iter().filter_map(|(kind, is_possible)| is_possible.then_some(kind)).collect()
}

/// A plan with a fault somewhere.
pub(super) fn refusal(shape: &Shape) -> BoxedStrategy<ProtocolCase> {
    let draw = (select(kinds(shape)), any::<Index>(), 1..6_u64, any::<bool>());
    let draw = draw.prop_map(|(kind, at, by, asks)| Draw { kind, at, by, asks });
    let shape = shape.clone();
    (shape.plan(2..=3), draw).prop_map(move |(plan, draw)| faulty(&shape, &plan, draw)).boxed()
}

fn faulty(shape: &Shape, plan: &Plan, draw: Draw) -> ProtocolCase {
    let pieces = plan.pieces();
    let total = plan.total();
    // The first segment creates the upload where no request does.
    let least = match draw.kind {
        Kind::Overlap | Kind::Again => 1,
        Kind::AfterComplete | Kind::AtTheEnd => pieces.len(),
        _ => usize::from(!shape.creates),
    };
    let at = least + draw.at.index(pieces.len().saturating_sub(least).max(1));
    let at = at.min(if draw.kind == Kind::AfterComplete || draw.kind == Kind::AtTheEnd {
        pieces.len()
    } else {
        pieces.len() - 1
    });
    let (before, rest) = pieces.split_at(at);
    let mut steps = plan.sends(before.to_vec());
    let piece = rest.first().copied().unwrap_or(pieces[pieces.len() - 1]);
    let former = before.last().copied().unwrap_or(piece);
    if draw.kind == Kind::AfterComplete && plan.completion == Completion::ByRequest {
        steps.push(ProtocolStep::Complete);
    }
    steps.push(match draw.kind {
        Kind::CompletedEarly => ProtocolStep::Complete,
        _ => ProtocolStep::Send(bad(shape, draw, (piece, former), total)),
    });
    if draw.asks {
        steps.push(ProtocolStep::Ask);
    }
    let is_over = matches!(draw.kind, Kind::Beyond) || (draw.kind == Kind::CompletedEarly && at > 0);
    if is_over && plan.label == PlacedBy::Number {
        return plan.bare(steps);
    }
    if draw.kind == Kind::Beyond && shape.order == Order::InTurn {
        // How much of it was kept, only the target knows.
        let rest = Piece { start: Start::Reported, end: total, ..piece };
        steps.push(ProtocolStep::Send(rest));
        return plan.bare(steps);
    }
    if draw.kind == Kind::AfterComplete {
        return plan.bare(steps);
    }
    steps.extend(plan.sends(rest.to_vec()));
    plan.case(steps)
}

/// The segment with the fault, where `piece` would be right and `former` was accepted last.
fn bad(shape: &Shape, draw: Draw, (piece, former): (Piece, Piece), total: u64) -> Piece {
    let from = piece.from().unwrap_or(0);
    let with = |from: u64, end: u64| Piece { start: Start::At(from), end, ..piece };
    match draw.kind {
        Kind::Gap => {
            let from = (from + draw.by).min(total.saturating_sub(1)).max(from + 1);
            with(from, (from + shape.least()).min(total).max(from))
        }
        Kind::Overlap => {
            let back = draw.by.min(former.length()).max(1);
            with(from.saturating_sub(back), piece.end)
        }
        Kind::Again | Kind::AfterComplete => former,
        Kind::Beyond => with(from, total + draw.by),
        Kind::AtTheEnd => with(total, total + draw.by),
        Kind::TooSmall if shape.sizes.min > 1 => with(from, from + shape.sizes.min - 1),
        Kind::TooSmall => with(from, from + shape.least() + 1),
        Kind::TooLarge => with(from, from + shape.sizes.max.unwrap_or(0) + 1),
        Kind::Empty => with(from, from),
        Kind::CompletedEarly => piece,
    }
}

/// Segments that break off, or come again.
pub(super) fn retry(shape: &Shape) -> BoxedStrategy<ProtocolCase> {
    let shape = shape.clone();
    let resumes = shape.order == Order::InTurn && shape.broken_off == BrokenOff::Prefix && shape.asks;
    let creates = shape.creates;
    (shape.plan(1..=3), any::<Index>(), any::<Index>(), any::<bool>())
        .prop_map(move |(plan, at, after, asks)| {
            let pieces = plan.pieces();
            let at = at.index(pieces.len());
            let at = if creates { at } else { at.max(1).min(pieces.len() - 1) };
            let piece = pieces[at];
            let length = usize::try_from(piece.length().max(1)).unwrap_or(usize::MAX);
            let broken = Piece { break_off: Some(after.index(length) as u64), ..piece };
            let mut steps = plan.sends(pieces[..at].to_vec());
            steps.push(ProtocolStep::Send(broken));
            if asks {
                steps.push(ProtocolStep::Ask);
            }
            let again = if resumes { Piece { start: Start::Reported, ..piece } } else { piece };
            steps.push(ProtocolStep::Send(again));
            steps.extend(plan.sends(pieces[at + 1..].to_vec()));
            plan.case(steps)
        })
        .boxed()
}
