//! Templates of manifests, and the quoting of what stands in them.

use std::fmt::Write as _;

/// Puts values in the places `%{name}` of a template, once: what a value contains is not looked at again. A line that is a place alone
/// takes all lines of its value at its own indentation, and is left out if the value is empty.
pub(super) fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut filled = String::new();
    for line in template.lines() {
        let bare = line.trim_start();
        let indentation = &line[..line.len() - bare.len()];
        if let Some(name) = bare.strip_prefix("%{").and_then(|rest| rest.strip_suffix('}')) {
            for line in value(values, name).lines() {
                if !line.is_empty() {
                    filled.push_str(indentation);
                }
                filled.push_str(line);
                filled.push('\n');
            }
            continue;
        }
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("%{") {
            let (name, after) = after.split_once('}').expect("each place in a template of ours is closed");
            filled.push_str(before);
            filled.push_str(value(values, name));
            rest = after;
        }
        filled.push_str(rest);
        filled.push('\n');
    }
    filled
}

fn value<'v>(values: &'v [(&str, String)], name: &str) -> &'v str {
    let found = values.iter().find(|(known, _)| *known == name);
    &found.expect("each place in a template of ours has a value").1
}

/// A double-quoted scalar of YAML, which every reader takes for this text.
pub(super) fn yaml_string(text: &str) -> String {
    let mut quoted = String::new();
    for c in serde_json::Value::from(text).to_string().chars() {
        // What JSON leaves as it is, and YAML does not take or takes for the end of a line.
        if is_printable(c) {
            quoted.push(c);
        } else {
            let _ = write!(quoted, "\\u{:04x}", u32::from(c));
        }
    }
    quoted
}

/// Text as a block scalar of YAML below a key: exactly this text, readable.
pub(super) fn yaml_block(text: &str) -> String {
    let is_readable = text.chars().all(|c| c == '\n' || c == '\t' || is_printable(c));
    // Blank lines at the end are no content of a block without more ado.
    if !is_readable || text.trim().is_empty() || text.ends_with("\n\n") {
        return yaml_string(text);
    }
    let (chomping, text) = text.strip_suffix('\n').map_or(("-", text), |text| ("", text));
    // A reader takes the indentation from the first line, unless that has spaces of its own.
    let indentation = if text.starts_with([' ', '\t', '\n']) { "2" } else { "" };
    let mut block = format!("|{indentation}{chomping}");
    for line in text.split('\n') {
        block.push('\n');
        if !line.is_empty() {
            block.push_str("  ");
            block.push_str(line);
        }
    }
    block
}

/// Whether a character means itself in YAML 1.1 and 1.2, in a shell's quotes and on a terminal.
pub(super) fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{fill, yaml_block};
    use uptake_yaml::{Node, SourceFile, Value, parse};

    #[test]
    fn values_are_not_read_as_templates() {
        let values = [
            ("a", "%{b}".to_owned()),
            ("b", "x".to_owned()),
            ("none", String::new()),
            ("two", "1\n\n2".to_owned()),
        ];
        assert_eq!(fill("p: %{a} %{b}\n  %{two}\n  %{none}\nend", &values), "p: %{b} x\n  1\n\n  2\nend\n");
    }

    proptest! {
        /// A parser sees what was written, whatever it begins and ends with.
        #[test]
        fn a_block_is_read_back(text in "(?s)[ \t\n#:|>'\"%&*a-zé${}\u{2028}-]{0,40}") {
            let key = format!("\"k\": {}", yaml_block(&text));
            let document = fill("data:\n  %{file}\nnext: 1\n", &[("file", key)]);
            let node = parse(&SourceFile::new("manifest.yaml", document.as_str())).map_err(|problem| {
                TestCaseError::fail(format!("{document}{problem}"))
            })?;
            let read = member(&node, "data").and_then(|data| member(data, "k")).map(|node| &node.value);
            prop_assert_eq!(read, Some(&Value::Text(text)), "{}", document);
        }
    }

    fn member<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
        let Value::Map(entries) = &node.value else { return None };
        entries.iter().find(|(key, _)| key.text == name).map(|(_, node)| node)
    }
}
