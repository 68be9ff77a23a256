//! The three ways in which a file arrives.

use serde::{Deserialize, Serialize};

/// How an upload is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Framing {
    /// The file comes in one request.
    Whole,
    /// It comes in byte ranges.
    Bytes,
    /// It comes in numbered parts.
    Parts,
}
