//! What `uptake lint` found, as reports render it.

use super::finding::Place;

/// The kind of a mistake in a file. `uptake explain` explains each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MistakeCode {
    /// The file is no YAML.
    YamlSyntax,
    /// A key that does not exist there.
    UnknownKey,
    /// A required key is missing.
    MissingKey,
    /// A value of another type.
    WrongType,
    /// A value of the right type that makes no sense.
    InvalidValue,
    /// A rule that no scenario tests.
    UntestedRule,
}

impl MistakeCode {
    /// Every kind, in the order in which they are listed.
    pub const ALL: [Self; 6] = [
        Self::YamlSyntax,
        Self::UnknownKey,
        Self::MissingKey,
        Self::WrongType,
        Self::InvalidValue,
        Self::UntestedRule,
    ];

    /// The code, such as `unknown-key`.
    pub fn code(self) -> &'static str {
        match self {
            Self::YamlSyntax => "yaml-syntax",
            Self::UnknownKey => "unknown-key",
            Self::MissingKey => "missing-key",
            Self::WrongType => "wrong-type",
            Self::InvalidValue => "invalid-value",
            Self::UntestedRule => "untested-rule",
        }
    }

    /// What is wrong, in a few words.
    pub fn title(self) -> &'static str {
        match self {
            Self::YamlSyntax => "The file is not valid YAML",
            Self::UnknownKey => "A map has a key that uptake does not know there",
            Self::MissingKey => "A required key is missing",
            Self::WrongType => "A value has the wrong type",
            Self::InvalidValue => "A value is not allowed, or does not fit the rest of the file",
            Self::UntestedRule => "No scenario of the suite names the rule",
        }
    }

    /// What it means and what to do.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::YamlSyntax => {
                "The parser could not read the file as YAML 1.2. The message names the first place at which it fails; \
                 often the cause is in the line above: an open bracket or quote, a tab in the indentation, a missing \
                 space after a colon."
            }
            Self::UnknownKey => {
                "Unknown keys are refused, because a misspelt key would silently change what is tested. The message \
                 suggests the nearest known key, or lists those that are allowed. `uptake schema` prints JSON Schemas \
                 with which an editor completes keys."
            }
            Self::MissingKey => {
                "Add the key that the message names. The language reference describes each key."
            }
            Self::WrongType => {
                "For example, a list where a map is expected, or a number where a string is expected. Quote strings that look like a number or like true."
            }
            Self::InvalidValue => {
                "The message says what is allowed: an unknown rule, variable or action, a duration without its unit, a \
                 size that is too large, a day that does not exist."
            }
            Self::UntestedRule => {
                "A warning: the rule is in the catalogue, but no scenario of the suite tests it, so that every report \
                 shows it as not covered. Write a scenario whose step expects it, or remove the rule."
            }
        }
    }

    /// Whether it is a warning and no mistake.
    pub fn is_warning(self) -> bool {
        self == Self::UntestedRule
    }
}

/// A mistake in a file, or a warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Its kind.
    pub code: MistakeCode,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where it is.
    pub place: Place,
}
