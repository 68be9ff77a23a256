//! The endpoint is no HTTP API that browsers and scripts can use.

use http::StatusCode;
use http::header::TRANSFER_ENCODING;
use serde_json::json;

use super::edits::{error_is_misnamed, is_error, succeed};
use super::entry::Entry;
use crate::operation::Operation;
use crate::policy::decisions::Overrides;
use crate::problem::{Problem, kind};
use crate::server::answer::{Answer, Content};

pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new("json-labelled-html", "10.3", "JSON is labelled text/html.", |policy| {
        json_label(policy, "text/html");
    }),
    Entry::new("unknown-url-is-200", "12.1", "An unknown URL returns 200 and an empty object.", |policy| {
        policy.answer(|_, answer| {
            if is_error(answer, kind::UNKNOWN_URL) {
                succeed(answer, StatusCode::OK, Content::Json(json!({})));
            }
        });
    }),
    Entry::new("unknown-method-is-404", "12.2", "An unsupported method returns 404.", |policy| {
        error_is_misnamed(policy, kind::METHOD_NOT_ALLOWED, kind::UNKNOWN_URL);
    }),
    Entry::new("rate-headers-missing", "1.4", "Responses have no X-RateLimit headers.", |policy| {
        policy.answer(|_, answer| {
            for name in [LIMIT, REMAINING, RETRY_AFTER] {
                answer.headers.remove(name);
            }
        });
    }),
    Entry::new("remaining-never-falls", "1.4", "X-RateLimit-Remaining never changes.", |policy| {
        policy.answer(|_, answer| {
            if let Some(limit) = answer.headers.get(LIMIT).cloned() {
                answer.headers.insert(REMAINING, limit);
            }
        });
    }),
    Entry::new(
        "retry-after-missing",
        "1.5",
        "A refusal past the limit does not say when to retry.",
        |policy| {
            policy.answer(|_, answer| {
                if answer.headers.get(REMAINING).is_some_and(|left| left == "0") {
                    answer.headers.remove(RETRY_AFTER);
                }
            });
        },
    ),
    Entry::new(
        "limit-never-recovers",
        "1.5",
        "Past the limit, requests are refused indefinitely.",
        |policy| {
            policy.rate_window_over(|_, _, _| false);
        },
    ),
    Entry::new(
        "cors-without-content-range",
        "10.1",
        "The preflight response does not allow Content-Range.",
        |policy| {
            preflight(policy, |answer| {
                answer.header("access-control-allow-headers", "Accept, Authorization, Content-Type");
            });
        },
    ),
    Entry::new("cors-on-errors-missing", "10.2", "Errors do not allow the origin.", |policy| {
        policy.answer(|_, answer| {
            if answer.status.as_u16() >= 400 {
                answer.headers.remove("access-control-allow-origin");
                answer.headers.remove("access-control-expose-headers");
            }
        });
    }),
    Entry::new("api-key-repeated", "4.11", "The exchange of an API key repeats it.", |policy| {
        policy.access_token_shown(|operation, key, token| {
            if operation == Operation::ExchangeKey {
                token["api_key"] = key.into();
            }
        });
    }),
    Entry::new("chunked-is-500", "6.9", "A body without Content-Length returns 500.", |policy| {
        policy.refused_at_once(|call, contract| {
            let is_chunked = call.headers.contains_key(TRANSFER_ENCODING);
            contract.or(is_chunked.then(|| Problem::new(kind::INTERNAL, "The body has no length.")))
        });
    }),
    Entry::new(
        "charset-in-content-type",
        "10.3",
        "JSON is labelled application/json; charset=utf-8.",
        |policy| {
            json_label(policy, "application/json; charset=utf-8");
        },
    ),
    Entry::new(
        "refusal-breaks-off",
        "10.6",
        "A refusal closes the connection with the body unread.",
        |policy| {
            policy.drains_refused_body(|_, _| false);
        },
    ),
    Entry::new("no-content-has-a-type", "10.3", "A 204 is labelled application/json.", |policy| {
        policy.answer(|_, answer| {
            if answer.status == StatusCode::NO_CONTENT {
                answer.header("content-type", "application/json");
            }
        });
    }),
];

pub(crate) const LIMIT: &str = "x-ratelimit-limit";
pub(crate) const REMAINING: &str = "x-ratelimit-remaining";
pub(crate) const RETRY_AFTER: &str = "x-ratelimit-retry-after";

/// Labels JSON as something else.
fn json_label(policy: &mut Overrides, label: &'static str) {
    policy.answer(move |_, answer| {
        if answer.is_labelled() {
            answer.header("content-type", label);
        }
    });
}

/// Changes the answer to a pre-flight.
pub(crate) fn preflight(policy: &mut Overrides, edit: impl Fn(&mut Answer) + Send + Sync + 'static) {
    policy.answer(move |call, answer| {
        if call.operation == Operation::Preflight {
            edit(answer);
        }
    });
}
