//! The properties that can be tested.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A property of the contract. The oracle checks every answer of every case; the property says which cases are generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Property {
    /// A faulty segment is refused as documented, changes nothing, and the upload goes on.
    Refusal,
    /// Any permutation of a valid plan completes.
    Permutation,
    /// Any valid partition of a file gives the same finished file.
    Partition,
    /// Completion is reached exactly with the last missing byte, whenever the total is named.
    Completion,
    /// A segment that is sent again is refused or harmless.
    Retry,
    /// Segments and uploads that are sent at once do not mix.
    Together,
    /// Tokens expire, and uploads go on in grace.
    Time,
    /// A deleted token is refused.
    Revocation,
    /// A form is read whatever its order, names and boundary.
    Form,
    /// Any calls, by several callers at once, are answered as the contract allows.
    Contract,
}

impl Property {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Refusal,
        Self::Permutation,
        Self::Partition,
        Self::Completion,
        Self::Retry,
        Self::Together,
        Self::Time,
        Self::Revocation,
        Self::Form,
        Self::Contract,
    ];

    /// The order in which they take turns: what can fail in many ways is tried more often.
    pub(super) const TURNS: [Self; 24] = [
        Self::Refusal,
        Self::Completion,
        Self::Time,
        Self::Refusal,
        Self::Permutation,
        Self::Contract,
        Self::Revocation,
        Self::Refusal,
        Self::Form,
        Self::Time,
        Self::Refusal,
        Self::Contract,
        Self::Together,
        Self::Refusal,
        Self::Partition,
        Self::Time,
        Self::Refusal,
        Self::Contract,
        Self::Retry,
        Self::Revocation,
        Self::Refusal,
        Self::Form,
        Self::Time,
        Self::Contract,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refusal => "refusal",
            Self::Permutation => "permutation",
            Self::Partition => "partition",
            Self::Completion => "completion",
            Self::Retry => "retry",
            Self::Together => "together",
            Self::Time => "time",
            Self::Revocation => "revocation",
            Self::Form => "form",
            Self::Contract => "contract",
        }
    }

    /// What it states, in one sentence.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Refusal => "a faulty segment is refused as documented and changes nothing",
            Self::Permutation => "any permutation of a valid plan completes",
            Self::Partition => "any valid partition of a file gives the same finished file",
            Self::Completion => "an upload is complete exactly when its last missing byte arrives",
            Self::Retry => "a segment sent again is refused or harmless",
            Self::Together => "segments and uploads sent concurrently do not mix",
            Self::Time => "tokens expire, and uploads continue in the grace period",
            Self::Revocation => "a deleted token authenticates nothing",
            Self::Form => "a form is accepted with any order, names and boundary",
            Self::Contract => "up to three concurrent callers get the responses that the contract allows",
        }
    }
}

/// No property has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("unknown property")]
pub struct UnknownProperty;

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Property {
    type Err = UnknownProperty;

    fn from_str(name: &str) -> Result<Self, UnknownProperty> {
        Self::ALL.into_iter().find(|property| property.name() == name).ok_or(UnknownProperty)
    }
}
