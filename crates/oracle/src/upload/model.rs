//! The model of one upload: all states that the answers so far allow.

use super::aspect::Aspect;
use super::segment::{Reply, Segment};
use super::semantics::{Again, BrokenOff, Completion, Order, PlacedBy, Semantics, Statuses};
use super::state::{Kept, Piece, State};
use super::violation::{Verdict, Violation};

/// All states that the answers so far allow.
#[derive(Debug, Clone)]
pub struct Model {
    pub(super) semantics: Semantics,
    /// The size of the upload.
    pub(super) total: u64,
    /// In how many segments it is sent, where their numbers place them and the target is told.
    pub(super) count: u64,
    pub(super) states: Vec<State>,
}

/// One way in which a request may be answered, and what is received then.
pub(super) struct Outcome {
    pub(super) aspect: Aspect,
    pub(super) verdict: Verdict,
    pub(super) state: State,
}

impl Outcome {
    /// Whether an answer with this status is this outcome. Whoever is sent too much may close the connection.
    pub(super) fn allows(&self, status: Option<u16>) -> bool {
        let is_too_much = matches!(self.aspect, Aspect::Beyond | Aspect::Size);
        let is_refused = matches!(self.verdict, Verdict::Refused(_));
        self.verdict.allows(status) || (status.is_none() && is_too_much && is_refused)
    }
}

impl Model {
    /// An upload of `total` bytes that was just created.
    pub fn new(semantics: Semantics, total: u64) -> Self {
        let mut model = Self { semantics, total, count: u64::MAX, states: vec![State::default()] };
        if total == 0 && model.semantics.completion == Completion::WhenFull {
            model.states[0].completed = true;
        }
        model
    }

    /// The same upload, where segments say that they are of so many.
    #[must_use]
    pub fn in_segments(self, count: u64) -> Self {
        Self { count, ..self }
    }

    /// Whether a status accepts a segment.
    pub fn accepts(&self, status: u16) -> bool {
        self.semantics.accepted.has(status) || self.semantics.accepted_last.has(status)
    }

    /// Takes the answer to a segment.
    pub fn answered(&mut self, segment: &Segment, reply: Reply) -> Result<(), Violation> {
        let outcomes = self.outcomes(segment);
        let (fitting, others): (Vec<_>, Vec<_>) =
            outcomes.into_iter().partition(|outcome| outcome.allows(reply.status));
        if fitting.is_empty() {
            return Err(violation(others));
        }
        self.states = states(fitting);
        match reply.received {
            Some(bytes) if segment.broken_off.is_none() => {
                let is_beyond = segment.end() > self.total;
                self.received(if is_beyond { Aspect::Beyond } else { Aspect::Received }, bytes)
            }
            _ => Ok(()),
        }
    }

    /// Takes the answer to the request that completes the upload.
    pub fn completed(&mut self, status: Option<u16>) -> Result<(), Violation> {
        let outcomes: Vec<_> = self.states.iter().map(|state| self.completion(state)).collect();
        let (fitting, others): (Vec<_>, Vec<_>) =
            outcomes.into_iter().partition(|outcome| outcome.verdict.allows(status));
        if fitting.is_empty() {
            return Err(violation(others));
        }
        self.states = states(fitting);
        Ok(())
    }

    /// Whether the upload is complete, where the answers leave no doubt.
    pub fn is_complete(&self) -> Option<bool> {
        let first = self.is_complete_in(self.states.first()?);
        let same = self.states.iter().all(|state| self.is_complete_in(state) == first);
        if same { first } else { None }
    }

    /// The content of the finished upload as positions and lengths in what was sent, where the upload is complete and the
    /// answers leave no doubt.
    pub fn content(&self) -> Option<Vec<(u64, u64)>> {
        let first = self.states.first()?;
        let is_known = self.states.iter().all(|state| state == first) && first.kept.is_exact();
        (self.is_complete() == Some(true) && is_known).then(|| first.pieces())
    }

    /// The numbers and the pieces of the segments that are kept in any order, in the order of their numbers.
    pub fn kept_segments(&self) -> Vec<u64> {
        self.states.first().map(|state| state.segments.keys().copied().collect()).unwrap_or_default()
    }

    /// The ways in which a segment may be answered.
    pub(super) fn outcomes(&self, segment: &Segment) -> Vec<Outcome> {
        self.states
            .iter()
            .flat_map(|state| match self.semantics.order {
                Order::InTurn => self.outcomes_in_turn(state, segment),
                Order::Any => self.outcomes_in_any_order(state, segment),
            })
            .collect()
    }

