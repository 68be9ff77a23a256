//! The model: every state that the replies so far allow, and the search for an order of calls that were made at once.

use std::collections::BTreeMap;

use super::call::{Call, Credential, Operation};
use super::expectation::{Answered, Difference};
use super::known::Known;
use super::outcome::Outcome;
use super::refusal::Refusal;
use super::reply::Reply;
use super::uploads::Sent;
use super::videos::{Action, Conditions};
use super::{access, list, protocol, tokens, uploads, videos};
use crate::state::ContractLimits;

/// The model of one server.
#[derive(Debug, Clone)]
pub struct ContractModel {
    limits: ContractLimits,
    /// Whether browsers may call from other origins.
    cors: bool,
    /// Whether others have upload tokens at this server, too.
    foreign_tokens: bool,
    states: Vec<Known>,
}

/// A call, its reply, and when it was under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// The call.
    pub call: Call,
    /// The reply.
    pub reply: Reply,
    /// When it could take effect at the earliest, on any clock that all exchanges share.
    pub from: u64,
    /// When its reply had come.
    pub to: u64,
}

/// A reply that the contract does not allow.
#[derive(Debug, Clone, PartialEq)]
pub struct Breach {
    /// Which of the exchanges that were under way at once.
    pub exchange: usize,
    /// The rule that is broken.
    pub rule: &'static str,
    /// What would have been allowed.
    pub difference: Difference,
    /// The longest order of exchanges that the contract allows; no order of all of them is allowed.
    pub order: Vec<usize>,
    /// Whether this reply alone would have been allowed at some point, and only all replies together are not.
    pub joint: bool,
    /// Whether even the statuses together are not allowed, whatever the fields are.
    pub by_status: bool,
}

/// The states after some of the exchanges, with one order that leads there.
struct Reached {
    states: Vec<Known>,
    order: Vec<usize>,
}

/// How closely replies are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compare {
    Everything,
    Status,
}

impl ContractModel {
    /// A server of which nothing is known yet.
    pub fn new(limits: ContractLimits, cors: bool, foreign_tokens: bool) -> Self {
        Self { limits, cors, foreign_tokens, states: vec![Known::default()] }
    }

    /// Takes in exchanges that were under way at once. Their replies must fit some order of them in which each takes
    /// effect between its beginning and its end.
    pub fn take(&mut self, exchanges: &[Exchange]) -> Result<(), Box<Breach>> {
        for (at, Exchange { call, reply, .. }) in exchanges.iter().enumerate() {
            let is_read = !is_broken_off(call);
            if let Some(difference) = protocol::difference(call, reply, self.cors).filter(|_| is_read) {
                return Err(Box::new(Breach::of(at, difference)));
            }
        }
        let mut reached = self.reach(exchanges, Compare::Everything);
        let all = (1_u32 << exchanges.len()) - 1;
        match reached.remove(&all) {
            Some(end) => {
                self.states = end.states;
                Ok(())
            }
            None => Err(Box::new(self.breach(exchanges, &reached))),
        }
    }

    /// The states after each set of exchanges that some order can begin with. A set is a mask of bits.
    fn reach(&self, exchanges: &[Exchange], compare: Compare) -> BTreeMap<u32, Reached> {
        let mut reached = BTreeMap::new();
        reached.insert(0, Reached { states: self.states.clone(), order: Vec::new() });
        // A set is smaller, as a number, than every set that has it in it.
        for mask in 0..(1_u32 << exchanges.len()) {
            let Some(Reached { states, order }) = reached.remove(&mask) else { continue };
            for at in next(exchanges, mask) {
                let after = self.after(&states, &exchanges[at], compare);
                if after.is_empty() {
                    continue;
                }
                let into = reached.entry(mask | (1 << at)).or_insert_with(|| Reached {
                    states: Vec::new(),
                    order: order.iter().copied().chain([at]).collect(),
                });
                for state in after {
                    if !into.states.contains(&state) {
                        into.states.push(state);
                    }
                }
            }
            reached.insert(mask, Reached { states, order });
        }
        reached
    }

    /// The states after an exchange.
    fn after(&self, states: &[Known], exchange: &Exchange, compare: Compare) -> Vec<Known> {
        let Exchange { call, reply, .. } = exchange;
        let mut after = Vec::new();
        for outcome in states.iter().flat_map(|state| self.outcomes(state, call)) {
            let fits = match compare {
                Compare::Everything => outcome.expectation.difference(reply).is_none(),
                Compare::Status => outcome.expectation.allows_status(reply),
            };
            if fits {
                let mut next = outcome.next;
                next.learn(&outcome.learn, reply, call.arrived);
                after.push(next);
            }
        }
        after
    }

