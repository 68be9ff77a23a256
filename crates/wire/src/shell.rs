//! Words for a POSIX shell, in which secrets stand as variables.

use super::Secrets;
use super::secrets::Part;

/// The text as one word. What is secret becomes a variable that the shell expands; everything else means itself.
pub(super) fn word(text: &str, secrets: &Secrets) -> String {
    let parts = secrets.parts(text);
    if parts.iter().all(|part| matches!(part, Part::Text(_))) {
        return literal(text);
    }
    let mut word = String::from("\"");
    for (index, part) in parts.iter().enumerate() {
        match part {
            Part::Text(text) => word.push_str(&quoted(text)),
            Part::Secret(name) if joins(parts.get(index + 1)) => {
                word.push_str("${");
                word.push_str(name);
                word.push('}');
            }
            Part::Secret(_) => word.push_str(&part.to_string()),
        }
    }
    word.push('"');
    word
}

/// A word without secrets, as a POSIX shell reads it back: bare where that is safe, else in single quotes.
pub fn literal(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-._/:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(safe) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Text within double quotes. An exclamation mark leaves them for a moment: an interactive shell would take it for its history.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\\' | '$' | '`' => out.extend(['\\', character]),
            '!' => out.push_str(r#""'!'""#),
            other => out.push(other),
        }
    }
    out
}

/// Whether what follows a variable would be taken for a part of its name.
fn joins(next: Option<&Part<'_>>) -> bool {
    matches!(next, Some(Part::Text(text)) if text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::{literal, word};
    use crate::Secrets;

    #[test]
    fn words_are_quoted_only_where_they_must_be() {
        let secrets = Secrets::new();
        secrets.taint("token", "to123456");
        for (text, shown) in [
            ("plain", "plain"),
            ("", "''"),
            ("two words", "'two words'"),
            ("it's", r"'it'\''s'"),
            ("/upload?token=to123456", r#""/upload?token=$TOKEN""#),
            ("to123456x", r#""${TOKEN}x""#),
            ("to123456-$x!", r#""$TOKEN-\$x"'!'"""#),
        ] {
            assert_eq!(word(text, &secrets), shown);
        }
    }

    #[test]
    fn only_what_a_shell_would_change_is_quoted() {
        assert_eq!(literal("https://a.test/b?c=d"), "'https://a.test/b?c=d'");
        assert_eq!(literal("reports/run.json"), "reports/run.json");
        assert_eq!(literal("it's"), r"'it'\''s'");
        assert_eq!(literal(""), "''");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn a_shell_reads_back_the_text(before in "[ -~é\n]{0,12}", after in "[ -~é\n]{0,12}") {
            let secrets = Secrets::new();
            secrets.taint("token", "to123456");
            for text in [format!("{before}{after}"), format!("{before}to123456{after}")] {
                let script = format!("printf '%s.' {}", word(&text, &secrets));
                let output = Command::new("sh").args(["-c", &script]).env("TOKEN", "to123456").output();
                let output = output.expect("a shell is there").stdout;
                prop_assert_eq!(String::from_utf8_lossy(&output), format!("{}.", text));
            }
        }
    }
}