    fn outcomes_in_turn(&self, state: &State, segment: &Segment) -> Vec<Outcome> {
        let Kept { least, greatest, is_open } = state.kept;
        // Where a request that was broken off is still worked on, a refusal is no fault, and changes nothing.
        let busy = is_open.then(|| Outcome {
            aspect: Aspect::BrokenOff,
            verdict: Verdict::Refused(Statuses::class(4)),
            state: state.clone(),
        });
        let below = (least < segment.from).then(|| (least, greatest.min(segment.from - 1)));
        let at = (least..=greatest).contains(&segment.from).then_some((segment.from, segment.from));
        let above = (segment.from < greatest).then(|| (least.max(segment.from + 1), greatest));
        [below, at, above]
            .into_iter()
            .flatten()
            .flat_map(|range| self.outcomes_at(state, segment, range))
            .chain(busy)
            .collect()
    }

    /// The ways in which a segment may be answered where so many bytes are kept: all below its beginning, all above, or just
    /// as many.
    fn outcomes_at(&self, state: &State, segment: &Segment, (least, greatest): (u64, u64)) -> Vec<Outcome> {
        let completed = self.is_full(least) || state.completed;
        let faults = self.semantics.faults_in_turn(segment, least, (self.total, completed));
        let kept =
            |least, greatest, is_open| State { kept: Kept { least, greatest, is_open }, ..state.clone() };
        let unchanged = kept(least, greatest, state.kept.is_open);
        if let Some(after) = segment.broken_off {
            let keeps = self.semantics.broken_off == BrokenOff::Prefix && faults.is_empty();
            let state = if keeps { kept(least, least + after, true) } else { unchanged };
            return vec![Outcome { aspect: Aspect::BrokenOff, verdict: Verdict::Anything, state }];
        }
        let Some((aspect, _)) = faults.first() else {
            let mut state = kept(segment.end(), segment.end(), false);
            state.completed |= self.completes(segment);
            let statuses =
                if segment.is_last { &self.semantics.accepted_last } else { &self.semantics.accepted };
            let aspect = if segment.length == 0 { Aspect::Size } else { Aspect::Accepted };
            return vec![Outcome { aspect, verdict: Verdict::Accepted(statuses.clone()), state }];
        };
        let aspect = *aspect;
        let statuses = faults.iter().fold(Statuses::default(), |all, (_, statuses)| all.and(statuses));
        let is_harmless = aspect == Aspect::Again && self.semantics.again != Again::Refused;
        let has = |aspect| faults.iter().any(|(fault, _)| *fault == aspect);
        let is_beyond = faults.len() == usize::from(has(Aspect::Beyond)) + usize::from(has(Aspect::Size))
            && has(Aspect::Beyond);
        let is_of_unsaid_size = faults.len() == 1 && self.semantics.leaves_size_open(segment);
        let accepting = self.semantics.accepting();
        let mut outcomes = Vec::new();
        if is_harmless || (segment.length == 0 && completed) {
            let accepted = Verdict::Accepted(accepting.clone());
            outcomes.push(Outcome { aspect, verdict: accepted, state: unchanged.clone() });
        }
        if is_of_unsaid_size && has(Aspect::Size) {
            let accepted = Verdict::Accepted(accepting.clone());
            let end = segment.end();
            outcomes.push(Outcome { aspect, verdict: accepted, state: kept(end, end, false) });
        }
        if is_beyond && self.semantics.refused.beyond.is_none() {
            // It may be cut to what is missing, and accepted; where nothing is said, only that no more is kept is certain.
            outcomes.push(Outcome {
                aspect,
                verdict: Verdict::Accepted(accepting),
                state: kept(least, self.total.max(least), false),
            });
        }
        // What stands before the end may have been kept as it came, before the excess was seen.
        let state = if is_beyond && self.semantics.broken_off == BrokenOff::Prefix {
            kept(least, self.total.max(least), true)
        } else {
            unchanged
        };
        outcomes.push(Outcome { aspect, verdict: Verdict::Refused(statuses), state });
        outcomes
    }

