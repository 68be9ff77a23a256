//! Who may call: the API key, access tokens, and what is refused.

use serde_json::json;

use super::call::{Call, Credential, Given};
use super::expectation::{Check, Expectation};
use super::known::{Known, Learn};
use super::outcome::Outcome;
use super::refusal::{Refusal, refused};
use super::wanted::{JsonType, Wanted};
use crate::state::Span;

/// How long an access token lives, in milliseconds.
const ACCESS_TOKEN_LIFE: u64 = 3_600_000;

/// Whether a caller may manage tokens and videos: none if so, else why not. Both where the margin leaves it open.
pub(super) fn authorize(known: &Known, call: &Call, margin: u64) -> Vec<Option<Refusal>> {
    match &call.credential {
        Credential::Key => vec![None],
        Credential::None => vec![Some(Refusal::no_authorization())],
        Credential::Malformed => vec![Some(Refusal::malformed_authorization())],
        Credential::UnknownKey => vec![Some(Refusal::foreign_key())],
        Credential::Basic(text) => {
            let is_token = known.token(text).is_some();
            let upload_token = Refusal::upload_token_as_credential();
            vec![Some(if is_token { upload_token } else { Refusal::foreign_key() })]
        }
        Credential::Bearer(text) => match known.access.iter().find(|access| access.token == *text) {
            Some(access) => life(access.issued, call.arrived, margin),
            None if known.token(text).is_some() => vec![Some(Refusal::upload_token_as_credential())],
            None => vec![Some(Refusal::unknown_access_token())],
        },
    }
}

fn life(issued: Span, at: Span, margin: u64) -> Vec<Option<Refusal>> {
    let mut all = Vec::new();
    if at.from < issued.to + ACCESS_TOKEN_LIFE + margin {
        all.push(None);
    }
    if at.to + margin > issued.from + ACCESS_TOKEN_LIFE {
        all.push(Some(Refusal::expired_access_token()));
    }
    all
}

/// `POST /auth/api-key`
pub(super) fn exchange(known: &Known, given: &Given) -> Vec<Outcome> {
    let refusal = match given {
        Given::Known(_) | Given::KnownAsText(_) => return vec![granted("AUTH-01", known, known.clone())],
        Given::Unknown => Refusal::unknown_key(),
        Given::Missing => Refusal::missing_credential("AUTH-03", "apiKey"),
        Given::NotJson => Refusal::not_json(),
    };
    vec![Outcome::unchanged(refused(&[refusal]), known)]
}

/// `POST /auth/refresh`
pub(super) fn refresh(known: &Known, given: &Given) -> Vec<Outcome> {
    let refusal = match given {
        Given::Known(text) | Given::KnownAsText(text) => {
            match known.access.iter().position(|access| access.refresh == *text) {
                Some(at) => {
                    let mut next = known.clone();
                    next.access[at].refreshed = true;
                    let rule = if matches!(given, Given::Known(_)) { "AUTH-10" } else { "AUTH-15" };
                    let mut outcomes = vec![granted(rule, known, next)];
                    if known.access[at].refreshed {
                        // Whether a refresh token serves twice is left open.
                        let refusal = refused(&[Refusal::unknown_refresh_token()]);
                        outcomes.push(Outcome::unchanged(refusal, known));
                    }
                    return outcomes;
                }
                None => Refusal::unknown_refresh_token(),
            }
        }
        Given::Unknown => Refusal::unknown_refresh_token(),
        Given::Missing => Refusal::missing_credential("AUTH-03", "refreshToken"),
        Given::NotJson => Refusal::not_json(),
    };
    vec![Outcome::unchanged(refused(&[refusal]), known)]
}

/// A new access token.
fn granted(rule: &'static str, known: &Known, next: Known) -> Outcome {
    let before: Vec<_> = known.access.iter().map(|access| json!(access.token)).collect();
    let expectation = Expectation::status(rule, 200)
        .with(Check::json("SCHEMA-01", "$.token_type", Wanted::OneOf(vec![json!("Bearer"), json!("bearer")])))
        .with(Check::json("SCHEMA-01", "$.expires_in", Wanted::Type(JsonType::Integer)))
        .with(Check::json("AUTH-12", "$.expires_in", Wanted::Is(json!(ACCESS_TOKEN_LIFE / 1000))))
        .with(Check::json("SCHEMA-01", "$.access_token", Wanted::Type(JsonType::Text)))
        .with(Check::json("SCHEMA-01", "$.refresh_token", Wanted::Type(JsonType::Text)))
        .with(Check::json(rule, "$.access_token", Wanted::NoneOf(before)));
    Outcome { expectation, next, learn: Learn::Access }
}
