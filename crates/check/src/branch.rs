//! A branch of `parallel`. It keeps what it finds and makes to itself until all branches have ended, so that neither the
//! report nor the order of the clean-up hangs on which of them was faster.

use std::sync::{Arc, Mutex};

use super::stop::Stop;
use super::trial::{Trial, Undo, lock};

impl Trial<'_> {
    /// A trial for a branch of this one; uploads are common to all.
    pub(super) fn branch(&self) -> Self {
        Self {
            world: self.world,
            scenario: self.scenario,
            seed: self.seed,
            uploads: Arc::clone(&self.uploads),
            undo: Mutex::default(),
            found: Mutex::default(),
            leftovers: Mutex::default(),
            left_out: Mutex::new(lock(&self.left_out).clone()),
            obstacles: Mutex::default(),
            everywhere: Mutex::new(lock(&self.everywhere).clone()),
            pass: self.pass.clone(),
            lost: Mutex::default(),
        }
    }

    /// Takes back what this branch found: what it waited for never came.
    pub(super) fn void(&self, stop: &Stop) {
        let Some(verdict) = stop.verdict() else { return };
        for found in lock(&self.found).iter_mut().filter(|found| !found.is_everywhere) {
            found.finding.verdict = verdict;
            found.finding.observed = stop.words();
            found.finding.exchange = None;
            found.obstacle = stop.obstacle().cloned();
        }
    }

    /// Takes over what a branch found and made, as if its steps stood behind those before.
    pub(super) fn join(&self, branch: Self) {
        let Self { undo, found, leftovers, left_out, obstacles, everywhere, lost, .. } = branch;
        let mut first = lock(&self.lost);
        *first = first.take().or(own(lost));
        drop(first);
        let mut known = lock(&self.everywhere);
        // An earlier branch may have recorded the same of another answer.
        let fresh =
            own(found).into_iter().filter(|found| !(found.is_everywhere && known.contains(&found.rule)));
        lock(&self.found).extend(fresh);
        known.append(&mut own(everywhere));
        let mut ahead = lock(&self.undo);
        for undo in own(undo) {
            if !matches!(&undo, Undo::Remove(made) if ahead.iter().any(|known| known.removes(made))) {
                ahead.push(undo);
            }
        }
        lock(&self.leftovers).append(&mut own(leftovers));
        lock(&self.obstacles).append(&mut own(obstacles));
        let mut reason = lock(&self.left_out);
        *reason = reason.take().or(own(left_out));
    }
}

fn own<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().expect("no holder of this lock panics")
}
