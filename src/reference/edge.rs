//! What all answers have in common: they allow every origin, count calls, carry the server's time, and write errors
//! down in one shape. Nothing here knows what a call is for.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW, CONTENT_LENGTH, CONTENT_TYPE, DATE, EXPECT,
};
use http::{HeaderValue, Method, Request, StatusCode};
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

use super::app::App;
use super::intake::Intake;
use super::problem::{Problem, kind};
use super::rate::CallKind;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, OPTIONS");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "Accept, Authorization, Content-Range, Content-Type, AV-Origin-App, AV-Origin-Client, AV-Origin-Sdk",
);
const EXPOSED: HeaderValue =
    HeaderValue::from_static("X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Retry-After");

/// A body that was refused is read on for so much more than the largest file.
const DRAIN: u64 = 16 * 1024 * 1024;

/// Answers one request.
pub(super) async fn serve(
    app: Arc<App>,
    router: TowerToHyperService<Router>,
    request: Request<Incoming>,
) -> Result<Response, Infallible> {
    let now = app.now();
    let call = CallKind::of(request.method(), request.uri().path());
    let (mut response, allowance) = if *request.method() == Method::OPTIONS {
        (preflight(), app.meter.look(call, now))
    } else {
        let limit = app.limits.max_request.saturating_add(DRAIN);
        let waits = request.headers().contains_key(EXPECT);
        let request = request
            .map(|body| if waits { Intake::awaiting_leave(body, limit) } else { Intake::new(body, limit) });
        let (allowance, allowed) = app.meter.count(call, now);
        let response = match allowed {
            Ok(()) => router.call(request).await?,
            Err(problem) => problem.into_response(),
        };
        (response, allowance)
    };
    write_problem(&mut response);
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    allowance.write(headers);
    if let Ok(date) = HeaderValue::from_str(&app.now().http_date()) {
        headers.insert(DATE, date);
    }
    Ok(response)
}

/// The answer to what a browser asks before it calls from another origin.
fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(ALLOW, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

fn write_problem(response: &mut Response) {
    let status = response.status();
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        // The router itself refuses a path that is no text.
        None if status == StatusCode::BAD_REQUEST => Problem::new(kind::NOT_FOUND, "The path is no text."),
        None => {
            if status == StatusCode::NO_CONTENT {
                response.headers_mut().remove(CONTENT_LENGTH);
            }
            return;
        }
    };
    *response.status_mut() = StatusCode::from_u16(problem.kind.status).unwrap_or(status);
    *response.body_mut() = Body::from(problem.body().to_string());
    let headers = response.headers_mut();
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
}
