//! How much of the suite each defect is tested with.

/// How much of the suite each defect is tested with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Depth {
    /// A defect that the suite's record knows: with the rules that the record names, as many as prove each rule and each
    /// defect once. Any other: with the suite, until the first rule fails. A rule that is then unproven is tried against
    /// every defect.
    #[default]
    Recorded,
    /// The same, but a defect that the record does not know is tested with the whole suite: the record is to name every
    /// rule that catches it.
    Record,
    /// Every defect with the whole suite.
    Full,
}
