//! A request: its head, and what its path names.

use http::request::Parts;

use crate::storage::request_head::{RequestHead, decoded};

/// What a path names, with decoded names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Resource {
    /// `/upload/storage/v1/b/BUCKET/o`.
    Uploads(String),
    /// `/storage/v1/b/BUCKET`.
    Bucket(String),
    /// `/storage/v1/b/BUCKET/o/OBJECT`, or the same below `/download`.
    Object(String, String),
    /// Something else.
    Other,
}

/// A request without its content.
pub(super) struct Call {
    pub(super) head: RequestHead,
    pub(super) resource: Resource,
}

impl Call {
    pub(super) fn new(head: &Parts) -> Self {
        let head = RequestHead::new(head);
        let resource = Resource::of(&head.path);
        Self { head, resource }
    }

    /// A header that is a number; an error if it is something else.
    pub(super) fn number(&self, header: &str) -> Result<Option<u64>, NotANumber> {
        self.head.header(header).map(|text| number(text).ok_or(NotANumber)).transpose()
    }
}

/// A value is not a number.
pub(super) struct NotANumber;

/// A number of decimal digits alone.
pub(super) fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Resource {
    fn of(path: &str) -> Self {
        let pieces: Vec<_> = path.split('/').skip(1).collect();
        match *pieces.as_slice() {
            ["upload", "storage", "v1", "b", bucket, "o"] => Self::Uploads(decoded(bucket)),
            ["storage", "v1", "b", bucket] => Self::Bucket(decoded(bucket)),
            ["storage", "v1", "b", bucket, "o", object]
            | ["download", "storage", "v1", "b", bucket, "o", object] => {
                Self::Object(decoded(bucket), decoded(object))
            }
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_uploads_a_bucket_or_an_object() {
        let object = || Resource::Object("uptake".to_owned(), "a/b c".to_owned());
        for (path, wanted) in [
            ("/upload/storage/v1/b/uptake/o", Resource::Uploads("uptake".to_owned())),
            ("/storage/v1/b/uptake", Resource::Bucket("uptake".to_owned())),
            ("/storage/v1/b/uptake/o/a%2Fb%20c", object()),
            ("/download/storage/v1/b/uptake/o/a%2Fb%20c", object()),
            ("/storage/v1/b/uptake/o/a/b", Resource::Other),
            ("/", Resource::Other),
            ("*", Resource::Other),
        ] {
            assert_eq!(Resource::of(path), wanted, "{path}");
        }
    }

    #[test]
    fn a_number_has_digits_alone() {
        assert_eq!(["7", "+7", "", "x"].map(number), [Some(7), None, None, None]);
    }
}
