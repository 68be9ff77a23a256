//! Reads a waiver file: a list of rules, each with a reason, a last day and perhaps a link.
//!
//! ```yaml
//! - rule: BYTES-11
//!   reason: the storage takes a range twice; repaired in the next release
//!   until: 2027-01-31
//!   issue: https://example.com/issues/17
//! ```

use std::path::Path;

use jiff::civil::Date;

use super::error::{GateError, text};
use uptake_outcome::Waiver;
use uptake_yaml::{Node, Problems, Reader, SourceFile, Value, parse};

/// The waivers in the file at `path`; `rules` are the ids that a waiver may name.
pub fn read_waivers(path: &Path, rules: &[&str]) -> Result<Vec<Waiver>, GateError> {
    let file = SourceFile::new(path.display().to_string(), text(path)?);
    let node = parse(&file).map_err(Problems::from)?;
    let reader = Reader::new(&file);
    let waivers = list(&reader, &node, rules);
    Ok(Problems::or(reader.into_problems(), waivers)?)
}

fn list(reader: &Reader, node: &Node, rules: &[&str]) -> Option<Vec<Waiver>> {
    // A file of comments alone: the last waiver has gone.
    if node.value == Value::Null {
        return Some(Vec::new());
    }
    let mut waivers: Vec<Waiver> = Vec::new();
    for item in reader.list(node, "a waiver file")? {
        let Some((waiver, named)) = waiver(reader, item, rules) else { continue };
        match waivers.iter().find(|earlier| earlier.rule == waiver.rule) {
            Some(earlier) => {
                let twice = format!("{} is waived twice", waiver.rule);
                let help = format!("the first is at {}; keep one of them", earlier.place);
                reader.problem::<()>(named.at, twice, help);
            }
            None => waivers.push(waiver),
        }
    }
    Some(waivers)
}

/// A waiver, and the node that names its rule.
fn waiver<'n>(reader: &Reader, item: &'n Node, rules: &[&str]) -> Option<(Waiver, &'n Node)> {
    let mut fields = reader.fields(item, "a waiver")?;
    let named = fields.require("rule");
    let rule = named.and_then(|node| rule(reader, node, rules));
    let reason = fields.require("reason").and_then(|node| reason(reader, node));
    let until = fields.require("until").and_then(|node| day(reader, node));
    let issue = match fields.take("issue") {
        Some(node) => {
            Some(filled(reader, node, "`issue`", "link the issue that tracks the repair, or leave it out")?)
        }
        None => None,
    };
    let named = named?;
    let waiver = Waiver { rule: rule?, reason: reason?, until: until?, issue, place: reader.place(named.at) };
    Some((waiver, named))
}

fn rule(reader: &Reader, node: &Node, rules: &[&str]) -> Option<String> {
    let id = reader.text(node, "`rule`")?;
    if rules.contains(&id.as_str()) {
        return Some(id);
    }
    let near = rules
        .iter()
        .map(|rule| (strsim::jaro_winkler(&id, rule), *rule))
        .filter(|(nearness, _)| *nearness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let help = match near {
        Some((_, near)) => format!("did you mean {near}? `uptake rules` lists them"),
        None => "`uptake rules` lists them".to_owned(),
    };
    reader.problem(node.at, format!("unknown rule {id}"), help)
}

fn reason(reader: &Reader, node: &Node) -> Option<String> {
    filled(reader, node, "`reason`", "say why the rule may fail, for those who read the report")
}

fn filled(reader: &Reader, node: &Node, what: &str, help: &str) -> Option<String> {
    let text = match node.value {
        Value::Null => String::new(),
        _ => reader.scalar(node, what)?,
    };
    if text.trim().is_empty() {
        return reader.problem(node.at, format!("{what} is empty"), help);
    }
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn day(reader: &Reader, node: &Node) -> Option<String> {
    let help = "write the last day on which the rule may fail, as 2027-01-31";
    let written = match node.value {
        Value::Null => return reader.problem(node.at, "`until` is empty", help),
        _ => reader.scalar(node, "`until`")?,
    };
    // The form with hyphens alone: days are compared as they are written.
    let has_form = written.len() == "2027-01-31".len() && written.split('-').count() == 3;
    match written.parse::<Date>() {
        Ok(date) if has_form => Some(date.to_string()),
        _ => reader.problem(node.at, format!("`{written}` is not a date"), help),
    }
}

#[cfg(test)]
mod tests {
    use super::read_waivers;
    use crate::GateError;

    const RULES: [&str; 2] = ["BYTES-11", "TTL-02"];

    /// What is wrong with a waiver file, a line each.
    fn wrong(text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("waivers.yaml");
        std::fs::write(&path, text).expect("written");
        match read_waivers(&path, &RULES) {
            Ok(waivers) => panic!("nothing is wrong: {waivers:?}"),
            Err(GateError::Problems(problems)) => problems
                .iter()
                .map(|problem| format!("{}:{}: {problem}", problem.place().line, problem.place().column))
                .collect(),
            Err(other) => panic!("{other}"),
        }
    }

    fn of(line: &str) -> Vec<String> {
        wrong(&format!("- {{ rule: TTL-02, reason: known, until: 2027-01-31 }}\n{line}\n"))
    }

    #[test]
    fn each_mistake_is_named_with_its_place() {
        assert_eq!(of("- { rule: TTL-3, reason: r, until: 2027-01-31 }"), ["2:11: unknown rule TTL-3"]);
        assert_eq!(of("- { rule: BYTES-11, until: 2027-01-31 }"), ["2:3: a waiver has no `reason`"]);
        assert_eq!(of("- { rule: BYTES-11, reason: '', until: 2027-01-31 }"), ["2:29: `reason` is empty"]);
        assert_eq!(of("- { rule: BYTES-11, reason: r }"), ["2:3: a waiver has no `until`"]);
        for day in ["2027-02-30", "31.1.2027", "soon", "20270131", "2027-01-31T00:00"] {
            let found = of(&format!("- {{ rule: BYTES-11, reason: r, until: {day} }}"));
            assert_eq!(found, [format!("2:39: `{day}` is not a date")]);
        }
        assert_eq!(of("- { rule: TTL-02, reason: r, until: 2027-01-31 }"), ["2:11: TTL-02 is waived twice"]);
        assert_eq!(
            of("- { rule: BYTES-11, reason: r, untill: 2027-01-31 }"),
            ["2:3: a waiver has no `until`", "2:32: a waiver has no key `untill`"]
        );
        assert_eq!(wrong("rule: TTL-02\n"), ["1:1: a waiver file must be a list, not a map"]);
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        assert_eq!(wrong("- { rule: A, until: x }\n- { reason: r }\n").len(), 5);
    }

    #[test]
    fn a_file_without_a_waiver_waives_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("waivers.yaml");
        for text in ["[]\n", "# all repaired\n"] {
            std::fs::write(&path, text).expect("written");
            assert!(read_waivers(&path, &RULES).expect("well written").is_empty());
        }
    }
}
