//! Turns nodes into values, and collects the problems found on the way.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use super::advice::advice;
use super::node::{Node, SourceFile, Span, Value};
use super::problem::Problem;
use super::quantity::{parse_duration, parse_integer};
use uptake_outcome::{MistakeCode, Place};

/// Reads one file. Its methods return `None` where they recorded a problem, so that reading goes on and finds the rest.
pub struct Reader {
    /// The file that is read, and behind it those that it takes values from.
    files: Vec<Arc<SourceFile>>,
    problems: RefCell<Vec<Problem>>,
    /// What a problem's help adds while it is set.
    remark: RefCell<String>,
}

impl Reader {
    /// A reader of `file`.
    pub fn new(file: &Arc<SourceFile>) -> Self {
        Self::with_sources(file, &[])
    }

    /// A reader of `file` that takes values from other files too: [`Span::source`] counts them from 1.
    pub fn with_sources(file: &Arc<SourceFile>, others: &[Arc<SourceFile>]) -> Self {
        let files = std::iter::once(file).chain(others).map(Arc::clone).collect();
        Self { files, problems: RefCell::default(), remark: RefCell::default() }
    }

    /// Runs `inside` while each problem's help ends with `remark`. The same problem is then recorded once only, however
    /// many times it is met.
    pub fn remarking<T>(&self, remark: &str, inside: impl FnOnce() -> T) -> T {
        let before = self.remark.replace(remark.to_owned());
        let value = inside();
        self.remark.replace(before);
        value
    }

    fn file(&self, at: Span) -> &Arc<SourceFile> {
        self.files.get(usize::from(at.source)).unwrap_or(&self.files[0])
    }

