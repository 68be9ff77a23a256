//! The head of a request, as bytes.

use http::Method;
use url::Url;

use super::connection::Route;
use super::exchange::find;
use super::{Fault, Length, Proxy, Request};

/// A request's head and the headers that are in it.
pub(super) struct Head {
    pub(super) headers: Vec<(String, String)>,
    /// The bytes, or why no honest head can be made of these headers.
    pub(super) bytes: Result<Vec<u8>, Fault>,
}

impl Head {
    /// The head of a request on its way; `defaults` are the headers of every request that does not name them itself.
    pub(super) fn of(request: &Request, defaults: &[(String, String)], route: &Route) -> Head {
        let headers = headers(request, defaults);
        let bytes = bytes(request, &headers, route);
        Head { headers, bytes }
    }
}

fn bytes(request: &Request, headers: &[(String, String)], route: &Route) -> Result<Vec<u8>, Fault> {
    let mut text = format!("{} {} HTTP/1.1\r\n", request.method, target(&request.url, route));
    if let Route::Forwarded(Proxy { authorization: Some(authorization), .. }) = route {
        // For the proxy, and no part of the request that reports show.
        text.extend(["Proxy-Authorization: ", authorization, "\r\n"]);
    }
    for (name, value) in headers {
        check(name, value)?;
        for part in [name, ": ", value, "\r\n"] {
            text.push_str(part);
        }
    }
    text.push_str("\r\n");
    Ok(text.into_bytes())
}

/// Who asks, where a request does not say so itself: some gateways refuse a request without it.
pub(super) const USER_AGENT: &str = concat!("uptake/", env!("CARGO_PKG_VERSION"));

/// The request's headers, `Host` and `User-Agent` before them and the framing after them where it does not name them itself.
pub(super) fn headers(request: &Request, defaults: &[(String, String)]) -> Vec<(String, String)> {
    let given = |name: &str| find(&request.headers, name).is_some();
    let mut headers = Vec::with_capacity(request.headers.len() + defaults.len() + 4);
    if !given("host") {
        headers.push(("Host".to_owned(), host(&request.url)));
    }
    if !given("user-agent") && find(defaults, "user-agent").is_none() {
        headers.push(("User-Agent".to_owned(), USER_AGENT.to_owned()));
    }
    headers.extend(defaults.iter().filter(|(name, _)| !given(name)).cloned());
    headers.extend(request.headers.iter().cloned());
    if request.delivery.expect_continue.is_some() && !given("expect") {
        headers.push(("Expect".to_owned(), "100-continue".to_owned()));
    }
    if given("content-length") || given("transfer-encoding") {
        return headers;
    }
    let length = match request.delivery.length {
        Length::Chunked => {
            headers.push(("Transfer-Encoding".to_owned(), "chunked".to_owned()));
            return headers;
        }
        Length::Claimed(claim) => Some(claim),
        Length::Declared => {
            // RFC 9110, section 8.6: a method that anticipates content tells its length even where that is 0.
            let anticipates = [Method::POST, Method::PUT, Method::PATCH].contains(&request.method);
            let len = request.body.len();
            (len > 0 || anticipates).then_some(len)
        }
    };
    headers.extend(length.map(|length| ("Content-Length".to_owned(), length.to_string())));
    headers
}

/// The request's target: a proxy that passes the request on is told the host as well.
fn target(url: &Url, route: &Route) -> String {
    let origin = match route {
        Route::Forwarded(_) => format!("{}://{}", url.scheme(), host(url)),
        Route::Direct | Route::Tunnel(_) | Route::Intercepted(_) => String::new(),
    };
    match url.query() {
        Some(query) => format!("{origin}{}?{query}", url.path()),
        None => format!("{origin}{}", url.path()),
    }
}

/// The host as the header names it: the port only where it is not the scheme's own.
pub fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// A header that would end its line is a mistake in the scenario, and not something to send by accident: who means it
/// sends raw bytes.
pub(super) fn check(name: &str, value: &str) -> Result<(), Fault> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(Fault::Harness(format!(
            "`{name}` cannot be a header's name; only raw bytes can send it"
        )));
    }
    if value.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        return Err(Fault::Harness(format!(
            "the header {name} would hold a line break; only raw bytes can send it"
        )));
    }
    Ok(())
}
