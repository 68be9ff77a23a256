//! Byte ranges are read, judged or kept wrongly.

use std::io::Write as _;

use http::header::CONTENT_RANGE;
use serde_json::Value;

use super::entry::Entry;
use super::upload::ingest;
use crate::policy::decisions::Overrides;
use crate::policy::facts::{ByteRangeCase, Resolution};
use crate::problem::{Kind, kind};
use crate::upload::content_range::{ByteRange, ContentRange};
use crate::upload::framing::Framing;

pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new("later-range-begins-anew", "9.8", "Each later byte range starts a new video.", |policy| {
        policy.continues(|segment, contract| contract && !matches!(segment.range, ContentRange::Bytes(_)));
    }),
    Entry::new(
        "range-end-exclusive",
        "9.2",
        "The last byte of a range is read as the first byte after it.",
        |policy| misread(policy, |range| range.to = range.to.saturating_sub(1)),
    ),
    Entry::new(
        "ranges-in-order-only",
        "9.10",
        "A byte range must directly follow the previous one.",
        |policy| {
            policy.byte_range_fault(|case, kind, contract| {
                contract || kind == kind::BYTES_OVERLAP && case.range.from != case.received_bytes()
            });
        },
    ),
    Entry::new(
        "parallel-range-lost",
        "9.10",
        "When two byte ranges are sent in parallel, one is acknowledged and lost.",
        |policy| {
            policy.keeps_side_by_side(|range, contract| contract && !matches!(range, ContentRange::Bytes(_)));
        },
    ),
    Entry::new("received-bytes-merged", "8.4", "receivedBytes merges adjacent ranges.", |policy| {
        ingest(policy, |ingest| {
            if let Some(ranges) = ingest.get_mut("receivedBytes").and_then(Value::as_array_mut) {
                *ranges = merged(ranges);
            }
        });
    }),
    Entry::new(
        "received-bytes-end-exclusive",
        "8.4",
        "receivedBytes shows the byte after each range.",
        |policy| {
            listed(policy, |range| {
                range["to"] = (range["to"].as_u64().unwrap_or_default() + 1).into();
            });
        },
    ),
    Entry::new(
        "uploaded-at-last-byte",
        "8.2",
        "An upload is complete once its last byte has arrived.",
        |policy| {
            policy.bytes_complete(|received, contract| {
                let is_last = |range: &ByteRange| Some(range.to.saturating_add(1)) == received.total;
                contract || (received.ranges)().iter().any(is_last)
            });
        },
    ),
    Entry::new(
        "smallest-range-refused",
        "2.2",
        "A byte range of exactly the minimum size is refused.",
        |policy| {
            policy.byte_range_fault(|case, kind, contract| {
                let is_smallest = case.range.len() == case.limits.min_segment && !case.is_last();
                contract || kind == kind::BYTES_TOO_SMALL && is_smallest
            });
        },
    ),
    Entry::new(
        "range-minimum-off-by-one",
        "2.2",
        "A byte range one byte below the minimum size is accepted.",
        |policy| {
            policy.byte_range_fault(|case, kind, contract| {
                contract && (kind != kind::BYTES_TOO_SMALL || case.range.len() + 1 < case.limits.min_segment)
            });
        },
    ),
    Entry::new(
        "small-last-range-refused",
        "2.2",
        "The minimum size also applies to the last byte range.",
        |policy| {
            policy.byte_range_fault(|case, kind, contract| {
                contract || kind == kind::BYTES_TOO_SMALL && case.range.len() < case.limits.min_segment
            });
        },
    ),
    Entry::new("range-maximum-unchecked", "2.3", "A byte range of any size is accepted.", |policy| {
        unchecked(policy, kind::BYTES_TOO_LARGE);
        policy.largest_file(|headers, contract| {
            let is_by_bytes =
                headers.get(CONTENT_RANGE).is_some_and(|range| range.as_bytes().starts_with(b"bytes"));
            if is_by_bytes { u64::MAX } else { contract }
        });
    }),
    Entry::new(
        "range-length-unchecked",
        "9.2",
        "The length of a body may differ from its byte range.",
        |policy| {
            unchecked(policy, kind::BYTES_MISMATCH);
        },
    ),
    Entry::new("overlap-accepted", "9.11", "Overlapping byte ranges are accepted.", |policy| {
        unchecked(policy, kind::BYTES_OVERLAP);
    }),
    Entry::new(
        "overlap-by-one-byte-accepted",
        "9.11",
        "A byte range may start with the last byte of another.",
        |policy| {
            policy.byte_range_fault(|case, kind, contract| {
                let ByteRange { from, to, .. } = case.range;
                let overlaps = |range: &ByteRange| range.from <= to && range.to > from;
                contract && (kind != kind::BYTES_OVERLAP || (case.received)().iter().any(overlaps))
            });
        },
    ),
    Entry::new("repeated-range-accepted", "9.11", "The same byte range is accepted again.", |policy| {
        policy.byte_range_fault(|case, kind, contract| {
            let is_same = |range: &ByteRange| (range.from, range.to) == (case.range.from, case.range.to);
            contract && !(kind == kind::BYTES_OVERLAP && (case.received)().iter().any(is_same))
        });
    }),
    Entry::new("different-total-accepted", "9.5", "The total may change between byte ranges.", |policy| {
        unchecked(policy, kind::BYTES_DIFFERENT_TOTAL);
    }),
    Entry::new("reversed-range-accepted", "9.2", "A byte range may end before it starts.", |policy| {
        misread(policy, |range| {
            if range.from > range.to {
                (range.from, range.to) = (range.to, range.from);
            }
        });
    }),
    Entry::new("range-beyond-total-accepted", "9.2", "A byte range may end beyond its total.", |policy| {
        unchecked(policy, kind::BYTES_TO_BEYOND_TOTAL);
    }),
    Entry::new(
        "highest-byte-unchecked",
        "2.4",
        "A byte range may end anywhere while its total is unknown.",
        |policy| unchecked(policy, kind::BYTES_TO_BEYOND_ALLOWED),
    ),
    Entry::new("total-limit-unchecked", "2.4", "A total of any size is accepted.", |policy| {
        unchecked(policy, kind::BYTES_TOTAL_TOO_HIGH);
    }),
    Entry::new("total-zero-is-open", "9.5", "A total of 0 is read as unknown.", |policy| {
        misread(policy, |range| range.total = range.total.filter(|total| *total > 0));
    }),
    Entry::new(
        "late-total-unchecked",
        "9.5",
        "A total stated late may be below the number of bytes received.",
        |policy| {
            unchecked(policy, kind::BYTES_TOTAL_TOO_LOW);
        },
    ),
    Entry::new(
        "late-total-ignored",
        "9.5",
        "A total stated by a later byte range is not stored.",
        |policy| {
            policy.settled_total(|case, contract| if case.is_first() { contract } else { case.known_total });
        },
    ),
    Entry::new("malformed-range-ignored", "9.4", "A malformed Content-Range is ignored.", |policy| {
        policy.content_range(|_, range| match range {
            ContentRange::Malformed => ContentRange::Absent,
            range => range,
        });
    }),
    Entry::new(
        "part-after-bytes-acknowledged",
        "9.7",
        "A part sent into an upload by byte ranges is acknowledged and lost.",
        |policy| {
            policy.conflict(|conflict, contract| match (conflict.begun, conflict.incoming) {
                (Framing::Bytes, Framing::Parts) if !conflict.complete => Resolution::Acknowledge,
                _ => contract,
            });
        },
    ),
    Entry::new(
        "plain-after-ranges-accepted",
        "9.7",
        "A plain upload replaces a progressive one that is in progress.",
        |policy| {
            policy.conflict(|conflict, contract| match conflict.incoming {
                Framing::Whole if !conflict.complete => Resolution::Replace,
                _ => contract,
            });
        },
    ),
    Entry::new(
        "refused-range-counts",
        "9.13",
        "A byte range that is refused counts as received.",
        |policy| {
            policy.byte_range_counts(|case, contract| contract || case.range.from <= case.range.to);
        },
    ),
    Entry::new(
        "complete-upload-accepts-ranges",
        "9.14",
        "A byte range into a complete upload is acknowledged.",
        |policy| {
            policy.conflict(|conflict, contract| match conflict.incoming {
                Framing::Bytes | Framing::Parts if conflict.complete => Resolution::Acknowledge,
                _ => contract,
            });
        },
    ),
    Entry::new("broken-off-range-counts", "6.8", "An interrupted byte range counts as received.", |policy| {
        policy.broken_off_counts(|has_range, contract| contract || has_range);
        policy.file_length(|range, broken_off, length| match range {
            ContentRange::Bytes(range) if broken_off => range.len(),
            _ => length,
        });
    }),
    Entry::new("offsets-cut-to-32-bits", "8.4", "The ends of byte ranges are stored in 32 bits.", |policy| {
        misread(policy, |range| {
            range.from &= u64::from(u32::MAX);
            range.to &= u64::from(u32::MAX);
        });
    }),
    Entry::hidden(
        "assembled-in-arrival-order",
        "9.10",
        "The file is assembled in the order in which segments arrived.",
        |policy| policy.assembles_in_arrival_order(|_| true),
    ),
    Entry::hidden(
        "byte-lost-at-border",
        "9.10",
        "The last byte of each segment but the last is lost.",
        |policy| {
            policy.segment_appended(|file, is_last, contract| {
                contract?;
                if is_last { Ok(()) } else { file.set_len(file.metadata()?.len().saturating_sub(1)) }
            });
        },
    ),
    Entry::hidden(
        "stale-bytes-at-end",
        "9.10",
        "The finished file ends with leftover bytes of a longer file.",
        |policy| {
            policy.segment_appended(|mut file, is_last, contract| {
                contract?;
                if is_last { file.write_all(b"stale") } else { Ok(()) }
            });
        },
    ),
];

