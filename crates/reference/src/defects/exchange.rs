//! Methods, pre-flights, rate headers and labels: what HTTP asks for is missing or wrong.

use std::collections::HashSet;

use http::{HeaderValue, Method, StatusCode};
use serde_json::Value;

use super::edits::{error_is, error_is_misnamed, set_status, shown_to};
use super::entry::Entry;
use super::http::{LIMIT, REMAINING, RETRY_AFTER, preflight};
use super::memory::Memory;
use crate::operation::Operation;
use crate::policy::decisions::Overrides;
use crate::policy::facts::Call;
use crate::problem::{Problem, kind};
use crate::server::answer::{Answer, Content};
use crate::timestamp::Timestamp;

pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new("date-missing", "12.4", "Responses have no Date.", |policy| {
        policy.answer(|_, answer| {
            answer.headers.remove("date");
        });
    }),
    Entry::new("allow-missing", "12.2", "A method that is not allowed is refused without Allow.", |policy| {
        policy.answer(|_, answer| {
            if answer.status == StatusCode::METHOD_NOT_ALLOWED {
                answer.headers.remove("allow");
            }
        });
    }),
    Entry::new("allow-names-the-refused", "12.2", "Allow lists the method that was refused.", |policy| {
        policy.answer(|call, answer| {
            if answer.status == StatusCode::METHOD_NOT_ALLOWED {
                answer.header("allow", call.method.as_str());
            }
        });
    }),
    Entry::new("wrong-method-is-501", "12.2", "An unsupported method returns 501.", |policy| {
        error_is(policy, kind::METHOD_NOT_ALLOWED, 501);
    }),
    Entry::new("head-is-always-200", "12.3", "HEAD of an unknown resource returns 200.", |policy| {
        policy.answer(|call, answer| {
            if call.method == Method::HEAD && answer.status == StatusCode::NOT_FOUND {
                answer.status = StatusCode::OK;
            }
        });
    }),
    Entry::new("preflight-is-405", "10.1", "A preflight request returns 405.", |policy| {
        preflight(policy, |answer| set_status(answer, 405));
    }),
    Entry::new(
        "preflight-needs-credentials",
        "10.1",
        "A preflight request for a management endpoint needs credentials.",
        |policy| {
            preflight_of(policy, |call| {
                let is_management =
                    call.path.starts_with("/upload-tokens") || call.path.starts_with("/videos");
                is_management.then(|| Problem::new(kind::MISSING_AUTHORIZATION, "It is missing."))
            });
        },
    ),
    Entry::new(
        "cors-without-authorization",
        "10.1",
        "The preflight response does not allow Authorization.",
        |policy| {
            allowed_headers(
                policy,
                "Accept, Content-Range, Content-Type, AV-Origin-App, AV-Origin-Client, AV-Origin-Sdk",
            );
        },
    ),
    Entry::new(
        "cors-without-av-origin",
        "10.1",
        "The preflight response does not allow the AV-Origin headers.",
        |policy| {
            allowed_headers(policy, "Accept, Authorization, Content-Range, Content-Type");
        },
    ),
    Entry::new(
        "cors-on-uploads-missing",
        "10.2",
        "The response to a segment does not allow the origin.",
        |policy| {
            without_origin(policy, |call, answer| {
                call.operation == Operation::Upload && answer.status == StatusCode::CREATED
            });
        },
    ),
    Entry::new(
        "cors-on-source-missing",
        "10.2",
        "The responses to an upload by key do not allow the origin.",
        |policy| {
            without_origin(policy, |call, _| call.operation == Operation::UploadSource);
        },
    ),
    Entry::new(
        "cors-on-refresh-missing",
        "10.2",
        "The response to a refresh does not allow the origin.",
        |policy| {
            without_origin(policy, |call, _| call.operation == Operation::Refresh);
        },
    ),
    Entry::new("cors-past-the-limit-missing", "10.2", "A 429 does not allow the origin.", |policy| {
        without_origin(policy, |_, answer| answer.status == StatusCode::TOO_MANY_REQUESTS);
    }),
    Entry::new("cors-origin-is-null", "10.2", "The origin that is allowed is null.", |policy| {
        policy.answer(|_, answer| answer.header("access-control-allow-origin", "null"));
    }),
    Entry::new("rate-headers-missing-on-errors", "1.4", "Errors have no X-RateLimit headers.", |policy| {
        without_rates(policy, |_, answer| answer.status.as_u16() >= 400);
    }),
    Entry::new("rate-headers-missing-on-204", "1.4", "Deletions have no X-RateLimit headers.", |policy| {
        without_rates(policy, |_, answer| answer.status == StatusCode::NO_CONTENT);
    }),
    Entry::new("rate-headers-missing-on-uploads", "1.4", "Uploads have no X-RateLimit headers.", |policy| {
        without_rates(policy, |call, _| call.operation == Operation::Upload);
    }),
    Entry::new("rate-limit-in-words", "1.4", "X-RateLimit-Limit is a string.", |policy| {
        policy.answer(|_, answer| answer.header(LIMIT, "unlimited"));
    }),
    Entry::new(
        "remaining-above-limit",
        "1.4",
        "X-RateLimit-Remaining is one more than the limit.",
        |policy| {
            policy.answer(|_, answer| {
                let limit =
                    answer.headers.get(LIMIT).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
                if let Some(limit) = limit {
                    answer.headers.insert(REMAINING, HeaderValue::from(limit + 1));
                }
            });
        },
    ),
    Entry::new(
        "remaining-below-zero",
        "1.4",
        "X-RateLimit-Remaining is negative past the limit.",
        |policy| {
            policy.answer(|_, answer| {
                if answer.status == StatusCode::TOO_MANY_REQUESTS {
                    answer.header(REMAINING, "-1");
                }
            });
        },
    ),
    Entry::new("retry-after-is-a-date", "1.4", "X-RateLimit-Retry-After is a date.", |policy| {
        policy.answer(|call, answer| answer.header(RETRY_AFTER, &call.now.plus_seconds(60).http_date()));
    }),
    Entry::new("past-the-limit-is-403", "1.5", "A request past the limit returns 403.", |policy| {
        error_is(policy, kind::TOO_MANY_REQUESTS, 403);
    }),
    Entry::new("past-the-limit-is-503", "1.5", "A request past the limit returns 503.", |policy| {
        error_is(policy, kind::TOO_MANY_REQUESTS, 503);
    }),
    Entry::new("past-the-limit-misnamed", "1.5", "A request past the limit returns 404.", |policy| {
        error_is_misnamed(policy, kind::TOO_MANY_REQUESTS, kind::NOT_FOUND);
    }),
    Entry::new("unknown-url-is-text", "12.1", "An unknown URL returns plain text.", |policy| {
        policy.answer(|call, answer| {
            if call.operation == Operation::Unknown && answer.status == StatusCode::NOT_FOUND {
                answer.content = Content::Text("Not Found".to_owned());
                answer.header("content-type", "text/plain");
            }
        });
    }),
    Entry::new("json-begins-with-a-mark", "10.3", "JSON starts with a byte order mark.", |policy| {
        policy.answer(|_, answer| {
            if matches!(answer.content, Content::Json(_)) {
                answer.content = Content::Text(format!("\u{feff}{}", answer.json()));
            }
        });
    }),
    Entry::new("json-without-label", "10.3", "JSON has no Content-Type.", |policy| {
        policy.answer(|_, answer| {
            answer.headers.remove("content-type");
        });
    }),
    Entry::new("expectation-refused", "6.10", "Expect: 100-continue is refused.", |policy| {
        policy.refused_at_once(|call, contract| {
            let expects = call.headers.contains_key("expect");
            contract.or(expects.then(|| Problem::new(kind::INVALID_PAYLOAD, "There is an expectation.")))
        });
    }),
    Entry::new(
        "refused-body-is-next-request",
        "12.5",
        "The body of a refused request is read as the next request on its connection.",
        |policy| {
            let unread = Memory::<HashSet<u64>>::default();
            let next = unread.share();
            policy.answer(move |call, answer| {
                let has_body = call.header("content-length").is_some_and(|length| length != "0")
                    || call.headers.contains_key("transfer-encoding");
                if answer.status.is_client_error() && has_body {
                    unread.lock().insert(call.connection);
                }
            });
            policy.refused_at_once(move |call, contract| {
                let is_next = next.lock().remove(&call.connection);
                contract.or(is_next.then(|| Problem::new(kind::INVALID_PAYLOAD, "This is not a request.")))
            });
        },
    ),
    Entry::new(
        "chunked-json-ignored",
        "6.9",
        "A ttl in a body without Content-Length is ignored.",
        |policy| {
            shown_to(policy, Operation::CreateToken, |call, token| {
                if call.headers.contains_key("transfer-encoding") {
                    token["ttl"] = 0.into();
                    token["expiresAt"] = Value::Null;
                }
            });
        },
    ),
    Entry::new(
        "preflight-needs-a-good-token",
        "10.1",
        "A preflight request with an unknown token returns 401.",
        |policy| {
            preflight_of(policy, |call| {
                let is_unknown = |query: &str| query.starts_with("token=toUnknown");
                (call.path == "/upload" && is_unknown(call.query))
                    .then(|| Problem::token_refused("This upload token is unknown here."))
            });
        },
    ),
    Entry::new(
        "origin-is-allowed-twice",
        "10.2",
        "Access-Control-Allow-Origin is sent twice in errors.",
        |policy| {
            policy.answer(|_, answer| {
                if answer.status.as_u16() >= 400 {
                    answer.headers.append("access-control-allow-origin", HeaderValue::from_static("*"));
                }
            });
        },
    ),
    Entry::new(
        "remaining-falls-by-two",
        "1.6",
        "X-RateLimit-Remaining decreases by two with each request.",
        |policy| {
            policy.answer(|_, answer| {
                let number = |name| answer.headers.get(name)?.to_str().ok()?.parse::<u32>().ok();
                if let (Some(limit), Some(left)) = (number(LIMIT), number(REMAINING)) {
                    let spent = limit.saturating_sub(left).saturating_mul(2);
                    answer.headers.insert(REMAINING, limit.saturating_sub(spent).into());
                }
            });
        },
    ),
    Entry::new(
        "limits-are-one",
        "1.3",
        "Past the limit for one kind of requests, all kinds are refused.",
        |policy| {
            let until = Memory::<Option<Timestamp>>::default();
            let spent = until.share();
            policy.answer(move |call, answer| {
                if answer.status == StatusCode::TOO_MANY_REQUESTS {
                    until.lock().get_or_insert(call.now.plus_seconds(60));
                }
            });
            policy.refused_at_once(move |call, contract| {
                let mut spent = spent.lock();
                if spent.is_some_and(|until| call.now >= until) {
                    *spent = None;
                }
                contract
                    .or(spent.map(|_| Problem::new(kind::TOO_MANY_REQUESTS, "There were too many requests.")))
            });
        },
    ),
    Entry::new(
        "tokens-cached-by-proxies",
        "12.7",
        "Responses about tokens may be cached for an hour.",
        |policy| {
            policy.answer(|call, answer| {
                if call.path.starts_with("/upload-tokens") {
                    answer.header("cache-control", "public, max-age=3600");
                }
            });
        },
    ),
];

/// Refuses a pre-flight.
fn preflight_of(
    policy: &mut Overrides,
    refusal: impl Fn(&Call<'_>) -> Option<Problem> + Send + Sync + 'static,
) {
    policy.answer(move |call, answer| {
        if call.operation == Operation::Preflight
            && let Some(problem) = refusal(call)
        {
            super::edits::succeed(answer, problem.status(), Content::Json(problem.body()));
        }
    });
}

fn allowed_headers(policy: &mut Overrides, names: &'static str) {
    preflight(policy, move |answer| answer.header("access-control-allow-headers", names));
}

fn without_origin(
    policy: &mut Overrides,
    is_meant: impl Fn(&Call<'_>, &Answer) -> bool + Send + Sync + 'static,
) {
    policy.answer(move |call, answer| {
        if is_meant(call, answer) {
            answer.headers.remove("access-control-allow-origin");
        }
    });
}

fn without_rates(
    policy: &mut Overrides,
    is_meant: impl Fn(&Call<'_>, &Answer) -> bool + Send + Sync + 'static,
) {
    policy.answer(move |call, answer| {
        if is_meant(call, answer) {
            for name in [LIMIT, REMAINING, RETRY_AFTER] {
                answer.headers.remove(name);
            }
        }
    });
}
