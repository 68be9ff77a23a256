//! Sets of statuses, as expectations write them.

use uptake_oracle::upload::{Statuses, Verdict};
use uptake_suite::status::{StatusRange, StatusSet};

/// A set of statuses, as a list.
pub(super) fn statuses(set: &StatusSet) -> String {
    let words = set.0.iter().map(|range| match range {
        StatusRange::One(status) => status.to_string(),
        StatusRange::Class(digit) => format!("{digit}xx"),
    });
    format!("[{}]", words.collect::<Vec<_>>().join(", "))
}

/// The same, as the oracle knows it.
pub(super) fn set(set: &Statuses) -> String {
    let words =
        set.0.iter().map(
            |(least, greatest)| {
                if least == greatest { least.to_string() } else { format!("{}xx", least / 100) }
            },
        );
    format!("[{}]", words.collect::<Vec<_>>().join(", "))
}

/// What the answer to a segment, or to the request that completes the upload, must be.
pub(super) fn answer(allowed: &[Verdict]) -> Option<String> {
    let mut all = Statuses::default();
    for verdict in allowed {
        match verdict {
            Verdict::Accepted(statuses) | Verdict::Refused(statuses) => all = all.and(statuses),
            _ => return None,
        }
    }
    Some(format!("status: {}, answered: true", set(&all)))
}