    /// What was found.
    pub fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }

    /// The place of `at` in the file.
    pub fn place(&self, at: Span) -> Place {
        self.file(at).place(at)
    }

    /// Records a problem.
    pub fn problem<T>(&self, at: Span, message: impl Into<String>, help: impl Into<String>) -> Option<T> {
        self.problem_of_kind(MistakeCode::InvalidValue, at, (message.into(), help.into()))
    }

    /// Records a problem of a kind: its message, and what to do.
    pub(super) fn problem_of_kind<T>(
        &self,
        code: MistakeCode,
        at: Span,
        (message, help): (String, String),
    ) -> Option<T> {
        let mut problem = Problem::new(self.file(at), at, message).of_kind(code);
        let mut problems = self.problems.borrow_mut();
        let remark = self.remark.borrow();
        if !remark.is_empty() && problems.iter().any(|known| known.says_the_same(&problem)) {
            return None;
        }
        let help = [help, remark.clone()];
        let help: Vec<_> = help.into_iter().filter(|part| !part.is_empty()).collect();
        if !help.is_empty() {
            problem = problem.with_help(help.join("\n"));
        }
        problems.push(problem);
        None
    }

    /// Says that a value is of another kind.
    pub(super) fn mismatch<T>(&self, node: &Node, what: &str, wanted: &str) -> Option<T> {
        let help = match wanted {
            "a list" => "begin each item with `- `, or write it as [ … ]",
            "a map" => "write `KEY: VALUE` on lines of their own, or as { … }",
            _ => "",
        };
        let message = format!("{what} must be {wanted}, not {}", node.value.kind());
        self.problem_of_kind(MistakeCode::WrongType, node.at, (message, help.to_owned()))
    }

    /// The entries of a map with keys that the file chose.
    pub fn entries<'n>(&self, node: &'n Node, what: &str) -> Option<&'n [(super::node::Key, Node)]> {
        match &node.value {
            Value::Map(entries) => Some(entries),
            _ => self.mismatch(node, what, "a map"),
        }
    }

    /// The items of a list.
    pub fn list<'n>(&self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        match &node.value {
            Value::List(items) => Some(items),
            _ => self.mismatch(node, what, "a list"),
        }
    }

    /// The items of a list; a value that stands alone is a list of one.
    pub fn one_or_more(node: &Node) -> &[Node] {
        match &node.value {
            Value::List(items) => items,
            _ => std::slice::from_ref(node),
        }
    }

    /// The only entry of a map such as `- NAME: { … }`.
    pub fn named<'n>(&self, node: &'n Node, what: &str) -> Option<(&'n super::node::Key, &'n Node)> {
        match &node.value {
            Value::Map(entries) if entries.len() == 1 => Some((&entries[0].0, &entries[0].1)),
            Value::Map(entries) if entries.len() > 1 => self.problem(
                entries[1].0.at,
                format!("{what} has one name, and its contents are indented below it"),
                format!(
                    "indent `{}` by four more spaces, so that it is below `{}`",
                    entries[1].0.text, entries[0].0.text
                ),
            ),
            _ => self.mismatch(node, what, "`NAME: { … }`"),
        }
    }

    /// A text.
    pub fn text(&self, node: &Node, what: &str) -> Option<String> {
        node.text().map(str::to_owned).or_else(|| self.mismatch(node, what, "a string"))
    }

    /// A text, or any other scalar as it is written.
    pub fn scalar(&self, node: &Node, what: &str) -> Option<String> {
        node.scalar().or_else(|| self.mismatch(node, what, "a string or a number"))
    }

    /// A text, a number, `true`, `false` or `null`, as JSON has it.
    pub fn constant(&self, node: &Node, what: &str) -> Option<serde_json::Value> {
        self.check_type(node)?;
        match &node.value {
            Value::Null => Some(serde_json::Value::Null),
            Value::Bool(truth) => Some((*truth).into()),
            Value::Int(number) => Some((*number).into()),
            Value::Float(number) => Some((*number).into()),
            Value::Text(text) => Some(text.as_str().into()),
            _ => self.mismatch(node, what, "a string, a number, true or false"),
        }
    }

    /// `{ name: value }`, where expressions use the names; nothing where there is no node.
    pub fn variables(&self, node: Option<&Node>, what: &str) -> Option<Vec<(String, serde_json::Value)>> {
        let Some(node) = node else { return Some(Vec::new()) };
        let mut variables = Vec::new();
        for (key, value) in self.entries(node, what)? {
            let is_name = key.text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && key.text.chars().all(|other| other.is_ascii_alphanumeric() || other == '_');
            if !is_name {
                let message = format!("`{}` is not a name", key.text);
                return self.problem(key.at, message, "a name has letters, digits and `_`");
            }
            variables.push((key.text.clone(), self.constant(value, &key.text)?));
        }
        Some(variables)
    }

    /// `true` or `false`.
    pub fn truth(&self, node: &Node, what: &str) -> Option<bool> {
        if let Value::Bool(truth) = node.value {
            return Some(truth);
        }
        self.check_type(node)?;
        self.mismatch(node, what, "true or false")
    }

    /// Complains about a scalar whose type would be a guess: where it goes into JSON it must be plain what it is.
    pub fn check_type(&self, node: &Node) -> Option<()> {
        match node.ambiguity() {
            None => Some(()),
            Some((message, help)) => self.problem(node.at, message, help),
        }
    }

    /// A whole number, with or without a unit.
    pub fn integer(&self, node: &Node, what: &str) -> Option<i64> {
        match &node.value {
            Value::Int(number) => Some(*number),
            Value::Text(text) | Value::Ambiguous(text) => parse_integer(text).or_else(|| {
                self.problem(
                    node.at,
                    format!("{what} cannot be `{text}`"),
                    "write a number such as 60, 5MiB or 24h",
                )
            }),
            _ => self.mismatch(node, what, "a whole number"),
        }
    }

    /// A whole number that is not negative.
    pub fn natural(&self, node: &Node, what: &str) -> Option<u64> {
        let number = self.integer(node, what)?;
        u64::try_from(number).ok().or_else(|| self.problem(node.at, format!("{what} cannot be negative"), ""))
    }

    /// A duration such as `500ms`, `2s` or `24h`.
    pub fn duration(&self, node: &Node, what: &str) -> Option<Duration> {
        node.scalar().as_deref().and_then(parse_duration).or_else(|| {
            let written = node.scalar().unwrap_or_else(|| node.value.kind().to_owned());
            self.problem(
                node.at,
                format!("{what} cannot be `{written}`"),
                "write a duration with its unit: 500ms, 2s, 5m, 24h, 7d",
            )
        })
    }

    /// One of a few words.
    pub fn word<T: Copy>(&self, node: &Node, what: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.scalar(node, what)?;
        words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).or_else(|| {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.problem(node.at, format!("{what} cannot be `{text}`"), advice(&text, &known))
        })
    }
}
