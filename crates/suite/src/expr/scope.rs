//! What an expression can ask: values of names, digests, the time.

use serde_json::Value;

use super::value::EvalError;

/// Where names get their values from.
pub trait Scope {
    /// The value of a whole name, without members.
    fn value(&self, name: &str) -> Option<Value>;

    /// Digests of named contents.
    fn digests(&self) -> &dyn Digests;

    /// A short text that it has not given before.
    fn unique_text(&self) -> String;

    /// The time, in seconds since 1970, as far as it is known.
    fn now(&self) -> i64 {
        jiff::Timestamp::now().as_second()
    }
}

/// Digests of named contents; the run knows them.
pub trait Digests {
    /// The digest of a piece of a content, by the algorithm called `algorithm`.
    fn digest(&self, algorithm: &str, piece: Piece<'_>) -> Result<Vec<u8>, EvalError>;
}

/// A piece of a named content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'p> {
    /// The content's name.
    pub content: &'p str,
    /// Where the piece begins.
    pub from: u64,
    /// How long it is; `None` to the content's end.
    pub length: Option<u64>,
}