/// A check that is not made.
pub(crate) fn unchecked(policy: &mut Overrides, unchecked: Kind) {
    excused(policy, unchecked, |_| true);
}

/// A fault that is overlooked in some byte ranges.
pub(crate) fn excused(
    policy: &mut Overrides,
    excused: Kind,
    is_excused: impl Fn(&ByteRangeCase<'_>) -> bool + Send + Sync + 'static,
) {
    policy.byte_range_fault(move |case, kind, contract| contract && !(kind == excused && is_excused(case)));
}

/// A fault that is found in byte ranges without it.
pub(crate) fn faulty(
    policy: &mut Overrides,
    fault: Kind,
    is_faulty: impl Fn(&ByteRangeCase<'_>) -> bool + Send + Sync + 'static,
) {
    policy.byte_range_fault(move |case, kind, contract| contract || (kind == fault && is_faulty(case)));
}

/// A byte range that is read as another.
pub(crate) fn misread(policy: &mut Overrides, misread: impl Fn(&mut ByteRange) + Send + Sync + 'static) {
    policy.content_range(move |_, range| match range {
        ContentRange::Bytes(mut range) => {
            misread(&mut range);
            ContentRange::Bytes(range)
        }
        range => range,
    });
}

/// Changes each of the `receivedBytes` of a status.
pub(crate) fn listed(policy: &mut Overrides, edit: impl Fn(&mut Value) + Send + Sync + 'static) {
    ingest(policy, move |ingest| {
        if let Some(ranges) = ingest.get_mut("receivedBytes").and_then(Value::as_array_mut) {
            ranges.iter_mut().for_each(&edit);
        }
    });
}

fn merged(ranges: &[Value]) -> Vec<Value> {
    ranges.iter().fold(Vec::new(), |mut merged: Vec<Value>, range| {
        match merged.last_mut() {
            Some(last) if last["to"].as_u64().map(|to| to.saturating_add(1)) == range["from"].as_u64() => {
                last["to"] = range["to"].clone();
            }
            _ => merged.push(range.clone()),
        }
        merged
    })
}
