//! What all answers have in common: they allow every origin, count calls, carry the server's time, and write errors in
//! one shape. Nothing here knows what a call is for.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW, DATE, EXPECT,
};
use http::{HeaderValue, Method, Request, StatusCode};
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

use super::answer::{Answer, Reply};
use super::connection::ConnectionId;
use super::rate_limit::CallKind;
use super::request_body::{DrainLimits, RequestBody};
use crate::app::App;
use crate::operation::Operation;
use crate::policy::facts::Call;
use crate::problem::{Problem, kind};

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, OPTIONS");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "Accept, Authorization, Content-Range, Content-Type, AV-Origin-App, AV-Origin-Client, AV-Origin-Sdk",
);
const EXPOSED: HeaderValue =
    HeaderValue::from_static("X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Retry-After");

/// A body that was refused is read on for so much more than the largest file.
const DRAIN: u64 = 16 * 1024 * 1024;

/// Answers one request.
pub(crate) async fn serve(
    app: Arc<App>,
    router: TowerToHyperService<Router>,
    request: Request<Incoming>,
) -> Result<Response, Infallible> {
    let now = app.now();
    let policy = &app.settings.policy;
    let (head, body) = request.into_parts();
    let (method, uri, headers) = (head.method.clone(), head.uri.clone(), head.headers.clone());
    let operation = Operation::of(&method, uri.path());
    let (path, query) = (uri.path(), uri.query().unwrap_or_default());
    let connection = head.extensions.get::<ConnectionId>().map_or(0, |id| id.0);
    let call = Call { operation, method: &method, path, query, headers: &headers, now, connection };

    let kind = CallKind::of(&method, path);
    let (response, rate) = if operation == Operation::Preflight {
        (preflight(), app.rate_limiter.peek(kind, now))
    } else {
        let limits = DrainLimits {
            bytes: app.settings.limits.max_request.saturating_add(DRAIN),
            timeout: app.settings.timeout,
        };
        // A client that waits to be asked for its body sees a refusal first, and then there is nothing to read.
        let drains = policy.drains_refused_body(&call, !headers.contains_key(EXPECT));
        let request = Request::from_parts(head, RequestBody::new(body, limits, drains));
        let (rate, allowed) = app.rate_limiter.count(kind, now);
        let refused = policy.refused_at_once(&call, allowed.err());
        let response = match refused {
            Some(problem) => problem.into_response(),
            None => router.call(request).await?,
        };
        (response, rate)
    };

    let mut answer = Answer::of(name_problem(response));
    answer.headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer.headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    rate.write(&mut answer.headers);
    if let Ok(date) = HeaderValue::from_str(&app.now().http_date()) {
        answer.headers.insert(DATE, date);
    }
    policy.answer(&call, &mut answer);
    Ok(answer.into_response(method == Method::HEAD))
}

/// The answer to what a browser asks before it calls from another origin.
fn preflight() -> Response {
    let mut response = Reply::no_content().into_response();
    let headers = response.headers_mut();
    headers.insert(ALLOW, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

/// The router itself refuses a path that is no UTF-8, without a problem.
fn name_problem(response: Response) -> Response {
    let is_named = response.extensions().get::<Problem>().is_some();
    if is_named || response.status() != StatusCode::BAD_REQUEST {
        return response;
    }
    Problem::new(kind::NOT_FOUND, "The path is not valid UTF-8.").into_response()
}
