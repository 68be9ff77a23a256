//! Methods, pre-flights, rate headers and labels: what HTTP asks for is missing or wrong.

use http::{HeaderValue, Method, StatusCode};

use super::edits::{error_is, error_is_misnamed, set_status};
use super::entry::Entry;
use super::http::{LIMIT, REMAINING, RETRY_AFTER, preflight};
use crate::operation::Operation;
use crate::policy::decisions::Overrides;
use crate::policy::facts::Call;
use crate::problem::{Problem, kind};
use crate::server::answer::{Answer, Content};

pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new("date-missing", "Answers have no Date.", |policy| {
        policy.answer(|_, answer| {
            answer.headers.remove("date");
        });
    }),
    Entry::new("allow-missing", "A method that is not allowed is refused without Allow.", |policy| {
        policy.answer(|_, answer| {
            if answer.status == StatusCode::METHOD_NOT_ALLOWED {
                answer.headers.remove("allow");
            }
        });
    }),
    Entry::new("allow-names-the-refused", "Allow names the method that was refused.", |policy| {
        policy.answer(|call, answer| {
            if answer.status == StatusCode::METHOD_NOT_ALLOWED {
                answer.header("allow", call.method.as_str());
            }
        });
    }),
    Entry::new("wrong-method-is-501", "A method that a route does not have is answered 501.", |policy| {
        error_is(policy, kind::METHOD_NOT_ALLOWED, 501);
    }),
    Entry::new("head-is-405", "HEAD is not allowed where GET is.", |policy| {
        policy.answer(|call, answer| {
            if call.method == Method::HEAD {
                answer.status = StatusCode::METHOD_NOT_ALLOWED;
                answer.header("allow", "GET");
            }
        });
    }),
    Entry::new("head-is-always-200", "HEAD of what is not there is answered 200.", |policy| {
        policy.answer(|call, answer| {
            if call.method == Method::HEAD && answer.status == StatusCode::NOT_FOUND {
                answer.status = StatusCode::OK;
            }
        });
    }),
    Entry::new("preflight-is-405", "A pre-flight is answered 405.", |policy| {
        preflight(policy, |answer| set_status(answer, 405));
    }),
    Entry::new(
        "preflight-needs-credentials",
        "A pre-flight of a management call needs credentials.",
        |policy| {
            policy.answer(|call, answer| {
                let is_management =
                    call.path.starts_with("/upload-tokens") || call.path.starts_with("/videos");
                if call.operation == Operation::Preflight && is_management {
                    let problem = Problem::new(kind::MISSING_AUTHORIZATION, "It is missing.");
                    super::edits::succeed(answer, problem.status(), Content::Json(problem.body()));
                }
            });
        },
    ),
    Entry::new("cors-without-authorization", "The pre-flight does not allow Authorization.", |policy| {
        allowed_headers(
            policy,
            "Accept, Content-Range, Content-Type, AV-Origin-App, AV-Origin-Client, AV-Origin-Sdk",
        );
    }),
    Entry::new("cors-without-av-origin", "The pre-flight does not allow the AV-Origin headers.", |policy| {
        allowed_headers(policy, "Accept, Authorization, Content-Range, Content-Type");
    }),
    Entry::new("cors-without-post", "The pre-flight does not allow POST.", |policy| {
        preflight(policy, |answer| answer.header("access-control-allow-methods", "GET, DELETE, OPTIONS"));
    }),
    Entry::new("cors-on-uploads-missing", "The answer to a segment does not allow the origin.", |policy| {
        without_origin(policy, |call, answer| {
            call.operation == Operation::Upload && answer.status == StatusCode::CREATED
        });
    }),
    Entry::new(
        "cors-on-source-missing",
        "The answers to an upload by key do not allow the origin.",
        |policy| {
            without_origin(policy, |call, _| call.operation == Operation::UploadSource);
        },
    ),
    Entry::new("cors-on-refresh-missing", "The answer to a refresh does not allow the origin.", |policy| {
        without_origin(policy, |call, _| call.operation == Operation::Refresh);
    }),
    Entry::new("cors-past-the-limit-missing", "A 429 does not allow the origin.", |policy| {
        without_origin(policy, |_, answer| answer.status == StatusCode::TOO_MANY_REQUESTS);
    }),
    Entry::new("cors-origin-is-null", "The origin that is allowed is null.", |policy| {
        policy.answer(|_, answer| answer.header("access-control-allow-origin", "null"));
    }),
    Entry::new("rate-headers-missing-on-errors", "Errors have no X-RateLimit headers.", |policy| {
        without_rates(policy, |_, answer| answer.status.as_u16() >= 400);
    }),
    Entry::new("rate-headers-missing-on-204", "Deletions have no X-RateLimit headers.", |policy| {
        without_rates(policy, |_, answer| answer.status == StatusCode::NO_CONTENT);
    }),
    Entry::new("rate-headers-missing-on-uploads", "Uploads have no X-RateLimit headers.", |policy| {
        without_rates(policy, |call, _| call.operation == Operation::Upload);
    }),
    Entry::new("rate-limit-in-words", "X-RateLimit-Limit is a text.", |policy| {
        policy.answer(|_, answer| answer.header(LIMIT, "unlimited"));
    }),
    Entry::new("remaining-above-limit", "X-RateLimit-Remaining is one more than the limit.", |policy| {
        policy.answer(|_, answer| {
            let limit = answer.headers.get(LIMIT).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
            if let Some(limit) = limit {
                answer.headers.insert(REMAINING, HeaderValue::from(limit + 1));
            }
        });
    }),
    Entry::new("remaining-below-zero", "X-RateLimit-Remaining is negative past the limit.", |policy| {
        policy.answer(|_, answer| {
            if answer.status == StatusCode::TOO_MANY_REQUESTS {
                answer.header(REMAINING, "-1");
            }
        });
    }),
    Entry::new("retry-after-is-a-date", "X-RateLimit-Retry-After is a date.", |policy| {
        policy.answer(|call, answer| answer.header(RETRY_AFTER, &call.now.plus_seconds(60).http_date()));
    }),
    Entry::new("past-the-limit-is-403", "A call past the limit is answered 403.", |policy| {
        error_is(policy, kind::TOO_MANY_REQUESTS, 403);
    }),
    Entry::new("past-the-limit-is-503", "A call past the limit is answered 503.", |policy| {
        error_is(policy, kind::TOO_MANY_REQUESTS, 503);
    }),
    Entry::new("past-the-limit-misnamed", "A call past the limit is refused as not found.", |policy| {
        error_is_misnamed(policy, kind::TOO_MANY_REQUESTS, kind::NOT_FOUND);
    }),
    Entry::new("unknown-url-is-text", "An unknown URL is answered with plain text.", |policy| {
        policy.answer(|call, answer| {
            if call.operation == Operation::Unknown && answer.status == StatusCode::NOT_FOUND {
                answer.content = Content::Text("Not Found".to_owned());
                answer.header("content-type", "text/plain");
            }
        });
    }),
    Entry::new("json-begins-with-a-mark", "JSON begins with a byte order mark.", |policy| {
        policy.answer(|_, answer| {
            if matches!(answer.content, Content::Json(_)) {
                answer.content = Content::Text(format!("\u{feff}{}", answer.json()));
            }
        });
    }),
    Entry::new("json-without-label", "JSON has no Content-Type.", |policy| {
        policy.answer(|_, answer| {
            answer.headers.remove("content-type");
        });
    }),
    Entry::new("expectation-refused", "Expect: 100-continue is refused.", |policy| {
        policy.refused_at_once(|call, contract| {
            let expects = call.headers.contains_key("expect");
            contract.or(expects.then(|| Problem::new(kind::INVALID_PAYLOAD, "There is an expectation.")))
        });
    }),
    Entry::new("tokens-cached-by-proxies", "Answers about tokens may be kept for an hour.", |policy| {
        policy.answer(|call, answer| {
            if call.path.starts_with("/upload-tokens") {
                answer.header("cache-control", "public, max-age=3600");
            }
        });
    }),
];

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
