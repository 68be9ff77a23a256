//! An answer before it is written to the wire: what handlers give back, and what the middleware finishes.
//!
//! JSON is labelled `application/json` without parameters: one of the vendor's clients accepts nothing else.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use crate::problem::Problem;

/// The body of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    Empty,
    Json(Value),
    Text(String),
}

/// An answer, before it is written.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) content: Content,
}

/// What a handler answers when it succeeds.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: StatusCode,
    content: Content,
}

impl Reply {
    /// An answer with a JSON body.
    pub(crate) const fn json(status: StatusCode, value: Value) -> Self {
        Self { status, content: Content::Json(value) }
    }

    /// `204 No Content`.
    pub(crate) const fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, content: Content::Empty }
    }
}

impl IntoResponse for Reply {
    /// The content travels beside the response: the middleware writes it, once it is final.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        response.extensions_mut().insert(self.content);
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status();
        response.extensions_mut().insert(self);
        response
    }
}

impl Answer {
    /// The answer that a handler, or the router itself, gave.
    pub(crate) fn of(mut response: Response) -> Self {
        let (problem, content) =
            (response.extensions_mut().remove::<Problem>(), response.extensions_mut().remove::<Content>());
        let (mut parts, _) = response.into_parts();
        parts.headers.remove(CONTENT_LENGTH);
        let (status, content) = match problem {
            Some(problem) => (problem.status(), Content::Json(problem.body())),
            None => (parts.status, content.unwrap_or(Content::Empty)),
        };
        let mut answer = Self { status, headers: parts.headers, content };
        if matches!(answer.content, Content::Json(_)) {
            answer.header("content-type", "application/json");
        }
        answer
    }

    /// The JSON of the body; null when it has none.
    pub(crate) fn json(&self) -> &Value {
        match &self.content {
            Content::Json(value) => value,
            Content::Empty | Content::Text(_) => &Value::Null,
        }
    }

    /// The JSON of the body, to be changed.
    pub(crate) const fn json_mut(&mut self) -> Option<&mut Value> {
        match &mut self.content {
            Content::Json(value) => Some(value),
            Content::Empty | Content::Text(_) => None,
        }
    }

    /// Sets a header.
    pub(crate) fn header(&mut self, name: &'static str, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
    }

    /// Writes it. The answer to `HEAD` has the headers of `GET` and no body.
    pub(crate) fn into_response(self, is_head: bool) -> Response {
        let text = match self.content {
            Content::Empty => String::new(),
            Content::Json(value) => value.to_string(),
            Content::Text(text) => text,
        };
        let length = text.len();
        let mut response = Response::new(if is_head { Body::empty() } else { Body::from(text) });
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        if is_head && self.status != StatusCode::NO_CONTENT {
            response.headers_mut().insert(CONTENT_LENGTH, length.into());
        }
        response
    }

    /// Whether it is labelled with a content type.
    pub(crate) fn is_labelled(&self) -> bool {
        self.headers.contains_key(CONTENT_TYPE)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_to_head_has_the_headers_of_get_and_no_body() {
        let answer = Answer::of(Reply::json(StatusCode::OK, json!({"a": 1})).into_response());
        let response = answer.into_response(true);
        assert_eq!(response.headers()[CONTENT_LENGTH], "7");
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
        assert!(http_body::Body::is_end_stream(response.body()));
    }

    #[test]
    fn no_content_has_neither_body_nor_content_type() {
        let response = Answer::of(Reply::no_content().into_response()).into_response(false);
        assert!(response.headers().is_empty());
    }
}
