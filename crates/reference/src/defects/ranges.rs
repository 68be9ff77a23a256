//! Byte ranges: spellings, limits by one, and faults that only some ranges of an upload have.

use http::HeaderMap;
use http::header::CONTENT_RANGE;
use serde_json::json;

use super::bytes::{excused, faulty, listed};
use super::entry::Entry;
use crate::policy::decisions::Overrides;
use crate::problem::kind;
use crate::upload::content_range::{ByteRange, ContentRange};

#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method is not general over the lifetime of its case"
)]
pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new("bytes-in-lower-case-only", "9.2", "The unit Bytes with a capital is ignored.", |policy| {
        policy.content_range(|header, range| match range {
            ContentRange::Bytes(_) if !header.trim_start().starts_with("bytes") => ContentRange::Malformed,
            range => range,
        });
    }),
    Entry::new(
        "text-behind-total-ignored",
        "9.4",
        "Characters after the total of a range are ignored.",
        |policy| {
            respelt(policy, |header| header.trim_end_matches(|c: char| !c.is_ascii_digit()).to_owned());
        },
    ),
    Entry::new("spaces-in-range-ignored", "9.4", "Spaces within a range are ignored.", |policy| {
        respelt(policy, |header| {
            let (unit, rest) = header.trim().split_once(' ').unwrap_or((header, ""));
            format!("{unit} {}", rest.replace(' ', ""))
        });
    }),
    Entry::new("range-with-equals-sign-accepted", "9.4", "bytes=0-9/10 is accepted.", |policy| {
        respelt(policy, |header| header.replace('=', " "));
    }),
    Entry::new("range-without-unit-accepted", "9.4", "A range without a unit counts bytes.", |policy| {
        respelt(policy, |header| format!("bytes {header}"));
    }),
    Entry::new("signed-numbers-accepted", "9.4", "A plus sign before a number is accepted.", |policy| {
        respelt(policy, |header| header.replace('+', ""));
    }),
    Entry::new("range-without-total-accepted", "9.4", "A missing total is read as unknown.", |policy| {
        respelt(policy, |header| format!("{header}/*"));
    }),
    Entry::new("unsatisfied-range-is-none", "9.4", "bytes */10 is ignored.", |policy| {
        policy.content_range(|header, range| match range {
            ContentRange::Malformed if header.contains("*/") => ContentRange::Absent,
            range => range,
        });
    }),
    Entry::new("empty-range-header-ignored", "9.4", "An empty Content-Range is ignored.", |policy| {
        policy.content_range(|header, range| match range {
            ContentRange::Malformed if header.trim().is_empty() => ContentRange::Absent,
            range => range,
        });
    }),
    Entry::new(
        "range-maximum-off-by-one",
        "2.3",
        "A byte range one byte above the maximum size is accepted.",
        |policy| {
            excused(policy, kind::BYTES_TOO_LARGE, |case| case.range.len() == case.limits.max_segment + 1);
            policy.largest_file(|headers: &HeaderMap, largest| largest + u64::from(by_bytes(headers)));
        },
    ),
    Entry::new(
        "range-maximum-exclusive",
        "2.3",
        "A byte range of exactly the maximum size is refused.",
        |policy| {
            faulty(policy, kind::BYTES_TOO_LARGE, |case| case.range.len() == case.limits.max_segment);
        },
    ),
    Entry::new("last-range-maximum-unchecked", "2.3", "The last byte range may have any size.", |policy| {
        excused(policy, kind::BYTES_TOO_LARGE, |case| case.is_last());
        policy.largest_file(|headers: &HeaderMap, largest| {
            let range = headers.get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
            match range.map(ContentRange::parse) {
                Some(ContentRange::Bytes(range)) if range.total == Some(range.to.saturating_add(1)) => {
                    u64::MAX
                }
                _ => largest,
            }
        });
    }),
    Entry::new(
        "total-limit-off-by-one",
        "2.4",
        "A total one byte above the maximum is accepted.",
        |policy| {
            excused(policy, kind::BYTES_TOTAL_TOO_HIGH, |case| {
                case.range.total == Some(case.limits.max_total + 1)
            });
        },
    ),
    Entry::new("total-limit-exclusive", "2.4", "A total of exactly the maximum is refused.", |policy| {
        faulty(policy, kind::BYTES_TOTAL_TOO_HIGH, |case| case.range.total == Some(case.limits.max_total));
    }),
    Entry::new("first-range-minimum-unchecked", "2.2", "The first byte range may be small.", |policy| {
        excused(policy, kind::BYTES_TOO_SMALL, |case| case.is_first());
    }),
    Entry::new(
        "later-range-minimum-unchecked",
        "2.2",
        "Any byte range after the first may be small.",
        |policy| {
            excused(policy, kind::BYTES_TOO_SMALL, |case| !case.is_first());
        },
    ),
    Entry::new(
        "open-range-minimum-unchecked",
        "2.2",
        "A byte range may be small while the total is unknown.",
        |policy| {
            excused(policy, kind::BYTES_TOO_SMALL, |case| case.range.total.is_none());
        },
    ),
    Entry::new(
        "only-range-too-small",
        "2.2",
        "The minimum size also applies to a single byte range.",
        |policy| {
            faulty(policy, kind::BYTES_TOO_SMALL, |case| {
                case.is_first()
                    && case.range.from == 0
                    && case.is_last()
                    && case.range.len() < case.limits.min_segment
            });
        },
    ),
    Entry::new("single-byte-range-refused", "2.2", "A last byte range of one byte is refused.", |policy| {
        faulty(policy, kind::BYTES_FROM_TOO_HIGH, |case| case.range.from == case.range.to);
    }),
    Entry::new("inner-overlap-accepted", "9.11", "A byte range within another is accepted.", |policy| {
        excused(policy, kind::BYTES_OVERLAP, |case| {
            let ByteRange { from, to, .. } = case.range;
            (case.received)().iter().any(|range| range.from < from && to < range.to)
        });
    }),
    Entry::new(
        "overlap-with-first-unseen",
        "9.11",
        "A range is only checked for overlap with the last range.",
        |policy| {
            excused(policy, kind::BYTES_OVERLAP, |case| {
                let last = (case.received)().last().copied();
                last.is_none_or(|last| case.range.to < last.from || case.range.from > last.to)
            });
        },
    ),
    Entry::new(
        "first-range-must-be-zero",
        "9.10",
        "The first byte range that arrives must start at 0.",
        |policy| {
            faulty(policy, kind::BYTES_OVERLAP, |case| case.is_first() && case.range.from > 0);
        },
    ),
    Entry::new("shorter-body-accepted", "9.2", "A body may be shorter than its byte range.", |policy| {
        excused(policy, kind::BYTES_MISMATCH, |case| case.length < case.range.len());
    }),
    Entry::new("longer-body-accepted", "9.2", "A body may be longer than its byte range.", |policy| {
        excused(policy, kind::BYTES_MISMATCH, |case| case.length > case.range.len());
    }),
    Entry::new(
        "open-total-after-named-refused",
        "9.5",
        "An unknown total is refused once it was stated.",
        |policy| {
            faulty(policy, kind::BYTES_DIFFERENT_TOTAL, |case| {
                case.range.total.is_none() && case.known_total.is_some()
            });
        },
    ),
    Entry::new("smaller-total-accepted", "9.5", "A later byte range may state a smaller total.", |policy| {
        excused(policy, kind::BYTES_DIFFERENT_TOTAL, |case| case.range.total < case.known_total);
    }),
    Entry::new(
        "complete-one-byte-early",
        "8.2",
        "An upload is complete although one byte is missing.",
        |policy| {
            policy.bytes_complete(|received, contract| {
                contract || received.total.is_some_and(|total| received.received + 1 == total)
            });
        },
    ),
    Entry::new(
        "range-beyond-known-total-accepted",
        "9.2",
        "A range without a total is not checked against the total stated earlier.",
        |policy| {
            excused(policy, kind::BYTES_TO_BEYOND_TOTAL, |case| case.range.total.is_none());
        },
    ),
    Entry::new("received-bytes-without-total", "8.4", "receivedBytes has no total.", |policy| {
        listed(policy, |range| super::edits::remove(range, "total"));
    }),
    Entry::new(
        "received-bytes-empty-at-end",
        "8.4",
        "receivedBytes is empty once an upload is complete.",
        |policy| {
            policy.status_shown(|video, _, status| {
                if video.complete && status["ingest"].get("receivedBytes").is_some() {
                    status["ingest"]["receivedBytes"] = json!([]);
                }
            });
        },
    ),
];

/// A malformed header that is read as another.
fn respelt(policy: &mut Overrides, spelling: impl Fn(&str) -> String + Send + Sync + 'static) {
    policy.content_range(move |header, range| match range {
        ContentRange::Malformed => ContentRange::parse(&spelling(header)),
        range => range,
    });
}

fn by_bytes(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_RANGE).is_some_and(|range| range.as_bytes().starts_with(b"bytes"))
}
