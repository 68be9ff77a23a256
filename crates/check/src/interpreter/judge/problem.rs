//! Problem answers (RFC 9457): which problem it is.

use serde_json::Value;

use uptake_wire::Answer;

/// The slug of a problem: the fragment of its type where it has one, else the last segment of its path.
pub(super) fn slug(answer: &Answer) -> Option<String> {
    let body = answer.json().ok()?;
    slug_of(&body).map(str::to_owned)
}

/// The slug of a problem in a body.
pub(super) fn slug_of(body: &Value) -> Option<&str> {
    let kind = body.get("type")?.as_str()?;
    if let Some((_, fragment)) = kind.rsplit_once('#').filter(|(_, fragment)| !fragment.is_empty()) {
        return Some(fragment);
    }
    let path = kind.split(['?', '#']).next().unwrap_or(kind).trim_end_matches('/');
    path.rsplit(['/', ':']).next().filter(|slug| !slug.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::slug_of;

    #[test]
    fn the_slug_is_the_fragment_or_the_last_segment_of_the_path() {
        for (kind, slug) in [
            ("https://docs.example.com/reference/resource-not-found", Some("resource-not-found")),
            ("https://docs.example.com/reference/resource-not-found/?a=b", Some("resource-not-found")),
            (
                "https://iana.example/assignments/types#mismatching-upload-offset",
                Some("mismatching-upload-offset"),
            ),
            ("https://docs.example.com/reference/gone#", Some("gone")),
            ("urn:problem:gone", Some("gone")),
            ("", None),
        ] {
            assert_eq!(slug_of(&json!({ "type": kind })), slug, "{kind}");
        }
    }
}
