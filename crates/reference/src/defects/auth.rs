//! Credentials are exchanged, accepted or refused wrongly.

use std::collections::HashSet;
use std::time::Duration;

use super::edits::{error_is, error_of_is, success_is};
use super::entry::Entry;
use super::memory::Memory;
use crate::operation::Operation;
use crate::policy::decisions::Overrides;
use crate::policy::facts::Caller;
use crate::problem::{Problem, kind};
use crate::state::credentials::Credentials;

pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new(
        "exchange-answers-201",
        "4.3",
        "Exchanging an API key returns 201 instead of 200.",
        |policy| {
            success_is(policy, Operation::ExchangeKey, 201);
        },
    ),
    Entry::new("any-api-key-exchanged", "4.4", "Any API key is exchanged for an access token.", |policy| {
        policy.key_is_exchanged(|_, _| true);
    }),
    Entry::new("missing-api-key-is-404", "4.5", "A body without an API key returns 404.", |policy| {
        error_of_is(policy, Operation::ExchangeKey, kind::ATTRIBUTE_REQUIRED, 404);
        error_of_is(policy, Operation::ExchangeKey, kind::INVALID_ATTRIBUTE, 404);
    }),
    Entry::new("not-json-is-500", "4.5", "A body that is not JSON returns 500.", |policy| {
        error_of_is(policy, Operation::ExchangeKey, kind::INVALID_PAYLOAD, 500);
    }),
    Entry::new("bearer-refused", "4.2", "Access tokens are issued and never accepted.", |policy| {
        policy.authorized(|caller, contract| if is_bearer(caller) { Err(unknown()) } else { contract });
    }),
    Entry::new("basic-needs-a-password", "4.1", "An API key with an empty password is refused.", |policy| {
        policy.password_is_good(|password, _| !password.is_empty());
    }),
    Entry::new(
        "missing-authorization-is-403",
        "4.8",
        "A request without Authorization returns 403.",
        |policy| {
            error_is(policy, kind::MISSING_AUTHORIZATION, 403);
        },
    ),
    Entry::new("malformed-authorization-is-400", "4.8", "A malformed Authorization returns 400.", |policy| {
        error_is(policy, kind::INVALID_AUTHORIZATION, 400);
    }),
    Entry::new("any-access-token-accepted", "4.8", "Any Bearer value is accepted.", |policy| {
        policy.authorized(|caller, contract| if is_bearer(caller) { Ok(()) } else { contract });
    }),
    Entry::new(
        "unknown-access-token-misnamed",
        "4.8",
        "An unknown access token is refused as if the API key were wrong.",
        |policy| super::edits::error_is_misnamed(policy, kind::INVALID_ACCESS_TOKEN, kind::INVALID_API_KEY),
    ),
    Entry::new(
        "refreshed-token-is-dead",
        "4.6",
        "The access token that a refresh gives is never accepted.",
        refreshed_token_is_dead,
    ),
    Entry::new("any-refresh-token-accepted", "4.4", "Any refresh token is exchanged.", |policy| {
        policy.refresh_token_is_exchanged(|_, _| true);
    }),
    Entry::new(
        "access-token-never-expires",
        "11.16",
        "An access token is accepted indefinitely.",
        |policy| {
            policy.access_token_life(|_| Duration::from_secs(100 * 365 * 86_400));
        },
    ),
    Entry::new(
        "access-token-lives-twice",
        "11.16",
        "An access token is accepted for twice its `expires_in`.",
        |policy| policy.access_token_life(|life| life * 2),
    ),
    Entry::new(
        "upload-token-opens-management",
        "4.9",
        "An upload token is accepted as Bearer by every endpoint.",
        |policy| {
            policy.authorized(|caller, contract| match caller.upload_token {
                Some(_) if is_bearer(caller) => Ok(()),
                _ => contract,
            });
        },
    ),
    Entry::new(
        "upload-token-is-a-key",
        "4.9",
        "An upload token is accepted as a basic user name by every endpoint.",
        |policy| {
            policy.authorized(|caller, contract| match caller.credentials {
                Some(Credentials::Basic { password, .. })
                    if caller.upload_token.is_some() && password.is_empty() =>
                {
                    Ok(())
                }
                _ => contract,
            });
        },
    ),
    Entry::new(
        "token-list-is-public",
        "4.8",
        "Upload tokens are listed to a client without credentials.",
        |policy| {
            public(policy, Operation::ListTokens);
        },
    ),
    Entry::new(
        "token-deletion-is-public",
        "4.8",
        "Upload tokens are deleted by a client without credentials.",
        |policy| public(policy, Operation::DeleteToken),
    ),
    Entry::new(
        "refresh-as-text-refused",
        "10.4",
        "A refresh that is not labelled application/json is refused.",
        |policy| {
            policy.refused_at_once(|call, contract| {
                let is_json =
                    call.header("content-type").is_some_and(|text| text.starts_with("application/json"));
                contract.or((call.operation == Operation::Refresh && !is_json).then(|| {
                    Problem::new(kind::INVALID_PAYLOAD, "The body must be labelled application/json.")
                }))
            });
        },
    ),
];

fn refreshed_token_is_dead(policy: &mut Overrides) {
    let refreshed = Memory::<HashSet<String>>::default();
    let dead = refreshed.share();
    policy.access_token_shown(move |operation, _, token| {
        if operation == Operation::Refresh {
            refreshed.lock().extend(token["access_token"].as_str().map(str::to_owned));
        }
    });
    policy.authorized(move |caller, contract| match caller.credentials {
        Some(Credentials::Bearer(token)) if dead.lock().contains(token) => Err(unknown()),
        _ => contract,
    });
}

/// An operation that needs no credentials.
pub(crate) fn public(policy: &mut Overrides, operation: Operation) {
    policy.authorized(
        move |caller, contract| {
            if caller.operation == operation && caller.is_anonymous() { Ok(()) } else { contract }
        },
    );
}

pub(crate) fn is_bearer(caller: &Caller<'_>) -> bool {
    matches!(caller.credentials, Some(Credentials::Bearer(_)))
}

pub(crate) fn unknown() -> Problem {
    Problem::new(kind::INVALID_ACCESS_TOKEN, "This access token is unknown here, or has expired.")
}
