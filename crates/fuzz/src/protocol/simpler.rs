//! The cases that are simpler than one that fails, the boldest first.

use super::case::{Piece, ProtocolCase, ProtocolStep, Start};

/// The simpler cases; `last` is the step that failed.
pub(crate) fn simpler(case: &ProtocolCase, last: usize) -> Vec<ProtocolCase> {
    let mut simpler: Vec<ProtocolCase> = Vec::new();
    if last + 1 < case.steps.len() {
        simpler.push(ProtocolCase { steps: case.steps[..=last].to_vec(), ..case.clone() });
    }
    for at in 0..case.steps.len() {
        let mut fewer = case.clone();
        fewer.steps.remove(at);
        simpler.push(fewer);
    }
    let count = case.pieces().map(|piece| piece.number).max().unwrap_or(1);
    simpler.push(ProtocolCase { count, ..case.clone() });
    simpler.extend(one_by_one(case));
    simpler.extend(shorter(case));
    simpler.extend(without_breaks(case));
    simpler.extend(without_questions(case));
    simpler.retain(|candidate| candidate != case && !candidate.steps.is_empty());
    simpler
}

/// One of the segments that are sent at once is left out.
fn one_by_one(case: &ProtocolCase) -> Vec<ProtocolCase> {
    let mut simpler = Vec::new();
    for (at, step) in case.steps.iter().enumerate() {
        let ProtocolStep::AtOnce(pieces) = step else { continue };
        for one in 0..pieces.len() {
            let mut left = pieces.clone();
            left.remove(one);
            let mut fewer = case.clone();
            fewer.steps[at] = match left.as_slice() {
                [only] => ProtocolStep::Send(*only),
                _ => ProtocolStep::AtOnce(left),
            };
            simpler.push(fewer);
        }
    }
    simpler
}

/// The distance between two neighbouring positions becomes smaller, everywhere.
fn shorter(case: &ProtocolCase) -> Vec<ProtocolCase> {
    let starts = case.pieces().filter_map(Piece::from);
    let ends = case.pieces().map(|piece| piece.end);
    let mut positions: Vec<u64> = starts.chain(ends).chain([0, case.total]).collect();
    positions.sort_unstable();
    positions.dedup();
    let mut simpler = Vec::new();
    for pair in positions.windows(2) {
        let gap = pair[1] - pair[0];
        for less in [gap, gap - 1, gap / 2, 1] {
            if less > 0 {
                simpler.push(moved(case, pair[1], less));
            }
        }
    }
    simpler
}

/// Every position from `from` on, `less` bytes earlier.
fn moved(case: &ProtocolCase, from: u64, less: u64) -> ProtocolCase {
    let place = |position: u64| if position >= from { position - less } else { position };
    let mut moved = ProtocolCase { total: place(case.total), ..case.clone() };
    for piece in moved.steps.iter_mut().flat_map(ProtocolStep::pieces_mut) {
        if let Start::At(start) = &mut piece.start {
            *start = place(*start);
        }
        piece.end = place(piece.end);
        let length = piece.length();
        piece.break_off = piece.break_off.map(|after| after.min(length.saturating_sub(1)));
    }
    moved
}

/// A segment begins where the one before it ended, without a question where that is.
fn without_questions(case: &ProtocolCase) -> Vec<ProtocolCase> {
    let mut simpler = Vec::new();
    let mut end = 0;
    for (at, step) in case.steps.iter().enumerate() {
        if let ProtocolStep::Send(Piece { start: Start::Reported, .. }) = step {
            let mut changed = case.clone();
            for piece in changed.steps[at].pieces_mut() {
                piece.start = Start::At(end.min(piece.end));
            }
            simpler.push(changed);
        }
        end = step.pieces().last().map_or(end, |piece| piece.end);
    }
    simpler
}

/// A segment breaks off earlier, or not at all.
fn without_breaks(case: &ProtocolCase) -> Vec<ProtocolCase> {
    let mut simpler = Vec::new();
    for (at, step) in case.steps.iter().enumerate() {
        let ProtocolStep::Send(Piece { break_off: Some(after), .. }) = step else { continue };
        let others = [None, Some(1), Some(after / 2)];
        for other in others.into_iter().filter(|other| other.is_none_or(|other| other < *after)) {
            let mut changed = case.clone();
            for piece in changed.steps[at].pieces_mut() {
                piece.break_off = other;
            }
            simpler.push(changed);
        }
    }
    simpler
}
