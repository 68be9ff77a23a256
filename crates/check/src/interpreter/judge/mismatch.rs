//! What judging comes to.

/// One thing that was not as wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch {
    pub(crate) expected: String,
    pub(crate) observed: String,
}

/// What judging comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Judged {
    /// All is as wanted.
    Holds,
    /// The catalogue lets this pass, with a warning.
    Tolerated(Vec<Mismatch>),
    /// This is not.
    Fails(Vec<Mismatch>),
}
