//! The length of an upload, from what requests say of it.

use super::fields::{Integer, integer};
use super::head::Head;

/// The lengths that were named differ, or one is less than what is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Inconsistent;

/// The length that a request names, or that was known before: by `Upload-Length`, and where it completes the upload by the
/// length of its content.
pub(super) fn length_of(
    head: &Head,
    completes: bool,
    (offset, known): (u64, Option<u64>),
) -> Result<Option<u64>, Inconsistent> {
    let named = head.field("Upload-Length").and_then(|text| match integer(text) {
        Integer::Valid(length) => Some(length),
        Integer::Ignored => None,
    });
    let counted = if completes { head.content_length() } else { None };
    let counted = counted.map(|content| offset.checked_add(content).ok_or(Inconsistent)).transpose()?;
    let mut told = [named, counted, known].into_iter().flatten();
    let Some(length) = told.next() else { return Ok(None) };
    if told.any(|other| other != length) || length < offset { Err(Inconsistent) } else { Ok(Some(length)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &str, completes: bool, known: (u64, Option<u64>)) -> Result<Option<u64>, Inconsistent> {
        let text = format!("PATCH /a HTTP/1.1\r\n{fields}\r\n\r\n");
        let (head, _) = Head::parse(text.as_bytes()).unwrap().unwrap();
        length_of(&head, completes, known)
    }

    #[test]
    fn the_length_is_named_or_counted_and_never_changes() {
        assert_eq!(of("Upload-Length: 9", false, (0, None)), Ok(Some(9)));
        assert_eq!(of("Content-Length: 4", true, (5, None)), Ok(Some(9)));
        assert_eq!(of("Content-Length: 4", false, (5, None)), Ok(None));
        assert_eq!(of("Content-Length: 4", false, (5, Some(20))), Ok(Some(20)));
        assert_eq!(of("Upload-Length: x\r\nContent-Length: 4", false, (5, None)), Ok(None));
        for (fields, completes, known) in [
            ("Upload-Length: 9\r\nContent-Length: 8", true, (0, None)),
            ("Upload-Length: 9", false, (0, Some(8))),
            ("Upload-Length: 9", false, (10, None)),
            ("Content-Length: 0", true, (5, Some(9))),
        ] {
            assert_eq!(of(fields, completes, known), Err(Inconsistent), "{fields}");
        }
    }
}
