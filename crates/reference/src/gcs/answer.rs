//! Answers: JSON, and refusals as the public reference shows them.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::storage::folder::StorageFull;
use crate::storage::request_content::ContentError;

/// An answer without a body.
pub(super) fn with_status(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// An answer in JSON.
pub(super) fn json_document(status: StatusCode, document: &Value) -> Response {
    let mut response = Response::new(Body::from(document.to_string()));
    *response.status_mut() = status;
    set(&mut response, "content-type", "application/json; charset=UTF-8");
    response
}

/// Sets a header; a value that cannot be sent leaves it out.
pub(super) fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
}

/// A refusal: its status, its reason, and a message for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    reason: &'static str,
    message: &'static str,
}

impl Refusal {
    pub(super) const UNAUTHORIZED: Self =
        Self::of(StatusCode::UNAUTHORIZED, "required", "the request has no bearer token");
    pub(super) const WRONG_TOKEN: Self =
        Self::of(StatusCode::UNAUTHORIZED, "authError", "the bearer token is not valid");
    pub(super) const NO_SESSION: Self = Self::not_found("there is no such upload session; start another one");
    pub(super) const NO_OBJECT: Self = Self::not_found("there is no such object");
    pub(super) const NO_BUCKET: Self = Self::not_found("there is no such bucket");
    pub(super) const NOTHING: Self = Self::not_found("there is nothing at this path");
    pub(super) const METHOD: Self =
        Self::of(StatusCode::METHOD_NOT_ALLOWED, "methodNotAllowed", "this method has no meaning here");
    pub(super) const CONDITION: Self = Self::of(
        StatusCode::PRECONDITION_FAILED,
        "conditionNotMet",
        "a condition of the request does not hold",
    );
    pub(super) const BUSY: Self =
        Self::unavailable("another request to this session is still running; query the status later");
    pub(super) const GAP: Self =
        Self::unavailable("the chunk begins past the stored bytes; query the status and resume from there");
    pub(super) const FULL: Self = Self::unavailable("the server holds as much as it may");
    pub(super) const UNSATISFIABLE: Self = Self::of(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "requestedRangeNotSatisfiable",
        "the object has no such bytes",
    );

    const fn of(status: StatusCode, reason: &'static str, message: &'static str) -> Self {
        Self { status, reason, message }
    }

    /// The request is wrong.
    pub(super) const fn invalid(message: &'static str) -> Self {
        Self::of(StatusCode::BAD_REQUEST, "invalid", message)
    }

    /// Something is missing in the request.
    pub(super) const fn required(message: &'static str) -> Self {
        Self::of(StatusCode::BAD_REQUEST, "required", message)
    }

    const fn not_found(message: &'static str) -> Self {
        Self::of(StatusCode::NOT_FOUND, "notFound", message)
    }

    const fn unavailable(message: &'static str) -> Self {
        Self::of(StatusCode::SERVICE_UNAVAILABLE, "backendError", message)
    }

    pub(super) fn response(self) -> Response {
        let Self { status, reason, message } = self;
        let mut error = json!({ "domain": "global", "reason": reason, "message": message });
        if status == StatusCode::UNAUTHORIZED {
            error["locationType"] = "header".into();
            error["location"] = "Authorization".into();
        }
        let document = json!({ "error": { "code": status.as_u16(), "message": message, "errors": [error] } });
        let mut response = json_document(status, &document);
        if status == StatusCode::UNAUTHORIZED {
            set(&mut response, "www-authenticate", "Bearer realm=\"uptake\"");
        }
        response
    }
}

impl From<ContentError> for Refusal {
    fn from(error: ContentError) -> Self {
        match error {
            ContentError::BrokenOff => {
                Self::of(StatusCode::REQUEST_TIMEOUT, "uploadBrokenConnection", "the content was interrupted")
            }
            ContentError::TooLong => {
                Self::of(StatusCode::PAYLOAD_TOO_LARGE, "uploadTooLarge", "the content is too long")
            }
        }
    }
}

impl From<StorageFull> for Refusal {
    fn from(_: StorageFull) -> Self {
        Self::FULL
    }
}
