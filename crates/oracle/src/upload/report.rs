//! What the target says of an upload, held against the model.

use super::aspect::Aspect;
use super::model::Model;
use super::semantics::Order;
use super::state::{Kept, State};
use super::violation::{Verdict, Violation};

/// What an upload is said to have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// So many bytes, from the beginning or in all.
    pub bytes: Option<u64>,
    /// Segments with these numbers.
    pub segments: Option<Vec<u64>>,
    /// Whether it is complete.
    pub complete: Option<bool>,
}

impl Model {
    /// Takes what the answer to a segment says of the upload.
    pub(super) fn received(&mut self, aspect: Aspect, bytes: u64) -> Result<(), Violation> {
        self.narrow(aspect, &Report { bytes: Some(bytes), ..Report::default() })
    }

    /// Takes what the target says of the upload.
    pub fn reported(&mut self, report: &Report) -> Result<(), Violation> {
        self.narrow(Aspect::Asked, report)
    }

    /// Nothing that was broken off is worked on any more.
    pub fn settle(&mut self) {
        self.states.iter_mut().for_each(|state| state.kept.is_open = false);
    }

    /// Whether something that was broken off may still be worked on.
    pub fn is_open(&self) -> bool {
        self.states.iter().any(|state| state.kept.is_open)
    }

    /// Says that just so many bytes are kept of what was broken off: nothing more is worked on.
    pub fn settle_at(&mut self, bytes: u64) {
        for state in &mut self.states {
            if (state.kept.least..=state.kept.greatest).contains(&bytes) {
                state.kept = Kept::exactly(bytes);
            }
        }
        self.settle();
    }

    /// Keeps the states that fit what was reported.
    fn narrow(&mut self, aspect: Aspect, report: &Report) -> Result<(), Violation> {
        if let Some(bytes) = report.bytes {
            self.narrow_by(aspect, |model, state| model.with_bytes(state, bytes))?;
        }
        if let Some(numbers) = &report.segments {
            self.narrow_by(aspect, |_, state| state.segments.keys().eq(numbers).then(|| state.clone()))?;
        }
        if let Some(complete) = report.complete {
            let fits = |model: &Self, state: &State| {
                (model.is_complete_in(state) != Some(!complete)).then(|| state.clone())
            };
            self.narrow_by(Aspect::Completed, fits)?;
        }
        Ok(())
    }

    fn narrow_by(
        &mut self,
        aspect: Aspect,
        fits: impl Fn(&Self, &State) -> Option<State>,
    ) -> Result<(), Violation> {
        let left: Vec<State> = self.states.iter().filter_map(|state| fits(self, state)).collect();
        if left.is_empty() {
            let mut allowed = Vec::new();
            for state in &self.states {
                let verdict = self.wanted(aspect, state);
                if !allowed.contains(&verdict) {
                    allowed.push(verdict);
                }
            }
            return Err(Violation { aspect, allowed });
        }
        self.states = left;
        Ok(())
    }

    /// What a state asks of a report.
    fn wanted(&self, aspect: Aspect, state: &State) -> Verdict {
        match (aspect, self.semantics.order) {
            (Aspect::Completed, _) => Verdict::Complete(self.is_complete_in(state) == Some(true)),
            (_, Order::InTurn) => {
                Verdict::Received { least: state.kept.least, greatest: state.kept.greatest }
            }
            (_, Order::Any) => Verdict::Segments(state.segments.keys().copied().collect()),
        }
    }

    /// The state in which so many bytes are received, where it can be.
    fn with_bytes(&self, state: &State, bytes: u64) -> Option<State> {
        match self.semantics.order {
            Order::Any => (state.sum() == bytes).then(|| state.clone()),
            Order::InTurn => {
                let Kept { least, greatest, is_open } = state.kept;
                if !(least..=greatest).contains(&bytes) {
                    return None;
                }
                let greatest = if is_open { greatest } else { bytes };
                Some(State { kept: Kept { least: bytes, greatest, is_open }, ..state.clone() })
            }
        }
    }
}
