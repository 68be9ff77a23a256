//! A request: its head, and the bucket and key of its path.

use http::request::Parts;

use crate::storage::request_head::{RequestHead, decoded};

/// A request without its content.
pub(super) struct Call {
    pub(super) head: RequestHead,
    pub(super) bucket: String,
    /// Decoded; empty for the bucket itself.
    pub(super) key: String,
}

impl Call {
    pub(super) fn new(head: &Parts) -> Self {
        let head = RequestHead::new(head);
        let path = head.path.trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let (bucket, key) = (decoded(bucket), decoded(key));
        Self { head, bucket, key }
    }
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