    fn breach(&self, exchanges: &[Exchange], reached: &BTreeMap<u32, Reached>) -> Breach {
        let mut best: Option<(bool, usize, Breach)> = None;
        for (mask, Reached { states, order }) in reached {
            for at in next(exchanges, *mask) {
                if !self.after(states, &exchanges[at], Compare::Everything).is_empty() {
                    continue;
                }
                let joint = self.is_allowed_somewhere(exchanges, at, reached);
                // What is wrong by itself is wrong wherever it stands.
                let states: Vec<&Known> =
                    if joint { states.iter().collect() } else { before(exchanges, at, reached) };
                let explained = self.explain(&states, exchanges, at);
                let breach = Breach { order: order.clone(), joint: joint || explained.joint, ..explained };
                let rank = (!joint, order.len());
                if best.as_ref().is_none_or(|(alone, length, _)| rank > (*alone, *length)) {
                    best = Some((rank.0, rank.1, breach));
                }
            }
        }
        let by_status = {
            let all = (1_u32 << exchanges.len()) - 1;
            !self.reach(exchanges, Compare::Status).contains_key(&all)
        };
        let breach =
            best.map_or_else(|| Breach::of(0, Difference::Answer(Vec::new())), |(.., breach)| breach);
        Breach { by_status, ..breach }
    }

    fn is_allowed_somewhere(
        &self,
        exchanges: &[Exchange],
        at: usize,
        reached: &BTreeMap<u32, Reached>,
    ) -> bool {
        reached.iter().any(|(mask, Reached { states, .. })| {
            next(exchanges, *mask).contains(&at)
                && !self.after(states, &exchanges[at], Compare::Everything).is_empty()
        })
    }

    /// What would have been allowed: the answers where the status is wrong, else the part that is.
    fn explain(&self, states: &[&Known], exchanges: &[Exchange], at: usize) -> Breach {
        let Exchange { call, reply, .. } = &exchanges[at];
        let mut answers: Vec<Answered> = Vec::new();
        let mut parts = Vec::new();
        let mut rule = None;
        for Outcome { expectation, .. } in states.iter().flat_map(|state| self.outcomes(state, call)) {
            rule.get_or_insert(expectation.rule);
            match expectation.difference(reply) {
                Some(Difference::Answer(more)) => answers.extend(more),
                Some(Difference::Part { check, got, value }) => {
                    let right = expectation.checks.iter().position(|other| *other == check).unwrap_or(0);
                    parts.push((right, Difference::Part { check, got, value }));
                }
                None => {}
            }
        }
        // The outcome of which the most parts are right is the one that was meant.
        if let Some(most) = parts.iter().map(|(right, _)| *right).max() {
            parts.sort_by_key(|(right, _)| usize::MAX - right);
            // Of calls made at once any order may have been the one, so all that they lead to is told.
            parts.retain(|(right, _)| *right == most || exchanges.len() > 1);
            return Breach::of_one(at, parts.into_iter().map(|(_, part)| part).collect());
        }
        answers.sort_unstable();
        answers.dedup();
        let rule = rule_of_status(call, reply, &answers).or(rule).unwrap_or("SCHEMA-06");
        Breach { rule, ..Breach::of(at, Difference::Answer(answers)) }
    }

    /// Everything that a call may lead to.
    fn outcomes(&self, known: &Known, call: &Call) -> Vec<Outcome> {
        let mut outcomes = self.outcomes_of_plain(known, call);
        if call.operation.segment().is_some_and(|segment| segment.chunked) {
            // A server may insist on a Content-Length.
            outcomes.push(Outcome::unchanged(protocol::length_required(), known));
        }
        outcomes
    }

    fn outcomes_of_plain(&self, known: &Known, call: &Call) -> Vec<Outcome> {
        match &call.operation {
            Operation::Exchange(given) => access::exchange(known, given),
            Operation::Refresh(given) => access::refresh(known, given),
            Operation::Upload { token, video, segment } => {
                let (token, video) = (token.as_deref(), video.as_deref());
                let sent = Sent { call, segment, limits: &self.limits };
                uploads::by_token(known, sent, token, video)
            }
            Operation::Preflight { headers } => protocol::preflight(headers)
                .into_iter()
                .map(|expectation| Outcome::unchanged(expectation, known))
                .collect(),
            Operation::UnknownPath => vec![Outcome::unchanged(protocol::unknown_path(), known)],
            Operation::WrongMethod { allowed } => {
                vec![Outcome::unchanged(protocol::wrong_method(allowed), known)]
            }
            _ => access::authorize(known, call, self.limits.margin)
                .into_iter()
                .flat_map(|authorization| self.managed(known, call, authorization))
                .collect(),
        }
    }

