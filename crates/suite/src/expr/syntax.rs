//! Why a text is no expression.

use thiserror::Error;

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct SyntaxError {
    message: String,
    help: String,
}

/// What helps where nothing better is known.
const FORM: &str = "an expression is a value, a saved name or a call, with operators between them: `${limit.min_segment - 1}`";

impl SyntaxError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: FORM.to_owned() }
    }

    pub(super) fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: help.into(), ..self }
    }

    /// What to do.
    pub fn help(&self) -> &str {
        &self.help
    }
}
