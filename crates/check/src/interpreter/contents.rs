//! Byte streams as plain data: what they are made of, not their bytes.

use serde::{Deserialize, Serialize};

use super::environment::Environment;
use uptake_payload::{Content, Seed};
use uptake_suite::Files;
use uptake_suite::expr::EvalError;

/// What a byte stream is made of. The same recipe makes the same bytes in every process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Recipe {
    /// Bytes that look random.
    Seeded { seed: Seed, size: u64 },
    /// A file of the suite.
    File(String),
    /// A text.
    Text(String),
}

impl Recipe {
    /// The stream.
    pub(crate) fn content(&self, environment: &Environment<'_>) -> Result<Content, EvalError> {
        match self {
            Self::Seeded { seed, size } => Ok(Content::seeded(*seed, *size)),
            Self::Text(text) => Ok(Content::text(text.clone().into_bytes())),
            Self::File(name) => {
                let file = environment.suite.media.get(name);
                let file = file.ok_or_else(|| EvalError::Undefined(name.clone()))?;
                let unreadable = |error: String| EvalError::Harness(error);
                match &file.files {
                    Files::Folder(root) => {
                        Content::file(root.join(&file.path)).map_err(|error| unreadable(error.to_string()))
                    }
                    built_in @ Files::BuiltIn(_) => {
                        let bytes = built_in.bytes(&file.path);
                        bytes.map(Content::text).map_err(|error| unreadable(error.to_string()))
                    }
                }
            }
        }
    }
}
