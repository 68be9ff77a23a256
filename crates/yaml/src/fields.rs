//! The entries of a map whose keys are known beforehand.

use super::advice::advice;
use super::node::{Key, Node, Span, Value};
use super::reader::Reader;
use uptake_outcome::MistakeCode;

/// Entries that are taken one by one. What nobody took is unknown, and said so when this is dropped.
pub struct Fields<'r, 'n> {
    reader: &'r Reader,
    at: Span,
    what: &'n str,
    entries: Vec<(&'n Key, &'n Node)>,
    known: Vec<&'static str>,
}

impl Reader {
    /// The entries of a map, to be taken one by one; what is left at the end is unknown.
    pub fn fields<'r, 'n>(&'r self, node: &'n Node, what: &'n str) -> Option<Fields<'r, 'n>> {
        match &node.value {
            Value::Map(entries) => Some(Fields::new(self, node.at, what, entries)),
            _ => self.mismatch(node, what, "a map"),
        }
    }
}

impl<'r, 'n> Fields<'r, 'n> {
    fn new(reader: &'r Reader, at: Span, what: &'n str, entries: &'n [(Key, Node)]) -> Self {
        Self {
            reader,
            at,
            what,
            entries: entries.iter().map(|(key, node)| (key, node)).collect(),
            known: Vec::new(),
        }
    }

    /// The value under `key`, where there is one.
    pub fn take(&mut self, key: &'static str) -> Option<&'n Node> {
        self.take_with_key(key).map(|(_, node)| node)
    }

    /// The value under `key`, with the key's place.
    pub fn take_with_key(&mut self, key: &'static str) -> Option<(&'n Key, &'n Node)> {
        self.known.push(key);
        let index = self.entries.iter().position(|(entry, _)| entry.text == key)?;
        Some(self.entries.remove(index))
    }

    /// The value under `key`; that it is missing is a problem.
    pub fn require(&mut self, key: &'static str) -> Option<&'n Node> {
        self.take(key).or_else(|| {
            let words = (format!("{} has no `{key}`", self.what), format!("add `{key}: …`"));
            self.reader.problem_of_kind(MistakeCode::MissingKey, self.at, words)
        })
    }

    /// Takes every entry whose key passes `chosen`.
    pub fn take_where(&mut self, chosen: impl Fn(&str) -> bool) -> Vec<(&'n Key, &'n Node)> {
        let (taken, left) = self.entries.drain(..).partition(|(key, _)| chosen(&key.text));
        self.entries = left;
        taken
    }

    /// What nobody took yet.
    pub fn left(&self) -> impl Iterator<Item = (&'n Key, &'n Node)> {
        self.entries.iter().copied()
    }

    /// Lets what is left be: where the map makes no sense as a whole, its other keys are not to blame.
    pub fn forgive(&mut self) {
        self.entries.clear();
    }

    /// Whether nothing is left that nobody took.
    pub fn is_used_up(&self) -> bool {
        self.entries.is_empty()
    }

    /// Where the map stands.
    pub fn at(&self) -> Span {
        self.at
    }
}

impl Drop for Fields<'_, '_> {
    fn drop(&mut self) {
        for (key, _) in &self.entries {
            let words = (format!("{} has no key `{}`", self.what, key.text), advice(&key.text, &self.known));
            self.reader.problem_of_kind::<()>(MistakeCode::UnknownKey, key.at, words);
        }
    }
}
