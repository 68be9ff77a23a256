//! JSON bodies of requests. What they are labelled as does not matter: browsers send JSON as `text/plain`.

use std::time::Duration;

use axum::body::Body;
use http_body_util::{BodyExt as _, Limited};
use serde_json::{Map, Value};

use crate::problem::{Problem, kind};

/// No body of JSON is longer.
const MAX_BODY: usize = 1024 * 1024;

/// An object that a client sent.
pub(crate) struct Object(Map<String, Value>);

impl Object {
    /// Reads a body that must be there. A client that has not sent it within `timeout` is given up.
    pub(crate) async fn read(body: Body, timeout: Duration) -> Result<Self, Problem> {
        parse(&collect(body, timeout).await?)
    }

    /// Reads a body that may be missing, which is as good as an empty object.
    pub(crate) async fn read_or_empty(body: Body, timeout: Duration) -> Result<Self, Problem> {
        let bytes = collect(body, timeout).await?;
        if bytes.is_empty() { Ok(Self(Map::new())) } else { parse(&bytes) }
    }

    /// A member, `None` when it is absent.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A text that must be there.
    pub(crate) fn required_text(&self, name: &'static str) -> Result<&str, Problem> {
        self.text(name)?.ok_or_else(|| {
            Problem::new(kind::ATTRIBUTE_REQUIRED, format!("The attribute {name} must be given.")).of(name)
        })
    }

    /// A text that may be absent.
    pub(crate) fn text(&self, name: &'static str) -> Result<Option<&str>, Problem> {
        self.get(name).map(|value| value.as_str().ok_or_else(|| invalid(name, "a string"))).transpose()
    }

    /// A truth value that may be absent.
    pub(crate) fn truth(&self, name: &'static str) -> Result<Option<bool>, Problem> {
        self.get(name).map(|value| value.as_bool().ok_or_else(|| invalid(name, "true or false"))).transpose()
    }
}

/// The answer about a member that is not what it must be.
pub(crate) fn invalid(name: &'static str, wanted: &str) -> Problem {
    Problem::new(kind::INVALID_ATTRIBUTE, format!("The attribute {name} must be {wanted}.")).of(name)
}

async fn collect(body: Body, timeout: Duration) -> Result<Vec<u8>, Problem> {
    let limited = Limited::new(body, MAX_BODY).collect();
    match tokio::time::timeout(timeout, limited).await {
        Err(_) => Err(Problem::new(kind::REQUEST_TIMEOUT, "The body did not arrive.")),
        Ok(Err(_)) => Err(Problem::new(kind::INVALID_PAYLOAD, "The body is too long, or was broken off.")),
        Ok(Ok(bytes)) => Ok(bytes.to_bytes().into()),
    }
}

fn parse(bytes: &[u8]) -> Result<Object, Problem> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(members)) => Ok(Object(members)),
        Ok(_) => Err(Problem::new(kind::INVALID_PAYLOAD, "The body must be a JSON object.")),
        Err(_) => Err(Problem::new(kind::INVALID_PAYLOAD, "The body must be JSON.")),
    }
}
