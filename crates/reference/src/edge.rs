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
    TRANSFER_ENCODING,
};
use http::{HeaderValue, Method, Request, StatusCode};
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

use super::app::App;
use super::defect::{Defect, Defects};
use super::intake::{Intake, Rest};
use super::problem::{Problem, kind};
use super::rate::CallKind;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, OPTIONS");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "Accept, Authorization, Content-Range, Content-Type, AV-Origin-App, AV-Origin-Client, AV-Origin-Sdk",
);
const HEADERS_WITHOUT_RANGE: HeaderValue = HeaderValue::from_static("Accept, Authorization, Content-Type");
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
    let defects = app.terms.defects;
    let call = CallKind::of(request.method(), request.uri().path());
    let (mut response, allowance) = if *request.method() == Method::OPTIONS {
        (preflight(defects), app.meter.look(call, now))
    } else {
        let bytes = app.terms.limits.max_request.saturating_add(DRAIN);
        let rest = Rest { bytes, patience: app.terms.patience };
        let waits = request.headers().contains_key(EXPECT) || defects.has(Defect::RefusalBreaksOff);
        let falls_over =
            request.headers().contains_key(TRANSFER_ENCODING) && defects.has(Defect::ChunkedIs500);
        let request = request
            .map(|body| if waits { Intake::awaiting_leave(body, rest) } else { Intake::new(body, rest) });
        let (allowance, allowed) = app.meter.count(call, now);
        let response = match allowed {
            Ok(()) if falls_over => Problem::new(kind::INTERNAL, "The body has no length.").into_response(),
            Ok(()) => router.call(request).await?,
            Err(problem) => problem.into_response(),
        };
        (response, allowance)
    };
    write_problem(&mut response, defects);
    let failed = response.status().as_u16() >= 400;
    mislabel(&mut response, defects);
    let headers = response.headers_mut();
    if !(failed && defects.has(Defect::CorsOnErrorsMissing)) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    allowance.write(headers, defects);
    if let Ok(date) = HeaderValue::from_str(&app.now().http_date()) {
        headers.insert(DATE, date);
    }
    Ok(response)
}

/// The answer to what a browser asks before it calls from another origin.
fn preflight(defects: Defects) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(ALLOW, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    let allowed = if defects.has(Defect::CorsWithoutContentRange) { HEADERS_WITHOUT_RANGE } else { HEADERS };
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

/// What planted defects alone do to the label of an answer.
fn mislabel(response: &mut Response, defects: Defects) {
    let is_json = response.headers().contains_key(CONTENT_TYPE);
    let label = if is_json && defects.has(Defect::JsonLabelledHtml) {
        "text/html"
    } else if is_json && defects.has(Defect::CharsetInContentType) {
        "application/json; charset=utf-8"
    } else if response.status() == StatusCode::NO_CONTENT && defects.has(Defect::NoContentHasAType) {
        "application/json"
    } else {
        return;
    };
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(label));
}

fn write_problem(response: &mut Response, defects: Defects) {
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
    let (body, label) = if defects.has(Defect::ErrorAsHtml) {
        (format!("<h1>{}</h1>", problem.kind.title), "text/html")
    } else {
        (problem.body(defects).to_string(), "application/json")
    };
    *response.body_mut() = Body::from(body);
    let headers = response.headers_mut();
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(label));
}
