//! Structured fields (RFC 9651), as far as the protocol uses them: integers, booleans, and the keys of dictionaries.

/// An integer field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Integer {
    /// A number that is not negative.
    Valid(u64),
    /// Anything else: the field counts as missing.
    Ignored,
}

/// Parameters carry no meaning here.
fn without_parameters(text: &str) -> &str {
    text.split(';').next().unwrap_or_default().trim_matches(' ')
}

/// Reads an integer of at most 15 digits.
pub(super) fn integer(text: &str) -> Integer {
    let digits = without_parameters(text);
    if digits.is_empty() || digits.len() > 15 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Integer::Ignored;
    }
    digits.parse().map_or(Integer::Ignored, Integer::Valid)
}

/// Reads a boolean; none where it is something else, and then the field counts as missing.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match without_parameters(text) {
        "?1" => Some(true),
        "?0" => Some(false),
        _ => None,
    }
}

/// As a field writes it.
pub(super) const fn flag(value: bool) -> &'static str {
    if value { "?1" } else { "?0" }
}

/// The members of a dictionary, each with its value as it is written. Values are bytes in colons, or numbers.
pub(super) fn members(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(',').filter_map(|member| {
        let (key, value) = member.trim_matches([' ', '\t']).split_once('=')?;
        Some((key, without_parameters(value)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_not_negative_and_have_no_fraction() {
        for (text, wanted) in [
            ("0", Integer::Valid(0)),
            ("100;a=1", Integer::Valid(100)),
            ("-1", Integer::Ignored),
            ("1.0", Integer::Ignored),
            ("\"1\"", Integer::Ignored),
            ("", Integer::Ignored),
            ("9999999999999999", Integer::Ignored),
        ] {
            assert_eq!(integer(text), wanted, "{text}");
        }
    }

    #[test]
    fn booleans_are_written_with_a_question_mark() {
        assert_eq!(
            ["?1", "?0", "?1;x", "1", "true", ""].map(boolean),
            [Some(true), Some(false), Some(true), None, None, None]
        );
    }

    #[test]
    fn members_of_a_dictionary_are_keys_with_values() {
        let found: Vec<_> = members("sha-256=:YQ==:, sha-512=3;q").collect();
        assert_eq!(found, [("sha-256", ":YQ==:"), ("sha-512", "3")]);
    }
}
