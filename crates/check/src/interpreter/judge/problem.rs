//! The code of the error that an answer names: by RFC 9457, or where the suite says that it stands.

use serde_json::Value;

use uptake_suite::xml::Xml;
use uptake_suite::{ProblemPath, Suite};
use uptake_wire::Answer;

/// The code of the error; `body` is the answer's, where it is JSON.
pub(crate) fn problem(suite: &Suite, answer: &Answer, body: Option<&Value>) -> Option<String> {
    match &suite.problem {
        None => slug_of(body?).map(str::to_owned),
        Some(ProblemPath::Json(path)) => text(&path.find(body?)?),
        Some(ProblemPath::Xml(path)) => {
            let body = String::from_utf8_lossy(&answer.body);
            path.find(&Xml::parse(&body)?).as_ref().and_then(text)
        }
    }
}

fn text(code: &Value) -> Option<String> {
    match code {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The slug of a problem: the fragment of its type where it has one, else the last segment of its path.
fn slug_of(body: &Value) -> Option<&str> {
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
