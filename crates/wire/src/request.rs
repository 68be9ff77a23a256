//! A request as a scenario means it.

use http::Method;
use url::Url;

use super::{Body, Delivery};

/// A request. Nothing is added to it but `Host` and the headers that frame the body, and those only where it does not
/// name them itself.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method, whichever it is.
    pub method: Method,
    /// Where to; credentials and a fragment in it are not sent.
    pub url: Url,
    /// The headers in their order; a name may stand more than once.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
    /// How it is delivered.
    pub delivery: Delivery,
}

impl Request {
    /// A request without headers and body, delivered plainly.
    pub fn new(method: Method, url: Url) -> Request {
        Request { method, url, headers: Vec::new(), body: Body::empty(), delivery: Delivery::default() }
    }
}
