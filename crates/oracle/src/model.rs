//! The model: all states that the answers so far allow.

use super::allowed::{Allowed, Answer, Violation};
use super::orders::permutations;
use super::outcome::{Outcome, outcomes};
use super::state::{ContractLimits, Deleted, Owner, Phase, Progress, Request, Span, State, Token, Upload};
use super::status::{ExpectedStatus, ObservedStatus};

/// All states that the answers so far allow.
#[derive(Debug, Clone)]
pub struct Model {
    limits: ContractLimits,
    states: Vec<State>,
}

impl Model {
    /// A target of which nothing is known yet.
    pub fn new(limits: ContractLimits) -> Self {
        Self { limits, states: vec![State::default()] }
    }

    /// A token was created.
    pub fn created(&mut self, ttl: u64, at: Span) {
        for state in &mut self.states {
            state.tokens.push(Token { ttl, created: at, deleted: None, refused: false });
        }
    }

    /// What may be answered to a request.
    pub fn predict(&self, request: &Request) -> Vec<Allowed> {
        let mut allowed = Vec::new();
        for (kind, _) in self.states.iter().flat_map(|state| outcomes(&self.limits, state, request)) {
            if !allowed.contains(&kind) {
                allowed.push(kind);
            }
        }
        allowed
    }

    /// Takes the answers to requests that were under way together, whichever the target took first.
    pub fn answered(&mut self, exchanges: &[(Request, Answer)]) -> Result<(), Violation> {
        let mut ends = Vec::new();
        for order in permutations(exchanges.len()) {
            let mut states = self.states.clone();
            for at in order {
                let (request, answer) = &exchanges[at];
                states = states
                    .iter()
                    .flat_map(|state| outcomes(&self.limits, state, request))
                    .filter(|(allowed, _)| allowed.allows(answer))
                    .map(|(_, state)| state)
                    .collect();
            }
            for state in states {
                if !ends.contains(&state) {
                    ends.push(state);
                }
            }
        }
        if !ends.is_empty() {
            self.states = ends;
            return Ok(());
        }
        let alone = |(request, answer): &(Request, Answer)| {
            self.predict(request).iter().any(|allowed| allowed.allows(answer))
        };
        if let Some(request) = exchanges.iter().position(|exchange| !alone(exchange)) {
            return Err(Violation { request, allowed: self.predict(&exchanges[request].0), joint: false });
        }
        // The last is taken for the wrong one: what would have been right behind all the others.
        let request = exchanges.len() - 1;
        let mut others = self.clone();
        for exchange in &exchanges[..request] {
            // Where even these do not fit, what fits them all before is told.
            if others.answered(std::slice::from_ref(exchange)).is_err() {
                break;
            }
        }
        Err(Violation { request, allowed: others.predict(&exchanges[request].0), joint: true })
    }

    /// Takes the answer to the deletion of a token.
    pub fn deleted(&mut self, token: usize, at: Span, status: Option<u16>) -> Result<(), Violation> {
        let limits = self.limits;
        self.take(status, |state| {
            let Some(of) = state.tokens.get(token) else { return Vec::new() };
            if of.deleted.is_some() {
                return vec![(Allowed::Plain { rule: "REVOKE-04", status: 404 }, state.clone())];
            }
            let one = |phase: Phase| match phase {
                Phase::Over => (Allowed::Plain { rule: "REVOKE-04", status: 404 }, state.clone()),
                Phase::Active | Phase::Grace => {
                    let mut state = state.clone();
                    state.tokens[token].deleted = Some(Deleted { at, phase });
                    (Allowed::Plain { rule: "REVOKE-01", status: 204 }, state)
                }
            };
            of.phases(at, &limits).into_iter().map(one).collect()
        })
    }

    /// Takes the answer to a look at a token.
    pub fn shown(&mut self, token: usize, at: Span, status: Option<u16>) -> Result<(), Violation> {
        let limits = self.limits;
        self.take(status, |state| {
            let Some(of) = state.tokens.get(token) else { return Vec::new() };
            if of.deleted.is_some() {
                return vec![(Allowed::Plain { rule: "REVOKE-03", status: 404 }, state.clone())];
            }
            // What is shown of an expired token is reported, not judged.
            let kind = match of.phases(at, &limits).as_slice() {
                [Phase::Active] => Allowed::Plain { rule: "TOKEN-09", status: 200 },
                _ => Allowed::Anything,
            };
            vec![(kind, state.clone())]
        })
    }