    /// The calls that need the key or an access token.
    fn managed(&self, known: &Known, call: &Call, authorization: Option<Refusal>) -> Vec<Outcome> {
        let (at, limits) = (call.arrived, &self.limits);
        let existing = |action, id: &str| {
            videos::existing(known, action, id, Conditions { at, limits }, authorization.clone())
        };
        match &call.operation {
            Operation::CreateToken(ttl) => vec![tokens::create(known, ttl, at, limits, authorization)],
            Operation::ListTokens(query) if self.foreign_tokens => {
                list::among_others(known, query, at, limits, authorization)
            }
            Operation::ListTokens(query) => list::list(known, query, at, limits, authorization),
            Operation::ShowToken(token) => tokens::show(known, token, at, limits, authorization),
            Operation::DeleteToken(token) => tokens::delete(known, token, at, limits, authorization),
            Operation::CreateVideo(title) => vec![videos::create(known, title, call, limits, authorization)],
            Operation::ShowVideo(id) => existing(Action::Show, id),
            Operation::DeleteVideo(id) => existing(Action::Delete, id),
            Operation::ShowStatus(id) => existing(Action::Status, id),
            Operation::UploadSource { video, segment } => {
                vec![uploads::by_key(known, Sent { call, segment, limits }, video, authorization)]
            }
            _ => Vec::new(),
        }
    }
}

/// Every state in which an exchange may take effect.
fn before<'r>(exchanges: &[Exchange], at: usize, reached: &'r BTreeMap<u32, Reached>) -> Vec<&'r Known> {
    let possible = reached.iter().filter(|(mask, _)| next(exchanges, **mask).contains(&at));
    possible.flat_map(|(_, reached)| &reached.states).collect()
}

/// The rule that a wrong status breaks, where it is not the one that the call is about.
fn rule_of_status(call: &Call, reply: &Reply, answers: &[Answered]) -> Option<&'static str> {
    let is_refused_wrongly =
        reply.status == Some(401) && !answers.iter().any(|answered| answered.status == 401);
    let is_chunked = call.operation.segment().is_some_and(|segment| segment.chunked);
    match call.credential {
        Credential::Bearer(_) if is_refused_wrongly && call.operation.segment().is_none() => Some("AUTH-05"),
        Credential::Key if is_refused_wrongly && call.operation.segment().is_none() => Some("AUTH-06"),
        _ if matches!(call.operation, Operation::Upload { .. })
            && call.credential != Credential::None
            && is_refused_wrongly =>
        {
            Some("UPLOAD-16")
        }
        _ if is_chunked && reply.status.is_none_or(|status| status >= 500) => Some("HTTP-08"),
        _ => None,
    }
}

/// The exchanges that may take effect next: none that is left over ended before they began.
fn next(exchanges: &[Exchange], mask: u32) -> Vec<usize> {
    let left: Vec<usize> = (0..exchanges.len()).filter(|at| mask & (1 << at) == 0).collect();
    let may_be_next = |at: &usize| left.iter().all(|other| exchanges[*other].to >= exchanges[*at].from);
    left.iter().copied().filter(may_be_next).collect()
}

fn is_broken_off(call: &Call) -> bool {
    call.operation.segment().is_some_and(|segment| segment.broken_off)
}

impl Breach {
    fn of(exchange: usize, difference: Difference) -> Self {
        let rule = match &difference {
            Difference::Part { check, .. } => check.rule,
            Difference::Answer(_) => "SCHEMA-06",
        };
        Self { exchange, rule, difference, order: Vec::new(), joint: false, by_status: false }
    }

    /// A part that differs from what each of several orders allows. Where their values can be listed, one of them was
    /// wanted. Else no single expectation says it.
    fn of_one(exchange: usize, parts: Vec<Difference>) -> Self {
        let mut parts = parts.into_iter();
        let Some(Difference::Part { mut check, got, value }) = parts.next() else {
            return Self::of(exchange, Difference::Answer(Vec::new()));
        };
        let mut joint = false;
        for part in parts {
            let Difference::Part { check: other, .. } = part else { continue };
            if other.subject != check.subject || !check.wanted.merge(other.wanted) {
                joint = true;
            }
        }
        Self { joint, ..Self::of(exchange, Difference::Part { check, got, value }) }
    }
}
