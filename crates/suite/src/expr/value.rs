//! The values of expressions: JSON, of which numbers are integers of 64 bits.

use serde_json::Value;
use thiserror::Error;

/// Why an expression comes to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EvalError {
    /// A name that nothing has been saved under.
    #[error("`{0}` is not defined")]
    Undefined(String),
    /// A number beyond 64 bits, or a division by zero.
    #[error("{0}")]
    Arithmetic(String),
    /// A value of another type than the place wants.
    #[error("{0}")]
    Type(String),
    /// The harness could not read content that it was to send.
    #[error("{0}")]
    Harness(String),
}

pub(super) fn truth(value: &Value) -> Result<bool, EvalError> {
    value.as_bool().ok_or_else(|| EvalError::Type(format!("`{value}` is neither true nor false")))
}

pub(super) fn integer(value: &Value) -> Result<i64, EvalError> {
    value.as_i64().ok_or_else(|| EvalError::Type(format!("`{value}` is not a 64-bit integer")))
}

pub(super) fn overflow() -> EvalError {
    EvalError::Arithmetic("the number does not fit into 64 bits".to_owned())
}

/// A value as it stands in a text.
pub fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Equality of JSON values, where 1 and 1.0 are the same number.
pub fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left == right || (left.is_f64() != right.is_f64() && left.as_f64() == right.as_f64())
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same(value, other)))
        }
        _ => left == right,
    }
}
