//! The verdict on a rule, and the fixed table that combines verdicts.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The verdict on a rule.
///
/// The order of the variants is the table: where several findings speak of one rule, the last of them in this order is
/// the verdict. So a rule that passed in one scenario and was blocked in another is *blocked*: it has not been judged
/// as far as the suite judges it. No report may soften this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No scenario tested the rule.
    NotCovered,
    /// The target lacks a capability that the rule needs.
    NotApplicable,
    /// The rule held each time it was tested.
    Passed,
    /// A deviation from the documentation that the rule allows; a warning.
    Tolerated,
    /// Suspended until real time has passed.
    Suspended,
    /// Failed, and waived.
    Waived,
    /// A precondition failed, so the rule could not be tested.
    Blocked,
    /// The network, a rate limit or the clock prevented a result.
    Inconclusive,
    /// The server broke the rule.
    Failed,
}

impl Verdict {
    /// Every verdict, in the order of the table.
    pub const ALL: [Self; 9] = [
        Self::NotCovered,
        Self::NotApplicable,
        Self::Passed,
        Self::Tolerated,
        Self::Suspended,
        Self::Waived,
        Self::Blocked,
        Self::Inconclusive,
        Self::Failed,
    ];

    /// The verdict on a rule of which both `self` and `other` were found.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }

    /// Whether the rule was tested.
    pub fn is_judged(self) -> bool {
        matches!(self, Self::Passed | Self::Tolerated | Self::Waived | Self::Failed)
    }

    /// The verdict in words, as reports print it.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotCovered => "not covered",
            Self::NotApplicable => "not applicable",
            Self::Passed => "passed",
            Self::Tolerated => "tolerated",
            Self::Suspended => "suspended",
            Self::Waived => "waived",
            Self::Blocked => "blocked",
            Self::Inconclusive => "inconclusive",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Verdict;

    fn verdicts() -> impl Strategy<Value = Verdict> {
        prop::sample::select(Verdict::ALL.to_vec())
    }

    fn fold(findings: &[Verdict]) -> Verdict {
        findings.iter().copied().fold(Verdict::NotCovered, Verdict::and)
    }

    #[test]
    fn the_table_is_fixed() {
        let order = Verdict::ALL.map(Verdict::word).join(" < ");
        assert_eq!(
            order,
            "not covered < not applicable < passed < tolerated < suspended < waived < blocked < inconclusive < failed"
        );
    }

    proptest! {
        #[test]
        fn the_order_of_findings_does_not_matter(
            (mut shuffled, findings) in prop::collection::vec(verdicts(), 0..12)
                .prop_flat_map(|found| (Just(found.clone()).prop_shuffle(), Just(found)))
        ) {
            prop_assert_eq!(fold(&shuffled), fold(&findings));
            shuffled.extend(findings.clone());
            prop_assert_eq!(fold(&shuffled), fold(&findings), "saying it twice changes nothing");
        }

        #[test]
        fn grouping_does_not_matter(a in verdicts(), b in verdicts(), c in verdicts()) {
            prop_assert_eq!(a.and(b).and(c), a.and(b.and(c)));
        }

        #[test]
        fn nothing_hides_a_failure(findings in prop::collection::vec(verdicts(), 0..12), at in any::<prop::sample::Index>()) {
            let mut findings = findings;
            let at = at.index(findings.len() + 1);
            findings.insert(at, Verdict::Failed);
            prop_assert_eq!(fold(&findings), Verdict::Failed);
        }

        #[test]
        fn a_rule_passes_only_by_a_pass(findings in prop::collection::vec(verdicts(), 0..12)) {
            if fold(&findings) == Verdict::Passed {
                prop_assert!(findings.contains(&Verdict::Passed));
                prop_assert!(findings.iter().all(|found| *found <= Verdict::Passed));
            }
        }
    }
}
