//! What a single value is held against.

use regex::Regex;

use super::expr::Expr;
use super::json::JsonTemplate;

/// All of these must hold of a value.
#[derive(Debug, Clone)]
pub struct Matcher(pub Vec<Test>);

/// One thing to hold of a value.
#[derive(Debug, Clone)]
pub enum Test {
    /// The same value.
    Equals(JsonTemplate),
    /// Another value.
    Not(JsonTemplate),
    /// Of this JSON type.
    Type(JsonType),
    /// A text in which this is found.
    Matches(Regex),
    /// A list or a text that has this in it.
    Contains(JsonTemplate),
    /// A list or a text that does not.
    Excludes(JsonTemplate),
    /// A structured field (RFC 9651) of this value; parameters do not count.
    Structured(JsonTemplate),
    /// A number, not less.
    AtLeast(Expr),
    /// A number, not more.
    AtMost(Expr),
    /// A list of so many.
    Count(Expr),
    /// One of these values, or nothing where that is among them.
    OneOf(Vec<JsonTemplate>, OrAbsent),
    /// It is there, or it is not.
    Present(bool),
}

/// Whether nothing at all is as good as one of the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrAbsent {
    /// It may be absent.
    Yes,
    /// It must be there.
    No,
}

/// A JSON type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonType {
    /// A text.
    String,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list.
    Array,
    /// An object.
    Object,
    /// `null`.
    Null,
}

impl JsonType {
    /// The types by their names.
    pub const NAMES: [(&'static str, Self); 7] = [
        ("string", Self::String),
        ("integer", Self::Integer),
        ("number", Self::Number),
        ("boolean", Self::Boolean),
        ("array", Self::Array),
        ("object", Self::Object),
        ("null", Self::Null),
    ];

    /// The type's name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}
