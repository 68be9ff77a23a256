//! Parts are read, judged or kept wrongly.

use serde_json::Value;

use super::entry::Entry;
use super::upload::ingest;
use crate::policy::decisions::Overrides;
use crate::policy::facts::{PartCase, Resolution};
use crate::problem::{Kind, kind};
use crate::upload::content_range::{ContentRange, PartRange};
use crate::upload::framing::Framing;

pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new(
        "parts-never-complete",
        "8.2",
        "An upload by parts waits for one more part than it has.",
        |policy| {
            policy.parts_complete(|received, _| {
                received.count.is_some_and(|count| received.received == count + 1)
            });
        },
    ),
    Entry::new("open-count-never-settles", "9.5", "A number of parts stated late is not stored.", |policy| {
        policy.settled_count(
            |case, contract| {
                if (case.received)().is_empty() { contract } else { case.known_count }
            },
        );
    }),
    Entry::new("parts-in-order-only", "9.10", "A part must directly follow the previous one.", |policy| {
        policy.part_fault(|case, kind, contract| {
            let next = (case.received)().len() as u64 + 1;
            contract || kind == kind::PART_ALREADY_SENT && case.part.number != next
        });
    }),
    Entry::new(
        "parallel-part-lost",
        "9.10",
        "When two parts are sent in parallel, one is acknowledged and lost.",
        |policy| {
            policy.keeps_side_by_side(|range, contract| contract && !matches!(range, ContentRange::Part(_)));
        },
    ),
    Entry::new("parts-listed-unsorted", "8.5", "receivedParts lists the highest part first.", |policy| {
        listed(policy, |received| {
            if let Some(parts) = received["parts"].as_array_mut() {
                parts.reverse();
            }
        });
    }),
    Entry::new(
        "open-count-shown-as-zero",
        "8.5",
        "The total of receivedParts is 0 while it is unknown.",
        |policy| {
            listed(policy, |received| {
                if received["total"].is_null() {
                    received["total"] = 0.into();
                }
            });
        },
    ),
    Entry::new(
        "single-part-too-small",
        "10.5",
        "The minimum size also applies to a single part.",
        |policy| {
            policy.part_fault(|case, kind, contract| {
                let is_small = case.is_only() && case.length < case.limits.min_segment;
                contract || kind == kind::PART_TOO_SMALL && is_small
            });
        },
    ),
    Entry::new(
        "part-minimum-off-by-one",
        "2.2",
        "A part one byte below the minimum size is accepted.",
        |policy| {
            policy.part_fault(|case, kind, contract| {
                contract && (kind != kind::PART_TOO_SMALL || case.length + 1 < case.limits.min_segment)
            });
        },
    ),
    Entry::new("part-minimum-unchecked", "2.2", "A part of any size is accepted.", |policy| {
        unchecked(policy, kind::PART_TOO_SMALL);
    }),
    Entry::new("repeated-part-accepted", "9.11", "A repeated part replaces the first.", |policy| {
        unchecked(policy, kind::PART_ALREADY_SENT);
    }),
    Entry::new(
        "different-count-accepted",
        "9.5",
        "The number of parts may change between parts.",
        |policy| unchecked(policy, kind::PART_DIFFERENT_COUNT),
    ),
    Entry::new("part-zero-accepted", "9.3", "Part 0 is accepted.", |policy| {
        unchecked(policy, kind::PART_ZERO);
    }),
    Entry::new(
        "part-beyond-count-accepted",
        "9.3",
        "A part above the number of parts is accepted.",
        |policy| {
            unchecked(policy, kind::PART_BEYOND_COUNT);
        },
    ),
    Entry::new("part-limit-unchecked", "2.5", "Any part number is accepted.", |policy| {
        unchecked(policy, kind::PART_BEYOND_ALLOWED);
    }),
    Entry::new("count-zero-is-open", "9.3", "A number of 0 parts is read as unknown.", |policy| {
        misread(policy, |part| part.count = part.count.filter(|count| *count > 0));
    }),
    Entry::new("count-limit-unchecked", "2.5", "Any number of parts is accepted.", |policy| {
        unchecked(policy, kind::PART_COUNT_TOO_HIGH);
    }),
    Entry::new(
        "late-count-unchecked",
        "9.5",
        "A number of parts stated late may be below a part that was received.",
        |policy| unchecked(policy, kind::PART_COUNT_TOO_LOW),
    ),
    Entry::new(
        "bytes-after-part-acknowledged",
        "9.7",
        "A byte range sent into an upload by parts is acknowledged and lost.",
        |policy| {
            policy.conflict(|conflict, contract| match (conflict.begun, conflict.incoming) {
                (Framing::Parts, Framing::Bytes) if !conflict.complete => Resolution::Acknowledge,
                _ => contract,
            });
        },
    ),
    Entry::new("refused-part-counts", "9.13", "A part that is refused counts as received.", |policy| {
        policy.part_counts(|_, _| true);
    }),
];

/// A check that is not made.
pub(crate) fn unchecked(policy: &mut Overrides, unchecked: Kind) {
    excused(policy, unchecked, |_| true);
}

/// A fault that is overlooked in some parts.
pub(crate) fn excused(
    policy: &mut Overrides,
    excused: Kind,
    is_excused: impl Fn(&PartCase<'_>) -> bool + Send + Sync + 'static,
) {
    policy.part_fault(move |case, kind, contract| contract && !(kind == excused && is_excused(case)));
}

/// A fault that is found in parts without it.
pub(crate) fn faulty(
    policy: &mut Overrides,
    fault: Kind,
    is_faulty: impl Fn(&PartCase<'_>) -> bool + Send + Sync + 'static,
) {
    policy.part_fault(move |case, kind, contract| contract || (kind == fault && is_faulty(case)));
}

/// A part that is read as another.
pub(crate) fn misread(policy: &mut Overrides, misread: impl Fn(&mut PartRange) + Send + Sync + 'static) {
    policy.content_range(move |_, range| match range {
        ContentRange::Part(mut part) => {
            misread(&mut part);
            ContentRange::Part(part)
        }
        range => range,
    });
}

/// Changes the `receivedParts` of a status.
pub(crate) fn listed(policy: &mut Overrides, edit: impl Fn(&mut Value) + Send + Sync + 'static) {
    ingest(policy, move |ingest| {
        if let Some(received) = ingest.get_mut("receivedParts") {
            edit(received);
        }
    });
}
