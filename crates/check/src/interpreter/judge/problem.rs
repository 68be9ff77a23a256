//! Problem answers (RFC 9457): which problem it is.

use serde_json::Value;

use uptake_wire::Answer;

/// The slug of a problem: the last segment of its type.
pub(super) fn slug(answer: &Answer) -> Option<String> {
    let body = answer.json().ok()?;
    slug_of(&body).map(str::to_owned)
}

/// The slug of a problem in a body.
pub(super) fn slug_of(body: &Value) -> Option<&str> {
    let kind = body.get("type")?.as_str()?;
    let path = kind.split(['?', '#']).next().unwrap_or(kind).trim_end_matches('/');
    path.rsplit(['/', ':']).next().filter(|slug| !slug.is_empty())
}
