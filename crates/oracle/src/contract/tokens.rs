//! Upload tokens are created, shown and deleted.

use serde_json::{Value as Json, json};

use super::call::TtlGiven;
use super::expectation::{Check, Expectation};
use super::known::{Known, Learn, ShownToken};
use super::outcome::Outcome;
use super::refusal::{Refusal, refused};
use super::wanted::{JsonType, Wanted};
use crate::state::{ContractLimits, Deleted, Phase, Span};

/// The largest ttl.
const MAX_TTL: i64 = 2_147_483_647;

/// `POST /upload-tokens`
pub(super) fn create(
    known: &Known,
    given: &TtlGiven,
    at: Span,
    limits: &ContractLimits,
    authorization: Option<Refusal>,
) -> Outcome {
    let (ttl, fault) = match given {
        TtlGiven::Missing => (0, None),
        TtlGiven::Seconds(..0) => (0, Some(Refusal::ttl("TOKEN-04"))),
        TtlGiven::Seconds(seconds) if *seconds > MAX_TTL => (0, Some(Refusal::ttl("TOKEN-06"))),
        TtlGiven::Seconds(seconds) => (seconds.unsigned_abs(), None),
        TtlGiven::Invalid(_) => (0, Some(Refusal::ttl_type())),
        TtlGiven::NotJson => (0, Some(Refusal::not_json())),
    };
    let refusals: Vec<_> = authorization.into_iter().chain(fault).collect();
    if !refusals.is_empty() {
        return Outcome::unchanged(refused(&refusals), known);
    }
    let rule = match given {
        TtlGiven::Missing => "TOKEN-02",
        TtlGiven::Seconds(0) => "TOKEN-03",
        TtlGiven::Seconds(MAX_TTL) => "TOKEN-05",
        _ => "TOKEN-01",
    };
    let before: Vec<_> = known.tokens.iter().map(|shown| json!(shown.token)).collect();
    let mut expectation = Expectation::status(rule, 200)
        .with(Check::json("SCHEMA-02", "$.token", Wanted::Type(JsonType::Text)))
        .with(Check::json("TOKEN-08", "$.token", Wanted::NoneOf(before)))
        .with(Check::json(rule, "$.ttl", Wanted::Is(json!(ttl))))
        .with(Check::json("SCHEMA-07", "$.createdAt", Wanted::DateTime));
    if let Some((from, to)) = known.server_time(at, limits.margin) {
        expectation = expectation.with(Check::json("SCHEMA-02", "$.createdAt", Wanted::Between(from, to)));
    }
    expectation = expectation.with_all(expiry("$", rule, ttl));
    Outcome { expectation, next: known.clone(), learn: Learn::Token(ttl) }
}

/// What `expiresAt` must be beside `createdAt`, in the object at this path.
fn expiry(path: &str, never: &'static str, ttl: u64) -> Vec<Check> {
    let expires = format!("{path}.expiresAt");
    if ttl == 0 {
        return vec![Check::json(never, expires, Wanted::NullOrAbsent)];
    }
    let after = Wanted::SecondsAfter(format!("{path}.createdAt"), i64::try_from(ttl).unwrap_or(i64::MAX));
    vec![Check::json("SCHEMA-07", expires.clone(), Wanted::DateTime), Check::json("TOKEN-15", expires, after)]
}

/// A token is shown at this path as its creation showed it.
pub(super) fn same_fields(path: &str, rule: &'static str, shown: &ShownToken) -> Vec<Check> {
    let is = |member: &str, value: &Json| {
        let wanted = if value.is_null() { Wanted::NullOrAbsent } else { Wanted::Is(value.clone()) };
        Check::json(rule, format!("{path}.{member}"), wanted)
    };
    vec![
        is("token", &json!(shown.token)),
        is("ttl", &json!(shown.ttl)),
        is("createdAt", &shown.created_at),
        is("expiresAt", &shown.expires_at),
    ]
}

/// `GET /upload-tokens/{token}`
pub(super) fn show(
    known: &Known,
    token: &str,
    at: Span,
    limits: &ContractLimits,
    authorization: Option<Refusal>,
) -> Vec<Outcome> {
    let number = known.token(token);
    let state = number.map(|number| &known.uploads.tokens[number]);
    let gone = match state {
        None => Some("TOKEN-11"),
        Some(token) if token.deleted.is_some() => Some("REVOKE-03"),
        Some(_) => None,
    };
    let missing = gone.map(Refusal::not_found);
    if let (Some(_), _) | (_, Some(_)) = (&authorization, &missing) {
        let refusals: Vec<_> = authorization.into_iter().chain(missing).collect();
        return vec![Outcome::unchanged(refused(&refusals), known)];
    }
    let Some(number) = number else { return Vec::new() };
    let fields = same_fields("$", "TOKEN-09", &known.tokens[number]);
    let mut outcomes = vec![Outcome::unchanged(Expectation::status("TOKEN-09", 200).with_all(fields), known)];
    // Whether an expired token is shown is left open.
    if state.is_some_and(|token| token.phases(at, limits) != [Phase::Active]) {
        outcomes.push(Outcome::unchanged(refused(&[Refusal::not_found("TTL-10")]), known));
    }
    outcomes
}

/// `DELETE /upload-tokens/{token}`
pub(super) fn delete(
    known: &Known,
    token: &str,
    at: Span,
    limits: &ContractLimits,
    authorization: Option<Refusal>,
) -> Vec<Outcome> {
    let number = known.token(token);
    let token = number.map(|number| (number, &known.uploads.tokens[number]));
    let Some((number, token)) = token.filter(|(_, token)| token.deleted.is_none()) else {
        let refusals: Vec<_> = authorization.into_iter().chain([Refusal::not_found("REVOKE-04")]).collect();
        return vec![Outcome::unchanged(refused(&refusals), known)];
    };
    if let Some(refusal) = authorization {
        return vec![Outcome::unchanged(refused(&[refusal]), known)];
    }
    let one = |phase: Phase| match phase {
        Phase::Over => Outcome::unchanged(refused(&[Refusal::not_found("REVOKE-04")]), known),
        Phase::Active | Phase::Grace => {
            let mut next = known.clone();
            next.uploads.tokens[number].deleted = Some(Deleted { at, phase });
            Outcome { expectation: Expectation::status("REVOKE-01", 204), next, learn: Learn::Nothing }
        }
    };
    token.phases(at, limits).into_iter().map(one).collect()
}
