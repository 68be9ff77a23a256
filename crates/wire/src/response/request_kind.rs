//! What a request's method decides about its response.

use http::Method;

/// What kind of request a response answers, as far as it decides whether there is a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    /// HEAD: its response has no body.
    Head,
    /// CONNECT: a successful response ends HTTP on the connection.
    Connect,
    /// Any other.
    Other,
}

impl From<&Method> for RequestKind {
    fn from(method: &Method) -> Self {
        match *method {
            Method::HEAD => Self::Head,
            Method::CONNECT => Self::Connect,
            _ => Self::Other,
        }
    }
}
