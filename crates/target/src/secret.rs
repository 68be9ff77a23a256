//! Credentials, which come from the environment or from a file and never from the command line.

use std::path::Path;

use super::error::TargetError;
use uptake_yaml::{Node, Reader};

/// Where the API key is looked for when a target is given as a URL.
pub const API_KEY_VARIABLE: &str = "UPTAKE_API_KEY";

/// Where a credential's value is.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// In a variable of the environment.
    Variable(String),
    /// In a file, relative to the profile.
    File(String),
}

impl Source {
    pub(super) fn read(reader: &Reader, node: &Node, what: &str) -> Option<Self> {
        if node.scalar().is_some() {
            return reader.problem(
                node.at,
                "a profile must not contain a secret",
                "write where to read it: `{ env: VARIABLE }` or `{ file: PATH }`",
            );
        }
        let mut fields = reader.fields(node, what)?;
        let variable = fields.take("env");
        let file = fields.take("file");
        match (variable, file) {
            (Some(node), None) => reader.text(node, "env").map(Self::Variable),
            (None, Some(node)) => reader.text(node, "file").map(Self::File),
            _ => reader.problem(
                node.at,
                format!("the value of {what} has no source"),
                "write `{ env: VARIABLE }` or `{ file: PATH }`",
            ),
        }
    }

    pub(super) fn value(&self, name: &str, folder: &Path) -> Result<String, TargetError> {
        let missing = |why: String| TargetError::Credential { name: name.to_owned(), why };
        let value = match self {
            Self::Variable(variable) => std::env::var(variable)
                .map_err(|_| missing(format!("the environment variable {variable} is not set")))?,
            Self::File(file) => {
                let path = folder.join(file);
                std::fs::read_to_string(&path)
                    .map_err(|error| missing(format!("cannot read {}: {error}", path.display())))?
            }
        };
        // Editors put a byte order mark before the text, which is no part of the key.
        let value = value.trim_start_matches('\u{feff}').trim().to_owned();
        if value.len() < 4 {
            let at = match self {
                Self::Variable(variable) => format!("the value of the environment variable {variable}"),
                Self::File(file) => format!("the value in {}", folder.join(file).display()),
            };
            let fault = if value.is_empty() {
                "is empty"
            } else {
                "is too short: a credential has at least 4 characters"
            };
            return Err(missing(format!("{at} {fault}")));
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_and_line_ends_are_no_part_of_a_key() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("api.key"), "\u{feff}a-secret-key\r\n\n").unwrap();
        let value = Source::File("api.key".to_owned()).value("api-key", folder.path()).unwrap();
        assert_eq!(value, "a-secret-key");
    }
}
