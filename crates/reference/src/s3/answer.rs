//! Answers: results in XML, and refusals with their codes.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode};

use super::xml::{self, Element};

/// An answer with or without a body.
pub(super) fn with_status(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// A result in XML.
pub(super) fn result(root: Element) -> Response {
    document(StatusCode::OK, &root.with_namespace())
}

/// Sets a header; a value that cannot be sent leaves it out.
pub(super) fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
}

fn document(status: StatusCode, root: &Element) -> Response {
    let mut response = Response::new(Body::from(xml::document(root)));
    *response.status_mut() = status;
    set(&mut response, "content-type", "application/xml");
    response
}

/// A refusal: its status, its code, and a message for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: &'static str,
}

impl Refusal {
    pub(super) const fn bad(code: &'static str, message: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, message }
    }

    pub(super) const fn forbidden(code: &'static str, message: &'static str) -> Self {
        Self { status: StatusCode::FORBIDDEN, code, message }
    }

    pub(super) const fn not_found(code: &'static str, message: &'static str) -> Self {
        Self { status: StatusCode::NOT_FOUND, code, message }
    }

    pub(super) const NO_SUCH_UPLOAD: Self =
        Self::not_found("NoSuchUpload", "there is no such upload in progress");
    pub(super) const NO_SUCH_KEY: Self = Self::not_found("NoSuchKey", "there is no object of this key");
    pub(super) const FULL: Self = Self {
        status: StatusCode::SERVICE_UNAVAILABLE,
        code: "SlowDown",
        message: "the server has reached its storage limit",
    };
    pub(super) const NOT_IMPLEMENTED: Self = Self {
        status: StatusCode::NOT_IMPLEMENTED,
        code: "NotImplemented",
        message: "this server implements uploads in parts, and reading and deleting objects",
    };
    pub(super) const PRECONDITION: Self = Self {
        status: StatusCode::PRECONDITION_FAILED,
        code: "PreconditionFailed",
        message: "a condition of the request does not hold",
    };

    pub(super) fn response(self, path: &str) -> Response {
        let error = Element::new("Error")
            .text("Code", self.code)
            .text("Message", self.message)
            .text("Resource", path);
        document(self.status, &error)
    }
}
