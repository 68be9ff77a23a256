//! A YAML value with its place.

use std::sync::Arc;

use uptake_outcome::Place;

/// A file's name and text, shared by all that points into it.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The name as a user would type it.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl SourceFile {
    /// Wraps a text with its name.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into() })
    }

    /// The place of `span` in this file.
    pub fn place(&self, span: Span) -> Place {
        Place { file: self.name.clone(), line: span.line, column: span.column }
    }
}

/// Where a value stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// Which of its reader's files it stands in: 0 is the file that is read, others are those that it takes values from.
    pub source: u16,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// Offset in bytes.
    pub offset: usize,
    /// Length in bytes; of a map or list, of its first token.
    pub len: usize,
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it stands.
    pub at: Span,
    /// What it is.
    pub value: Value,
}

/// What a YAML value can be.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(String),
    /// A text without quotes that another reader takes for something else, or that JSON writes otherwise: `no`, `007`,
    /// `1.10`. Where a text is wanted it is this text, to the letter; where its type matters it is a mistake.
    Ambiguous(String),
    /// A list.
    List(Vec<Node>),
    /// A map in its written order; keys are texts.
    Map(Vec<(Key, Node)>),
}

/// A map's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Where it stands.
    pub at: Span,
    /// The key.
    pub text: String,
}

impl Value {
    /// What it is, in words for a message.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Int(_) => "an integer",
            Self::Float(_) => "a number",
            Self::Text(_) | Self::Ambiguous(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

impl Node {
    /// The same value, with all of its places in another of its reader's files.
    #[must_use]
    pub fn in_source(mut self, source: u16) -> Self {
        self.at.source = source;
        match &mut self.value {
            Value::List(items) => {
                for item in items {
                    *item = std::mem::replace(item, Self::nothing(item.at)).in_source(source);
                }
            }
            Value::Map(entries) => {
                for (key, item) in entries {
                    key.at.source = source;
                    *item = std::mem::replace(item, Self::nothing(item.at)).in_source(source);
                }
            }
            _ => {}
        }
        self
    }

    /// A value that is nothing.
    pub const fn nothing(at: Span) -> Self {
        Self { at, value: Value::Null }
    }

    /// The value under `key`, where this is a map that has one.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|(entry, _)| entry.text == key).map(|(_, node)| node),
            _ => None,
        }
    }

    /// Whether it is a list or a map without anything in it.
    pub fn is_empty(&self) -> bool {
        match &self.value {
            Value::List(items) => items.is_empty(),
            Value::Map(entries) => entries.is_empty(),
            _ => false,
        }
    }

    /// The text, where it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Ambiguous(text) => Some(text),
            _ => None,
        }
    }

    /// A scalar as it is written; `None` for lists, maps and nothing.
    pub fn scalar(&self) -> Option<String> {
        match &self.value {
            Value::Text(text) | Value::Ambiguous(text) => Some(text.clone()),
            Value::Int(number) => Some(number.to_string()),
            Value::Float(number) => Some(format!("{number:?}")),
            Value::Bool(truth) => Some(truth.to_string()),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }
}
