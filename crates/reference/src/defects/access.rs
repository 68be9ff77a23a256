//! Credentials open what they must not, or fail to open what they must, on one endpoint or in one form.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use http::{Method, StatusCode};

use super::auth::{is_bearer, public, unknown};
use super::edits::{error_is, error_is_misnamed, error_of_is, set_status, shown};
use super::entry::Entry;
use super::memory::{Memory, MemoryMap};
use crate::operation::Operation;
use crate::policy::decisions::Overrides;
use crate::problem::{Problem, kind};
use crate::state::credentials::Credentials;

pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new(
        "token-creation-is-public",
        "4.8",
        "A client without credentials creates upload tokens.",
        |policy| {
            public(policy, Operation::CreateToken);
        },
    ),
    Entry::new(
        "token-is-public",
        "4.8",
        "An upload token is shown to a client without credentials.",
        |policy| {
            public(policy, Operation::ShowToken);
        },
    ),
    Entry::new("video-creation-is-public", "4.8", "A client without credentials creates videos.", |policy| {
        public(policy, Operation::CreateVideo);
    }),
    Entry::new("video-is-public", "4.8", "A video is shown to a client without credentials.", |policy| {
        public(policy, Operation::ShowVideo);
    }),
    Entry::new("video-deletion-is-public", "4.8", "A client without credentials deletes videos.", |policy| {
        public(policy, Operation::DeleteVideo);
    }),
    Entry::new("status-is-public", "4.8", "The status of a video is shown without credentials.", |policy| {
        public(policy, Operation::ShowStatus);
    }),
    Entry::new(
        "source-is-public",
        "4.8",
        "A client without credentials uploads into a container.",
        |policy| {
            public(policy, Operation::UploadSource);
        },
    ),
    Entry::new("upload-token-opens-source", "4.9", "An upload token as Bearer opens containers.", |policy| {
        opened_by_upload_token(policy, Operation::UploadSource);
    }),
    Entry::new("upload-token-opens-status", "4.9", "An upload token as Bearer shows a status.", |policy| {
        opened_by_upload_token(policy, Operation::ShowStatus);
    }),
    Entry::new("upload-token-opens-video", "4.9", "An upload token as Bearer shows a video.", |policy| {
        opened_by_upload_token(policy, Operation::ShowVideo);
    }),
    Entry::new("upload-token-deletes-tokens", "4.9", "An upload token as Bearer deletes tokens.", |policy| {
        opened_by_upload_token(policy, Operation::DeleteToken);
    }),
    Entry::new("head-needs-no-credentials", "12.3", "HEAD returns 200 without credentials.", |policy| {
        policy.answer(|call, answer| {
            if call.method == Method::HEAD && answer.status == StatusCode::UNAUTHORIZED {
                set_status(answer, 200);
            }
        });
    }),
    Entry::new(
        "scheme-case-matters",
        "4.12",
        "The authorization schemes Basic and Bearer are case-sensitive.",
        |policy| {
            policy.credentials(|headers, credentials| {
                let value = headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
                let is_read =
                    value.is_none_or(|value| value.starts_with("Basic ") || value.starts_with("Bearer "));
                if !is_read {
                    *credentials = Err(Problem::new(kind::INVALID_AUTHORIZATION, "The scheme is not known."));
                }
            });
        },
    ),
    Entry::new("key-password-ignored", "4.1", "An API key is accepted with any password.", |policy| {
        policy.password_is_good(|_, _| true);
    }),
    Entry::new("key-case-ignored", "4.4", "API keys are not case-sensitive.", key_case_ignored),
    Entry::new("key-as-bearer-accepted", "4.1", "The API key is accepted as Bearer.", key_as_bearer_accepted),
    Entry::new("refresh-token-as-bearer", "4.2", "A refresh token is accepted as Bearer.", |policy| {
        let refresh = Memory::<HashSet<String>>::default();
        let accepted = refresh.share();
        policy.access_token_shown(move |_, _, token| {
            refresh.lock().extend(token["refresh_token"].as_str().map(str::to_owned));
        });
        policy.authorized(move |caller, contract| match caller.credentials {
            Some(Credentials::Bearer(token)) if accepted.lock().contains(token) => Ok(()),
            _ => contract,
        });
    }),
    Entry::new(
        "refresh-ends-access-token",
        "4.6",
        "A refresh invalidates the previous access token.",
        refresh_ends_token,
    ),
    Entry::new("access-token-serves-ten-times", "4.2", "An access token is accepted ten times.", |policy| {
        let used = MemoryMap::<u32>::default();
        policy.authorized(move |caller, contract| match caller.credentials {
            Some(Credentials::Bearer(token)) if contract.is_ok() => {
                let mut used = used.lock();
                let times = used.entry(token.clone()).or_default();
                *times += 1;
                if *times > 10 { Err(unknown()) } else { contract }
            }
            _ => contract,
        });
    }),
    Entry::new(
        "access-token-reads-only",
        "4.2",
        "An access token cannot create or delete anything.",
        |policy| {
            policy.authorized(|caller, contract| match caller.operation {
                Operation::CreateToken
                | Operation::DeleteToken
                | Operation::CreateVideo
                | Operation::DeleteVideo
                    if is_bearer(caller) =>
                {
                    Err(unknown())
                }
                _ => contract,
            });
        },
    ),
    Entry::new(
        "access-token-ends-early",
        "11.16",
        "An access token is valid for a minute less than `expires_in`.",
        |policy| {
            policy.access_token_life(|life| life.saturating_sub(Duration::from_secs(60)));
        },
    ),
    Entry::new(
        "expires-in-a-day",
        "4.3",
        "expires_in is a day, but the token is valid for an hour.",
        |policy| {
            policy.access_token_shown(|_, _, token| token["expires_in"] = 86_400.into());
        },
    ),
    Entry::new("access-token-by-prefix", "4.8", "Only the start of an access token is compared.", |policy| {
        let issued = Memory::<HashSet<String>>::default();
        let known = issued.share();
        policy.access_token_shown(move |_, _, token| {
            issued.lock().extend(token["access_token"].as_str().map(str::to_owned));
        });
        policy.authorized(move |caller, contract| match caller.credentials {
            Some(Credentials::Bearer(shown))
                if known.lock().iter().any(|token| shown.len() > token.len() && shown.starts_with(token)) =>
            {
                Ok(())
            }
            _ => contract,
        });
    }),
    Entry::new(
        "malformed-authorization-is-missing",
        "4.8",
        "A malformed Authorization is reported as missing.",
        |policy| {
            error_is_misnamed(policy, kind::INVALID_AUTHORIZATION, kind::MISSING_AUTHORIZATION);
        },
    ),
    Entry::new(
        "missing-authorization-is-malformed",
        "4.8",
        "A missing Authorization is reported as malformed.",
        |policy| {
            error_is_misnamed(policy, kind::MISSING_AUTHORIZATION, kind::INVALID_AUTHORIZATION);
        },
    ),
    Entry::new("wrong-key-is-403", "4.8", "A request with an unknown API key returns 403.", |policy| {
        error_is(policy, kind::INVALID_API_KEY, 403);
    }),
    Entry::new(
        "refusal-repeats-credentials",
        "4.11",
        "A refusal repeats the credentials that it refuses.",
        |policy| {
            policy.answer(|call, answer| {
                let secret = call.header("authorization").and_then(|value| value.rsplit(' ').next());
                if answer.status == StatusCode::UNAUTHORIZED
                    && let Some(secret) = secret.map(str::to_owned)
                    && let Some(json) = answer.json_mut()
                {
                    json["detail"] = format!("The credentials {secret} are unknown here.").into();
                }
            });
        },
    ),
    Entry::new("access-token-case-ignored", "4.8", "Access tokens are not case-sensitive.", |policy| {
        let issued = Memory::<HashSet<String>>::default();
        let known = issued.share();
        policy.access_token_shown(move |_, _, token| {
            issued.lock().extend(token["access_token"].as_str().map(str::to_lowercase));
        });
        policy.authorized(move |caller, contract| match caller.credentials {
            Some(Credentials::Bearer(shown)) if known.lock().contains(&shown.to_lowercase()) => Ok(()),
            _ => contract,
        });
    }),
    Entry::new("refresh-of-nothing-is-401", "4.5", "A refresh without refreshToken returns 401.", |policy| {
        error_of_is(policy, Operation::Refresh, kind::ATTRIBUTE_REQUIRED, 401);
    }),
    Entry::new("token-type-is-mac", "4.3", "The token_type of an access token is mac.", |policy| {
        shown(policy, Operation::ExchangeKey, |token| token["token_type"] = "mac".into());
    }),
];

