//! A generated case of any kind: uploads in segments, calls of the whole contract, or the upload that a suite describes.

use super::attempt::attempt;
use super::case::Case;
use super::client::RateLimitedClient;
use super::contract::{self, ContractCase, ContractScenario};
use super::diagram::diagram;
use super::interrupt::Interrupt;
use super::mismatch::Mismatch;
use super::outcome::{Attempt, AttemptOptions};
use super::protocol::{self, ProtocolCase, ProtocolScenario};
use super::scenario::{ScenarioInput, scenario};
use super::simpler::simpler;

/// A generated case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TestCase {
    /// Uploads in segments.
    Uploads(Case),
    /// Calls of the whole contract.
    Contract(ContractCase),
    /// An upload that a suite describes.
    Protocol(ProtocolCase),
}

impl TestCase {
    /// Runs it once, and deletes what it created. Gives nothing if it was interrupted.
    pub(super) async fn attempt(
        &self,
        client: &RateLimitedClient,
        options: AttemptOptions,
        interrupt: &Interrupt,
    ) -> Option<Attempt> {
        match self {
            Self::Uploads(case) => attempt(client, case, options, interrupt).await,
            Self::Contract(case) => contract::perform(client, case, options, interrupt).await,
            Self::Protocol(case) => {
                let subject = client.subject.clone()?;
                protocol::perform(client, &subject, case, (options, interrupt)).await
            }
        }
    }

    /// Whether it needs a clock that can be moved.
    #[cfg(test)]
    pub(super) fn moves_the_clock(&self) -> bool {
        match self {
            Self::Uploads(case) => case.moves_the_clock(),
            Self::Contract(case) => case.moves_the_clock(),
            Self::Protocol(_) => false,
        }
    }

    /// Whether no other case may run against the same target meanwhile.
    pub(super) fn runs_alone(&self) -> bool {
        match self {
            Self::Uploads(case) => case.moves_the_clock(),
            // Lists show what other cases create.
            Self::Contract(_) => true,
            Self::Protocol(_) => false,
        }
    }

    /// How many bytes of files it sends.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Uploads(case) => case.bytes(),
            Self::Contract(case) => case.bytes(),
            Self::Protocol(case) => case.bytes(),
        }
    }

    /// How many steps it has.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Uploads(case) => case.steps.len(),
            Self::Contract(case) => case.steps.len(),
            Self::Protocol(case) => case.steps.len(),
        }
    }

    /// How many segments it sends, or how many calls it makes.
    pub(super) fn requests(&self) -> usize {
        match self {
            Self::Uploads(case) => case.segments().count(),
            Self::Contract(case) => case.calls().count(),
            Self::Protocol(case) => case.pieces().count(),
        }
    }

    /// The cases that are simpler than this one, which failed in its step `last`; the boldest first.
    pub(super) fn simpler(&self, last: usize, min_segment: u64) -> Vec<Self> {
        match self {
            Self::Uploads(case) => simpler(case, last, min_segment).into_iter().map(Self::Uploads).collect(),
            Self::Contract(case) => contract::simpler(case, last).into_iter().map(Self::Contract).collect(),
            Self::Protocol(case) => protocol::simpler(case, last).into_iter().map(Self::Protocol).collect(),
        }
    }

    /// What was sent and answered, for the eye.
    pub(super) fn picture(&self, attempt: &Attempt, mismatch: &Mismatch) -> String {
        match self {
            Self::Uploads(case) => diagram(case, &attempt.results, mismatch),
            Self::Contract(case) => contract::table(case, &attempt.statuses, mismatch),
            Self::Protocol(case) => protocol::picture(case, attempt),
        }
    }

    /// The scenario that replays it, where there can be one.
    pub(super) fn scenario(
        &self,
        attempt: &Attempt,
        mismatch: &Mismatch,
        client: &RateLimitedClient,
        (options, remarks): (AttemptOptions, &[String]),
    ) -> Option<String> {
        let target = &client.target;
        match self {
            Self::Uploads(case) => Some(scenario(&ScenarioInput {
                case,
                results: &attempt.results,
                mismatch,
                limits: target.limits,
                status_timeout: options.status_timeout,
                remarks,
            })),
            Self::Contract(case) => contract::scenario(&ContractScenario {
                case,
                mismatch,
                limits: target.limits,
                margin: target.margin.as_secs(),
                variables: &attempt.variables,
                statuses: &attempt.statuses,
                remarks,
            }),
            Self::Protocol(case) => protocol::scenario(&ProtocolScenario {
                subject: client.subject.as_deref()?,
                target,
                case,
                results: &attempt.results,
                mismatch,
                remarks,
            }),
        }
    }
}
