//! Conditions of a request: `If-Match` and `If-None-Match`.

use super::answer::Refusal;
use super::bucket::{Contents, Object};
use super::request::Call;

/// What the conditions of a read come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    Goes,
    NotModified,
}

/// Whether an object is read.
pub(super) fn check_read(object: &Object, call: &Call) -> Result<Read, Refusal> {
    if call.head.header("if-match").is_some_and(|tags| !matches(tags, &object.etag)) {
        return Err(Refusal::PRECONDITION);
    }
    let is_known = call.head.header("if-none-match").is_some_and(|tags| matches(tags, &object.etag));
    Ok(if is_known { Read::NotModified } else { Read::Goes })
}

/// Whether an object is written.
pub(super) fn check_write(contents: &Contents, call: &Call) -> Result<(), Refusal> {
    let object = contents.objects.get(&call.key);
    match (call.head.header("if-none-match"), call.head.header("if-match")) {
        (None, None) => Ok(()),
        (Some("*"), None) if object.is_none() => Ok(()),
        (Some("*"), None) => Err(Refusal::PRECONDITION),
        (None, Some(tags)) => match object {
            None => Err(Refusal::NO_SUCH_KEY),
            Some(object) if matches(tags, &object.etag) => Ok(()),
            Some(_) => Err(Refusal::PRECONDITION),
        },
        _ => Err(Refusal::NOT_IMPLEMENTED),
    }
}

fn matches(tags: &str, etag: &str) -> bool {
    let mut tags = tags.split(',').map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"'));
    tags.any(|tag| tag == "*" || tag == etag.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_list_of_tags_matches_by_any() {
        assert!(matches("\"a\", \"b-2\"", "\"b-2\""));
        assert!(matches("b-2", "\"b-2\""));
        assert!(matches("*", "\"b-2\""));
        assert!(!matches("\"b\"", "\"b-2\""));
    }
}
