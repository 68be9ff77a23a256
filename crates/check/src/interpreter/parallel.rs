//! The branches of a `parallel` step. Each keeps what it finds and makes to itself until all have ended, so that neither the
//! report nor the order of the clean-up depends on which of them was faster.

use super::address::Block;
use super::barrier::barriers_of;
use super::state::{Branch, Frame, Waiting};
use super::turn::{Next, Turn};
use uptake_suite::step::Step;

/// The branches of the step at `at` of `block`, none of which has begun.
pub(crate) fn fork(
    turn: &mut Turn<'_, '_>,
    branch: &Branch,
    (block, at): (&Block, usize),
    branches: &[Vec<Step>],
) -> Vec<Branch> {
    turn.shared.parallels += 1;
    let barriers = barriers_of(branches, turn.shared.parallels);
    let forked = branches.iter().zip(barriers).enumerate().map(|(number, (steps, barriers))| Branch {
        variables: branch.variables.fork(),
        stack: vec![Frame { block: block.branch_of(at, number), at: 0, end: steps.len(), round: 0 }],
        findings: branch.findings.fork(),
        has_barriers: !barriers.is_empty(),
        barriers,
        ..Branch::default()
    });
    forked.collect()
}

/// Takes over what the branches of `step` came to, in the order in which they are written.
pub(crate) fn join(turn: &mut Turn<'_, '_>, branch: &mut Branch, step: &Step, branches: Vec<Branch>) -> Next {
    // Whoever waited for a branch that stopped on its way was let go before its time.
    let absent = branches.iter().find_map(|one| one.stopped().filter(|_| one.missed_barriers)).cloned();
    let mut first_stop = None;
    for mut one in branches {
        let stopped = one.stopped().cloned();
        if let (Some(absent), true, None) = (&absent, one.has_barriers, &stopped) {
            one.findings.void(absent);
        }
        branch.variables.join(one.variables);
        branch.findings.join(one.findings);
        one.undo.into_iter().for_each(|undo| branch.add_undo(undo));
        first_stop = first_stop.or(stopped);
    }
    match first_stop {
        None => Next::Done,
        Some(stop) => {
            branch.findings.leave_own(turn.program, step, &stop);
            Next::Stop(stop)
        }
    }
}

/// Whether all branches have ended.
pub(crate) fn all_ended(waiting: &Waiting) -> bool {
    matches!(waiting, Waiting::Branches(branches) if branches.iter().all(Branch::has_ended))
}