    /// Takes whether a token stands in the list of active tokens.
    pub fn listed(&mut self, token: usize, at: Span, listed: bool) -> Result<(), Violation> {
        let mut allowed = Vec::new();
        let mut left = Vec::new();
        for state in &self.states {
            let Some(of) = state.tokens.get(token) else { continue };
            let wanted = match of.phases(at, &self.limits).as_slice() {
                _ if of.deleted.is_some() => Some(("REVOKE-03", false)),
                [Phase::Active] => Some(("TOKEN-10", true)),
                phases if !phases.contains(&Phase::Active) => Some(("TTL-06", false)),
                _ => None,
            };
            match wanted {
                Some((rule, wanted)) if wanted != listed => {
                    allowed.push(Allowed::Listing { rule, listed: wanted });
                }
                _ => left.push(state.clone()),
            }
        }
        if left.is_empty() {
            return Err(Violation { request: 0, allowed, joint: false });
        }
        self.states = left;
        Ok(())
    }

    /// What a status must show of an upload; nothing where the states disagree or nobody began it.
    pub fn expected_status(&self, upload: usize, at: Span) -> Option<ExpectedStatus> {
        let mut wanted = self.states.iter().map(|state| self.wanted(state, upload, at));
        let first = wanted.next()??;
        wanted.all(|other| other.as_ref() == Some(&first)).then_some(first)
    }

    /// Whether this look keeps the contract; if not, which rule it breaks.
    pub fn observed(
        &self,
        upload: usize,
        at: Span,
        look: &ObservedStatus,
    ) -> Result<(), (&'static str, ExpectedStatus)> {
        let Some(wanted) = self.expected_status(upload, at) else { return Ok(()) };
        wanted.broken_by(look).map_or(Ok(()), |rule| Err((rule, wanted)))
    }

    /// The bytes of an upload that is complete: where each run of them stands in what was uploaded, and its length.
    /// Nothing where it is not complete, or where that cannot be said.
    pub fn bytes(&self, upload: usize) -> Option<Vec<(u64, u64)>> {
        let of = |state: &State| {
            let progress = &state.uploads.get(&upload)?.progress;
            progress.is_complete().then(|| progress.pieces())
        };
        let first = of(self.states.first()?)?;
        let agreed = self.states.iter().all(|state| of(state).as_ref() == Some(&first));
        agreed.then(|| first.iter().map(|piece| (piece.offset, piece.length)).collect())
    }

    fn take(
        &mut self,
        status: Option<u16>,
        outcomes: impl Fn(&State) -> Vec<Outcome>,
    ) -> Result<(), Violation> {
        let answer = Answer { status, slug: None, video: super::allowed::Video::None };
        let all: Vec<_> = self.states.iter().flat_map(outcomes).collect();
        let left: Vec<_> =
            all.iter().filter(|(kind, _)| kind.allows(&answer)).map(|(_, state)| state.clone()).collect();
        if left.is_empty() {
            let allowed = all.into_iter().map(|(kind, _)| kind).collect();
            return Err(Violation { request: 0, allowed, joint: false });
        }
        self.states = left;
        Ok(())
    }

    fn wanted(&self, state: &State, upload: usize, at: Span) -> Option<ExpectedStatus> {
        let Upload { owner, progress } = state.uploads.get(&upload)?;
        let Owner::Token(token) = owner else { return None };
        let token = state.tokens.get(*token)?;
        let phases = token.phases(at, &self.limits);
        let is = |phase| phases.as_slice() == [phase];
        if progress.is_complete() {
            let rule = match progress {
                _ if token.deleted.is_some() => "REVOKE-07",
                _ if is(Phase::Over) => "GRACE-08",
                _ if is(Phase::Grace) => "TTL-11",
                Progress::Whole(_) => "UPLOAD-11",
                Progress::Bytes { .. } => "BYTES-01",
                Progress::Parts { .. } => "PART-01",
            };
            let size = progress.pieces().iter().map(|piece| piece.length).sum();
            return Some(ExpectedStatus::Complete { rule, size });
        }
        if token.deleted.is_some() {
            return Some(ExpectedStatus::NeverComplete { rule: "REVOKE-05" });
        }
        if phases.contains(&Phase::Over) {
            return Some(ExpectedStatus::NeverComplete { rule: "GRACE-05" });
        }
        let short = |number: u128| u64::try_from(number).unwrap_or(u64::MAX);
        Some(match progress {
            Progress::Bytes { ranges, .. } => ExpectedStatus::UnderWay {
                rule: "BYTES-05",
                listing: "BYTES-04",
                ranges: Some(ranges.iter().map(|(from, (to, _))| (short(*from), short(*to))).collect()),
                parts: None,
            },
            Progress::Parts { count, parts } => ExpectedStatus::UnderWay {
                rule: "PART-01",
                listing: "PART-05",
                ranges: None,
                parts: Some((parts.keys().map(|number| short(*number)).collect(), count.map(short))),
            },
            Progress::Whole(_) => return None,
        })
    }
}
