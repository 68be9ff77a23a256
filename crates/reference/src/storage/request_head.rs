//! The head of a request: its method, its path, its query, and its headers.

use http::Method;
use http::request::Parts;
use percent_encoding::percent_decode_str;

/// A request without its content.
pub(crate) struct RequestHead {
    pub(crate) method: Method,
    /// The path as it was sent, without the query.
    pub(crate) path: String,
    /// Decoded names and values, in the order that they were sent in.
    pub(crate) query: Vec<(String, String)>,
    /// Names are in lower case.
    headers: Vec<(String, String)>,
}

impl RequestHead {
    pub(crate) fn new(head: &Parts) -> Self {
        let query = head.uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let query = query.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let query = query.map(|(name, value)| (decoded(name), decoded(value))).collect();
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let mut headers: Vec<_> =
            head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        if let Some(host) = head.uri.authority().filter(|_| !head.headers.contains_key("host")) {
            headers.push(("host".to_owned(), host.to_string()));
        }
        Self { method: head.method.clone(), path: head.uri.path().to_owned(), query, headers }
    }

    /// The first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All headers.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first value of a parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the client waits to be told to send its content.
    pub(crate) fn expects_continue(&self) -> bool {
        self.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue"))
    }
}

/// Decodes a piece of a path or of a query.
pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_and_a_path_is_not() {
        let request = http::Request::builder().uri("http://a:1/b%2Fc?x=1%202&y&x=3").header("A-B", "c");
        let head = RequestHead::new(&request.body(()).unwrap().into_parts().0);
        assert_eq!(head.path, "/b%2Fc");
        assert_eq!((head.parameter("x"), head.parameter("y")), (Some("1 2"), Some("")));
        assert_eq!((head.header("a-b"), head.header("host")), (Some("c"), Some("a:1")));
        assert!(!head.expects_continue());
    }
}