    fn outcomes_in_any_order(&self, state: &State, segment: &Segment) -> Vec<Outcome> {
        let mut faults = self.semantics.faults_in_any_order(segment, state, (self.total, self.count));
        if segment.broken_off.is_some() {
            let verdict = Verdict::Anything;
            return vec![Outcome { aspect: Aspect::BrokenOff, verdict, state: state.clone() }];
        }
        let mut accepted = state.clone();
        let piece = Piece { from: segment.from, length: segment.length };
        let place = self.semantics.place(segment);
        if self.semantics.again == Again::Replaces || !accepted.segments.contains_key(&place) {
            accepted.segments.insert(place, piece);
        }
        let is_full = self.semantics.completion == Completion::WhenFull
            && match self.semantics.placed_by {
                PlacedBy::Offset => accepted.sum() == self.total,
                PlacedBy::Number => accepted.segments.len() as u64 == self.count,
            };
        accepted.completed |= is_full || self.completes(segment);
        let sizes_wait = self.semantics.checks_sizes_at_the_end();
        let is_small = sizes_wait && faults.iter().any(|(aspect, _)| *aspect == Aspect::Size);
        let mut outcomes = Vec::new();
        if is_small && faults.len() == 1 {
            // It may be refused now, or when the upload is completed.
            let verdict = Verdict::Accepted(self.semantics.accepted.clone());
            outcomes.push(Outcome { aspect: Aspect::Accepted, verdict, state: accepted });
        } else if faults.is_empty() {
            let verdict = Verdict::Accepted(self.accepted_in_any_order(segment, accepted.completed));
            return vec![Outcome { aspect: Aspect::Accepted, verdict, state: accepted }];
        }
        let (aspect, mut statuses) = faults.remove(0);
        for (_, more) in &faults {
            statuses = statuses.and(more);
        }
        outcomes.push(Outcome { aspect, verdict: Verdict::Refused(statuses), state: state.clone() });
        outcomes
    }

    /// The statuses that accept a segment: those of the last where it has the last byte, or completes the upload.
    fn accepted_in_any_order(&self, segment: &Segment, completes: bool) -> Statuses {
        let Semantics { accepted, accepted_last, .. } = &self.semantics;
        match (segment.is_last, completes) {
            (true, true) => accepted_last.clone(),
            (false, false) => accepted.clone(),
            _ => accepted.clone().and(accepted_last),
        }
    }

    /// The answer that the request which completes the upload must have.
    fn completion(&self, state: &State) -> Outcome {
        let has_small =
            state.segments.iter().rev().skip(1).any(|(_, piece)| piece.length < self.semantics.sizes.min);
        let lacks = match self.semantics.order {
            Order::InTurn => state.kept.greatest < self.total,
            Order::Any => state.segments.is_empty() || has_small,
        };
        if state.completed {
            // What a second completion comes to is not said.
            return Outcome { aspect: Aspect::Completed, verdict: Verdict::Anything, state: state.clone() };
        }
        if lacks {
            let verdict = Verdict::Refused(Statuses::class(4));
            return Outcome { aspect: Aspect::Incomplete, verdict, state: state.clone() };
        }
        let verdict = Verdict::Accepted(self.semantics.completed.clone());
        Outcome { aspect: Aspect::Completed, verdict, state: State { completed: true, ..state.clone() } }
    }

    /// Whether a segment that is accepted completes the upload because it says so.
    fn completes(&self, segment: &Segment) -> bool {
        self.semantics.completion == Completion::ByFlag && segment.is_last
    }

    fn is_full(&self, kept: u64) -> bool {
        self.semantics.completion == Completion::WhenFull && kept == self.total
    }

    /// Whether the upload is complete in a state; none where the state leaves it open.
    pub(super) fn is_complete_in(&self, state: &State) -> Option<bool> {
        if state.completed {
            return Some(true);
        }
        if self.semantics.order == Order::Any || self.semantics.completion != Completion::WhenFull {
            return Some(false);
        }
        let Kept { least, greatest, .. } = state.kept;
        match (self.is_full(least), self.is_full(greatest)) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        }
    }
}

/// The states of outcomes, each once.
pub(super) fn states(outcomes: Vec<Outcome>) -> Vec<State> {
    let mut states = Vec::new();
    for outcome in outcomes {
        if !states.contains(&outcome.state) {
            states.push(outcome.state);
        }
    }
    states
}

fn violation(outcomes: Vec<Outcome>) -> Violation {
    let aspect = outcomes.first().map_or(Aspect::Accepted, |outcome| outcome.aspect);
    let mut allowed = Vec::new();
    for outcome in outcomes {
        if !allowed.contains(&outcome.verdict) {
            allowed.push(outcome.verdict);
        }
    }
    Violation { aspect, allowed }
}
