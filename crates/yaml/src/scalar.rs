//! What a plain scalar is.

use super::node::{Node, Value};

/// What YAML 1.1 took for true or false, and many readers still do.
const WORDS_OF_1_1: [&str; 4] = ["yes", "no", "on", "off"];

/// The value of a plain scalar.
pub(super) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" => return Value::Null,
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        _ => {}
    }
    if let Ok(number) = text.parse::<i64>()
        && number.to_string() == text
    {
        return Value::Int(number);
    }
    if let Ok(number) = text.parse::<f64>()
        && number.is_finite()
        && format!("{number:?}") == text
    {
        return Value::Float(number);
    }
    if is_like_a_number(text) || is_like_a_word(text) {
        return Value::Ambiguous(text.to_owned());
    }
    Value::Text(text.to_owned())
}

/// Whether other schemas of YAML take it for true, false or null.
fn is_like_a_word(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    WORDS_OF_1_1.contains(&lower.as_str()) || matches!(lower.as_str(), "true" | "false" | "null")
}

/// Whether it is a number to some schema of YAML, or would be written otherwise as a number of JSON.
fn is_like_a_number(text: &str) -> bool {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    if let Some(digits) = body.strip_prefix("0x") {
        return !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
    }
    if let Some(digits) = body.strip_prefix("0o") {
        return !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    }
    if matches!(body.to_ascii_lowercase().as_str(), ".inf" | ".nan") {
        return true;
    }
    body.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && body.contains(|c: char| c.is_ascii_digit())
        && body.parse::<f64>().is_ok()
}

impl Node {
    /// Why its type would be a guess, and what to write instead; `None` where it is plain.
    pub fn ambiguity(&self) -> Option<(String, String)> {
        match &self.value {
            Value::Ambiguous(text) => Some(explain(text)),
            _ => None,
        }
    }
}

/// Why a scalar is ambiguous, and what to write.
fn explain(text: &str) -> (String, String) {
    if is_like_a_word(text) {
        let lower = text.to_ascii_lowercase();
        let truth = match lower.as_str() {
            "yes" | "on" | "true" => "true",
            "null" => "null",
            _ => "false",
        };
        return (
            format!("`{text}` is a string in YAML 1.2, but {truth} in YAML 1.1"),
            format!("write \"{text}\" for the string, or {truth}"),
        );
    }
    let as_number = match text.strip_prefix('+').unwrap_or(text).parse::<i64>() {
        Ok(number) => Some(number.to_string()),
        Err(_) => {
            text.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| format!("{number:?}"))
        }
    };
    match as_number {
        Some(number) => (
            format!("`{text}` is not a JSON number: it would be sent as {number}"),
            format!("write \"{text}\" for the string, or {number} for the number"),
        ),
        None => (
            format!("`{text}` is not a JSON number"),
            format!("write \"{text}\" for the string, or the number in decimal"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_not_go_out_as_it_is_written_is_ambiguous() {
        for text in [
            "007",
            "1.10",
            "+1",
            "0x1F",
            "0o17",
            "1e3",
            ".5",
            "1.",
            "-0",
            "12345678901234567890",
            ".inf",
            "-.Inf",
            ".nan",
            "yes",
            "No",
            "ON",
            "off",
            "True",
            "NULL",
        ] {
            assert_eq!(resolve(text), Value::Ambiguous(text.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_looks_like_a_number_to_nobody_is_a_text() {
        for text in
            ["5MiB", "24h", "1_000", "1:30", "-", ".", "e3", "0x", "inf", "nan", "y", "n", "1-2", "10.0.0.1"]
        {
            assert_eq!(resolve(text), Value::Text(text.to_owned()), "{text}");
        }
    }

    #[test]
    fn the_explanation_says_what_would_be_sent() {
        assert_eq!(
            explain("007"),
            (
                "`007` is not a JSON number: it would be sent as 7".to_owned(),
                "write \"007\" for the string, or 7 for the number".to_owned()
            )
        );
        assert!(explain("1.10").0.ends_with("sent as 1.1"));
        assert!(explain("no").0.contains("false in YAML 1.1"));
    }

    proptest! {
        #[test]
        fn a_scalar_is_what_it_says_or_ambiguous(text in "[-+0-9.eExX]{1,8}|yes|no|true|null|[a-z]{1,5}") {
            let node = |value| super::super::node::Node { at: super::super::node::Span::default(), value };
            let value = resolve(&text);
            prop_assume!(value != Value::Null);
            prop_assert_eq!(node(value).scalar(), Some(text));
        }
    }
}
