//! The text of a scenario. What is saved and never used is left out.

use std::fmt::Write as _;

use serde_json::Value as Json;

/// The lines of a scenario.
#[derive(Debug, Default)]
pub(super) struct Writer {
    lines: Vec<Line>,
    /// The variables that are saved by now.
    saved: Vec<String>,
}

#[derive(Debug)]
enum Line {
    Text(String),
    /// The indent, and the variables with where they stand in the answer.
    Saves(usize, Vec<(String, String)>),
}

impl Writer {
    pub(super) fn line(&mut self, indent: usize, text: &str) {
        self.lines.push(Line::Text(format!("{:indent$}{text}", "", indent = indent * 2)));
    }

    pub(super) fn saves(&mut self, indent: usize, saves: Vec<(String, String)>) {
        if !saves.is_empty() {
            self.lines.push(Line::Saves(indent, saves));
        }
    }

    /// Leaves out what was saved before, and remembers the rest.
    pub(super) fn define(&mut self, saves: &mut Vec<(String, String)>) {
        saves.retain(|(name, _)| !self.is_saved(name));
        self.saved.extend(saves.iter().map(|(name, _)| name.clone()));
    }

    /// The variables that are saved by now.
    pub(super) fn variables(&self) -> Vec<String> {
        self.saved.clone()
    }

    /// Takes back what was saved, for a branch that does not see it, or adds it again.
    pub(super) fn set_variables(&mut self, saved: Vec<String>) {
        self.saved = saved;
    }

    /// Whether a variable is saved by now.
    pub(super) fn is_saved(&self, name: &str) -> bool {
        self.saved.iter().any(|saved| saved == name)
    }

    pub(super) fn finish(self) -> String {
        let texts: Vec<&str> = self
            .lines
            .iter()
            .filter_map(|line| if let Line::Text(text) = line { Some(text.as_str()) } else { None })
            .collect();
        let is_used = |name: &str| texts.iter().any(|text| uses(text, name));
        let mut all = String::new();
        for line in &self.lines {
            match line {
                Line::Text(text) => {
                    let _ = writeln!(all, "{text}");
                }
                Line::Saves(indent, saves) => {
                    let used: Vec<_> = saves
                        .iter()
                        .filter(|(name, _)| is_used(name))
                        .map(|(name, from)| format!("{name}: {from}"))
                        .collect();
                    if !used.is_empty() {
                        let _ = writeln!(
                            all,
                            "{:indent$}save: {{ {} }}",
                            "",
                            used.join(", "),
                            indent = indent * 2
                        );
                    }
                }
            }
        }
        all
    }
}

/// Whether a variable occurs in a text, as a whole word.
fn uses(text: &str, name: &str) -> bool {
    let is_word = |sign: Option<char>| sign.is_some_and(|sign| sign.is_ascii_alphanumeric() || sign == '_');
    text.match_indices(name).any(|(at, _)| {
        !is_word(text[..at].chars().next_back()) && !is_word(text[at + name.len()..].chars().next())
    })
}

/// What the target answered, with the variables that stand for it.
pub(super) struct Variables<'v>(pub(super) &'v [(String, String)]);

impl Variables<'_> {
    /// A JSON value in YAML: where the target made it, by the variable that stands for it.
    pub(super) fn value(&self, value: &Json) -> String {
        match value {
            Json::String(text) => {
                let variable = self.0.iter().find(|(known, _)| known == text);
                variable.map_or_else(|| value.to_string(), |(_, name)| format!("\"${{{name}}}\""))
            }
            Json::Array(items) => {
                let items: Vec<_> = items.iter().map(|item| self.value(item)).collect();
                format!("[{}]", items.join(", "))
            }
            other => other.to_string(),
        }
    }

    /// The same in an expression.
    pub(super) fn expression(&self, value: &Json) -> String {
        match value {
            Json::String(text) => {
                let variable = self.0.iter().find(|(known, _)| known == text);
                variable.map_or_else(|| format!("'{text}'"), |(_, name)| name.clone())
            }
            other => other.to_string(),
        }
    }
}
