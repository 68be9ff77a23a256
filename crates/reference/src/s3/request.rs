//! The head of a request: its method, the bucket and key of its path, its query, and its headers.

use http::Method;
use http::request::Parts;
use percent_encoding::percent_decode_str;

/// A request without its content.
pub(super) struct Call {
    pub(super) method: Method,
    /// The path as it was sent, without the query.
    pub(super) path: String,
    pub(super) bucket: String,
    /// Decoded; empty for the bucket itself.
    pub(super) key: String,
    /// Decoded names and values, in the order that they were sent in.
    pub(super) query: Vec<(String, String)>,
    /// Names are in lower case.
    headers: Vec<(String, String)>,
}

impl Call {
    pub(super) fn new(head: &Parts) -> Self {
        let path = head.uri.path().to_owned();
        let (bucket, key) = path.trim_start_matches('/').split_once('/').unwrap_or((&path[1..], ""));
        let (bucket, key) = (decoded(bucket), decoded(key));
        let query = head.uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let query = query.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let query = query.map(|(name, value)| (decoded(name), decoded(value))).collect();
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let mut headers: Vec<_> =
            head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        if let Some(host) = head.uri.authority().filter(|_| !head.headers.contains_key("host")) {
            headers.push(("host".to_owned(), host.to_string()));
        }
        Self { method: head.method.clone(), path, bucket, key, query, headers }
    }

    /// The first value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All headers.
    pub(super) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first value of a parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the client waits to be told to send its content.
    pub(super) fn expects_continue(&self) -> bool {
        self.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue"))
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_a_bucket_and_a_key() {
        for (uri, bucket, key) in [
            ("/uptake/a%20b/c?uploads", "uptake", "a b/c"),
            ("/uptake", "uptake", ""),
            ("/uptake/", "uptake", ""),
            ("/", "", ""),
        ] {
            let (head, ()) = http::Request::builder().uri(uri).body(()).unwrap().into_parts();
            let call = Call::new(&head);
            assert_eq!((call.bucket.as_str(), call.key.as_str()), (bucket, key), "{uri}");
        }
    }
}
