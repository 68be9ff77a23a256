//! A counterexample as a scenario of the suite, which `uptake check` replays with the same verdict.
//!
//! The requests are those of the section `upload`, with the numbers of each segment put in. What led to the fault stands
//! there as preconditions; the expectation that failed names its rule.

mod evidence;
mod request;
mod save;
mod script;
mod statuses;
mod writer;

pub(crate) use self::script::ProtocolScenario;
use self::script::Script;
use crate::mismatch::Evidence;

/// Writes it; nothing where the suite names no rule, or the language of scenarios has no words for what was seen.
pub(crate) fn scenario(input: &ProtocolScenario<'_>) -> Option<String> {
    let Evidence::Upload(evidence) = &input.mismatch.evidence else { return None };
    input.subject.rule(evidence.aspect)?;
    Script::new(input).text()
}
