//! Segments of one upload that are sent at once.

use super::aspect::Aspect;
use super::model::{Model, states};
use super::segment::{Reply, Segment};
use super::semantics::{BrokenOff, Order};
use super::state::State;
use super::violation::{Verdict, Violation};
use crate::orders::permutations;

impl Model {
    /// Takes the answers to segments that were sent at once, whichever the target took first.
    ///
    /// Where segments are accepted in turn, one that was not accepted may have been refused only because another was under
    /// way: any refusal is right, and so is a connection that was closed.
    pub fn answered_at_once(&mut self, exchanges: &[(Segment, Reply)]) -> Result<(), Violation> {
        let mut ends: Vec<State> = Vec::new();
        for order in permutations(exchanges.len()) {
            let mut model = self.clone();
            for at in order {
                model.take(&exchanges[at]);
            }
            for state in model.states {
                if !ends.contains(&state) {
                    ends.push(state);
                }
            }
        }
        if ends.is_empty() {
            let most = match self.semantics.order {
                Order::InTurn => 1,
                Order::Any => exchanges.len(),
            };
            return Err(Violation { aspect: Aspect::AtOnce, allowed: vec![Verdict::AnOrder { most }] });
        }
        self.states = ends;
        Ok(())
    }

    /// Keeps the states that fit one of the answers.
    fn take(&mut self, (segment, reply): &(Segment, Reply)) {
        let is_refused = reply.status.is_none_or(|status| (400..500).contains(&status));
        if self.semantics.order == Order::InTurn && is_refused {
            let keeps = self.semantics.broken_off == BrokenOff::Prefix;
            for state in &mut self.states {
                if keeps && state.kept.is_exact() && state.kept.least == segment.from {
                    state.kept.greatest = segment.end().min(self.total);
                    state.kept.is_open = true;
                }
            }
            return;
        }
        let outcomes = self.outcomes(segment);
        let fitting = outcomes.into_iter().filter(|outcome| outcome.verdict.allows(reply.status)).collect();
        self.states = states(fitting);
    }
}
