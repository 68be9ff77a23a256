//! The upload that a suite describes, as the strategies and the oracle need it.

use std::sync::Arc;

use serde_json::Value as Json;

use super::error::FuzzError;
use uptake_check::Caller;
use uptake_oracle::upload::{
    Again, Aspect, BrokenOff, Completion, Order, PlacedBy, Refusals, Semantics, Sizes, Statuses,
};
use uptake_payload::Seed;
use uptake_suite::Suite;
use uptake_suite::expr::Expr;
use uptake_suite::protocol::{self, UploadProtocol};
use uptake_suite::request::Auth;
use uptake_suite::status::{StatusRange, StatusSet};
use uptake_target::Target;

/// The upload that a suite describes.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) suite: Arc<Suite>,
    pub(crate) sizes: Sizes,
}

impl Subject {
    /// The upload of this suite, with the sizes that hold for this target.
    pub(crate) fn new(suite: Arc<Suite>, target: &Target) -> Result<Self, FuzzError> {
        let Some(protocol) = &suite.upload else { return Err(FuzzError::NoUpload(suite.name.clone())) };
        let caller = Caller::new(&suite, target, Seed(0));
        let size = |expr: &Option<Expr>| match expr {
            None => Ok(None),
            Some(expr) => match caller.eval(expr).map(|value| value.as_u64()) {
                Ok(Some(size)) => Ok(Some(size)),
                Ok(None) => Err(FuzzError::Size("it is not a number of bytes".to_owned())),
                Err(error) => Err(FuzzError::Size(error.to_string())),
            },
        };
        let written = &protocol.sizes;
        let sizes = Sizes {
            min: size(&written.min)?.unwrap_or(0),
            max: size(&written.max)?,
            multiple: size(&written.multiple)?.unwrap_or(1).max(1),
            last_is_exempt: written.exempt == protocol::Exempt::Last,
        };
        drop(caller);
        Ok(Self { suite, sizes })
    }

    /// The section `upload` of the suite.
    pub(crate) fn protocol(&self) -> &UploadProtocol {
        self.suite.upload.as_ref().expect("a subject is made of a suite that has the section")
    }

    /// Whether a finished upload is read back as a whole.
    pub(crate) fn reads_content(&self) -> bool {
        self.protocol().stored.as_ref().is_some_and(|stored| matches!(stored.shows, protocol::Shows::Content))
    }

    /// The rule that a counterexample of this kind breaks, where the suite names one.
    pub(crate) fn rule(&self, aspect: Aspect) -> Option<&str> {
        self.protocol().rules.get(aspect.name()).map(String::as_str)
    }

    /// By what segments may say where they belong.
    pub(crate) fn labels(&self) -> Vec<PlacedBy> {
        let labels = &self.protocol().segment.labels;
        let bytes = labels.bytes.as_ref().map(|_| PlacedBy::Offset);
        let parts = labels.parts.as_ref().map(|_| PlacedBy::Number);
        bytes.into_iter().chain(parts).collect()
    }

    /// What the protocol says of order, repetition, sizes and completion, where segments are placed so.
    pub(crate) fn semantics(&self, placed_by: PlacedBy) -> Semantics {
        let protocol = self.protocol();
        let segment = &protocol.segment;
        let own = &segment.call.accepted;
        let variations = [&segment.first, &segment.later];
        let variations = variations.into_iter().filter_map(|variation| variation.accepted.as_ref());
        let mut accepted = statuses(own);
        accepted.0.extend(variations.flat_map(|more| statuses(more).0));
        let completed = match &protocol.complete {
            protocol::Completion::Request(call) => statuses(&call.accepted),
            _ => Statuses::class(2),
        };
        Semantics {
            order: order(segment.order),
            placed_by,
            again: again(segment.again),
            sizes: self.sizes,
            broken_off: match protocol.broken_off {
                protocol::BrokenOff::KeepsAPrefix => BrokenOff::Prefix,
                protocol::BrokenOff::KeepsNothing => BrokenOff::Nothing,
            },
            completion: completion(&protocol.complete),
            accepted_last: segment.last.accepted.as_ref().map_or_else(|| accepted.clone(), statuses),
            accepted,
            completed,
            refused: refusals(&protocol.refused),
        }
    }
}

/// The least size of a segment of this suite's upload, where it is not the last.
pub fn least_segment(suite: &Arc<Suite>, target: &Target) -> Result<u64, FuzzError> {
    let sizes = Subject::new(Arc::clone(suite), target)?.sizes;
    Ok(sizes.min.max(sizes.multiple))
}

/// The target's secrets that the upload of a suite needs, by name.
pub fn needed_secrets(suite: &Suite) -> Vec<&str> {
    let Some(protocol) = &suite.upload else { return Vec::new() };
    let complete = match &protocol.complete {
        protocol::Completion::Request(call) => Some(&**call),
        _ => None,
    };
    let ask = protocol.ask.as_ref().map(|ask| &ask.call);
    let stored = protocol.stored.as_ref().map(|stored| &stored.call);
    let others =
        [protocol.token.as_ref(), protocol.create.as_ref(), protocol.abort.as_ref(), complete, ask, stored];
    let calls = others.into_iter().flatten().chain([&protocol.segment.call]);
    let credentials = calls.filter_map(|call| match &call.request.envelope.auth {
        Auth::Named(name, None) => suite.credentials.get(name),
        _ => None,
    });
    let required = credentials.filter(|credential| !credential.is_optional);
    let mut names: Vec<&str> = required.flat_map(|credential| &credential.from).map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// How the order of segments is called here.
fn order(order: protocol::Order) -> Order {
    match order {
        protocol::Order::InTurn => Order::InTurn,
        protocol::Order::Any => Order::Any,
    }
}

fn again(again: protocol::Again) -> Again {
    match again {
        protocol::Again::Refused => Again::Refused,
        protocol::Again::Replaces => Again::Replaces,
        protocol::Again::Ignored => Again::Ignored,
    }
}

fn completion(complete: &protocol::Completion) -> Completion {
    match complete {
        protocol::Completion::WhenFull => Completion::WhenFull,
        protocol::Completion::LastSegment => Completion::ByFlag,
        protocol::Completion::Request(_) => Completion::ByRequest,
    }
}

fn refusals(written: &protocol::Refusals) -> Refusals {
    let named = |set: &Option<StatusSet>| set.as_ref().map(statuses);
    Refusals {
        gap: named(&written.gap),
        overlap: named(&written.overlap),
        beyond: named(&written.beyond),
        too_small: named(&written.too_small),
        too_large: named(&written.too_large),
        gone: named(&written.gone),
    }
}

/// The statuses of a set.
pub(crate) fn statuses(set: &StatusSet) -> Statuses {
    let range = |range: &StatusRange| match range {
        StatusRange::One(status) => (*status, *status),
        StatusRange::Class(digit) => (digit * 100, digit * 100 + 99),
    };
    Statuses(set.0.iter().map(range).collect())
}

/// A number of bytes in what a suite saves: numbers, and texts of digits.
pub(crate) fn number(value: &Json) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_may_name_a_rule_for_everything_that_the_oracle_judges_by() {
        assert_eq!(Aspect::ALL.map(Aspect::name), protocol::JUDGED);
    }
}
