//! The head of a request over HTTP/2 (RFC 9113, section 8.3), and which requests only HTTP/1.1 can carry.

use http::uri::Uri;
use http::{HeaderName, HeaderValue};

use crate::message;
use crate::{Fault, Length, Request};

/// The fields that concern one connection (RFC 9113, section 8.2.2), and the expectation that holds back a body: what a test does with
/// them is a matter of HTTP/1.1.
const HTTP1_FIELDS: [&str; 7] =
    ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te", "expect"];

/// The pseudo-header field that Host becomes.
pub(crate) const AUTHORITY: &str = ":authority";

/// A request's head.
pub(crate) struct Head {
    /// The fields as they go out: the authority first, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The head, or why it cannot be sent.
    pub(crate) message: Result<http::Request<()>, Fault>,
}

impl Head {
    /// The head of a request; `defaults` are the headers of every request that does not name them itself.
    pub(crate) fn of(request: &Request, defaults: &[(String, String)]) -> Head {
        let mut authority = message::host(&request.url);
        let mut headers = Vec::new();
        for (name, value) in message::headers(request, defaults) {
            if name.eq_ignore_ascii_case("host") {
                value.trim().clone_into(&mut authority);
            } else {
                headers.push((name.to_ascii_lowercase(), value.trim_matches([' ', '\t']).to_owned()));
            }
        }
        let message = message(request, &authority, &headers);
        headers.insert(0, (AUTHORITY.to_owned(), authority));
        Head { headers, message }
    }
}

fn message(
    request: &Request,
    authority: &str,
    headers: &[(String, String)],
) -> Result<http::Request<()>, Fault> {
    let url = &request.url;
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let uri = Uri::builder().scheme(url.scheme()).authority(authority).path_and_query(path).build();
    let uri = uri.map_err(|_| unsendable("its address"))?;
    let mut message =
        http::Request::builder().method(request.method.clone()).uri(uri).version(http::Version::HTTP_2);
    for (name, value) in headers {
        message::check(name, value)?;
        if is_of_http1(request, name, value) {
            return Err(unsendable(&format!("the header {name}")));
        }
        message = message.header(name, value.as_bytes());
    }
    message.body(()).map_err(|_| unsendable("a header"))
}

fn unsendable(what: &str) -> Fault {
    Fault::Harness(format!("HTTP/2 cannot carry {what}"))
}

/// Whether only HTTP/1.1 can carry this request as it is meant: for its framing, its expectation, or what its headers say of the connection.
pub fn needs_http1(request: &Request) -> bool {
    let delivery = &request.delivery;
    delivery.length != Length::Declared
        || delivery.expect_continue.is_some()
        || request.headers.iter().any(|(name, value)| is_of_http1(request, name, value))
}

fn is_of_http1(request: &Request, name: &str, value: &str) -> bool {
    if name.eq_ignore_ascii_case("te") && value.trim().eq_ignore_ascii_case("trailers") {
        return false;
    }
    let lies = || value.trim().parse() != Ok(request.body.len());
    // What no version can carry is a mistake of its own.
    let is_field = message::check(name, value).is_ok();
    HTTP1_FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field))
        || (name.eq_ignore_ascii_case("content-length") && lies())
        || (is_field && !is_carried(name, value))
}

/// Whether HTTP/2 has this field: it knows no control characters in values.
fn is_carried(name: &str, value: &str) -> bool {
    HeaderName::from_bytes(name.as_bytes()).is_ok() && HeaderValue::from_bytes(value.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::Method;
    use url::Url;

    use super::{Head, needs_http1};
    use crate::{Length, Request};

    fn request(headers: &[(&str, &str)]) -> Request {
        let mut request =
            Request::new(Method::POST, Url::parse("http://127.0.0.1:1/upload?token=a").expect("a URL"));
        request.headers =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        request.body = "{}".to_owned().into();
        request
    }

    #[test]
    fn names_are_in_lower_case_and_the_host_is_the_authority() {
        let head = Head::of(&request(&[("Host", "other.test"), ("X-A", " 1 "), ("X-A", "2")]), &[]);
        let message = head.message.expect("it can be sent");
        assert_eq!(message.uri(), "http://other.test/upload?token=a");
        let shown: Vec<_> =
            head.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            shown,
            [
                (":authority", "other.test"),
                ("user-agent", crate::message::USER_AGENT),
                ("x-a", "1"),
                ("x-a", "2"),
                ("content-length", "2"),
            ]
        );
        assert!(!message.headers().contains_key("host"));
        assert_eq!(message.headers().get_all("x-a").iter().count(), 2);
    }

    #[test]
    fn what_only_http1_has_is_told() {
        for plain in [&[][..], &[("TE", "trailers")], &[("Content-Length", "2")], &[("X-A", "caf\u{e9}")]] {
            assert!(!needs_http1(&request(plain)), "{plain:?}");
        }
        for header in [
            ("Connection", "close"),
            ("Transfer-Encoding", "chunked"),
            ("Upgrade", "h2c"),
            ("TE", "gzip"),
            ("Expect", "100-continue"),
            ("Content-Length", "3"),
            ("X-A", "\u{1}"),
        ] {
            assert!(needs_http1(&request(&[header])), "{header:?}");
        }
        let delivered = |deliver: fn(&mut crate::Delivery)| {
            let mut request = request(&[]);
            deliver(&mut request.delivery);
            request
        };
        assert!(needs_http1(&delivered(|delivery| delivery.length = Length::Chunked)));
        assert!(needs_http1(&delivered(|delivery| delivery.length = Length::Claimed(2))));
        assert!(needs_http1(&delivered(|delivery| delivery.expect_continue = Some(Duration::ZERO))));
        assert!(!needs_http1(&delivered(|delivery| delivery.break_off = Some(1))));
    }
}
