//! The properties, each with the cases that are generated for it.

use std::fmt;
use std::str::FromStr;

/// What is held against the target. The oracle holds every answer of every case; a property says which cases are tried.
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
    /// Segments and uploads side by side do not mix.
    Together,
    /// Tokens expire, and uploads go on in grace.
    Time,
    /// A deleted token authenticates nothing.
    Revocation,
    /// Forms in every order, with names and boundaries as they come.
    Form,
}

impl Property {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Refusal,
        Self::Permutation,
        Self::Partition,
        Self::Completion,
        Self::Retry,
        Self::Together,
        Self::Time,
        Self::Revocation,
        Self::Form,
    ];

    /// The turns that they take: what has many ways to go wrong is tried more often.
    pub(super) const TURNS: [Self; 20] = [
        Self::Refusal,
        Self::Completion,
        Self::Time,
        Self::Refusal,
        Self::Permutation,
        Self::Revocation,
        Self::Refusal,
        Self::Form,
        Self::Time,
        Self::Refusal,
        Self::Together,
        Self::Refusal,
        Self::Partition,
        Self::Time,
        Self::Refusal,
        Self::Retry,
        Self::Revocation,
        Self::Refusal,
        Self::Form,
        Self::Time,
    ];

    /// What it is called on the command line.
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
        }
    }

    /// What it says.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Refusal => "a faulty segment is refused as documented and changes nothing",
            Self::Permutation => "any permutation of a valid plan completes",
            Self::Partition => "any valid partition of a file gives the same finished file",
            Self::Completion => "completion is reached exactly with the last missing byte",
            Self::Retry => "a segment sent again is refused or harmless",
            Self::Together => "segments and uploads side by side do not mix",
            Self::Time => "tokens expire, and uploads go on in grace",
            Self::Revocation => "a deleted token authenticates nothing",
            Self::Form => "a form is read whatever its order, names and boundary",
        }
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Property {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|property| property.name() == name).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|property| property.name()).collect();
            format!("there is no such property; there are: {}", known.join(", "))
        })
    }
}
