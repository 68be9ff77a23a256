//! A scope of values alone: no content, no clock, nothing that differs from one call to the next.

use std::collections::BTreeMap;

use serde_json::Value;

use super::expr::{Digests, EvalError, Piece, Scope};

/// Values by their names.
pub(crate) struct Given(pub(crate) BTreeMap<String, Value>);

impl Scope for Given {
    fn value(&self, name: &str) -> Option<Value> {
        self.0.get(name).cloned()
    }

    fn digests(&self) -> &dyn Digests {
        self
    }

    fn unique_text(&self) -> String {
        String::new()
    }
}

impl Digests for Given {
    fn digest(&self, _: &str, piece: Piece<'_>) -> Result<Vec<u8>, EvalError> {
        Err(EvalError::Undefined(piece.content.to_owned()))
    }
}