fn opened_by_upload_token(policy: &mut Overrides, operation: Operation) {
    policy.authorized(move |caller, contract| match caller.upload_token {
        Some(_) if caller.operation == operation && is_bearer(caller) => Ok(()),
        _ => contract,
    });
}

fn key_case_ignored(policy: &mut Overrides) {
    also_good(policy, |shown, keys| match shown {
        Credentials::Basic { user, password } => {
            password.is_empty() && keys.iter().any(|key| key.eq_ignore_ascii_case(user))
        }
        Credentials::Bearer(_) => false,
    });
}

fn key_as_bearer_accepted(policy: &mut Overrides) {
    also_good(policy, |shown, keys| matches!(shown, Credentials::Bearer(token) if keys.contains(token)));
}

/// Accepts credentials by the API keys that were accepted before.
fn also_good(
    policy: &mut Overrides,
    is_good: impl Fn(&Credentials, &HashSet<String>) -> bool + Send + Sync + 'static,
) {
    let keys = Memory::<HashSet<String>>::default();
    policy.authorized(move |caller, contract| match caller.credentials {
        Some(Credentials::Basic { user, .. }) if contract.is_ok() => {
            keys.lock().insert(user.clone());
            contract
        }
        Some(shown) if is_good(shown, &keys.lock()) => Ok(()),
        _ => contract,
    });
}

fn refresh_ends_token(policy: &mut Overrides) {
    let issued = Memory::<HashMap<String, String>>::default();
    let ended = Memory::<HashSet<String>>::default();
    let dead = ended.share();
    policy.access_token_shown(move |operation, secret, token| {
        let mut issued = issued.lock();
        if operation == Operation::Refresh
            && let Some(before) = issued.remove(secret)
        {
            ended.lock().insert(before);
        }
        if let (Some(access), Some(refresh)) =
            (token["access_token"].as_str(), token["refresh_token"].as_str())
        {
            issued.insert(refresh.to_owned(), access.to_owned());
        }
    });
    policy.authorized(move |caller, contract| match caller.credentials {
        Some(Credentials::Bearer(token)) if dead.lock().contains(token) => Err(unknown()),
        _ => contract,
    });
}
