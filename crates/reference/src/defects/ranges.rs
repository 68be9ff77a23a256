//! Byte ranges: spellings, limits by one, and faults that only some ranges of an upload have.

use http::HeaderMap;
use http::header::CONTENT_RANGE;
use serde_json::{Value, json};

use super::bytes::{excused, faulty, listed};
use super::entry::Entry;
use super::upload::ingest;
use crate::policy::decisions::Overrides;
use crate::problem::kind;
use crate::upload::content_range::{ByteRange, ContentRange};

#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method is not general over the lifetime of its case"
)]
pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new("bytes-in-lower-case-only", "The unit Bytes is not read.", |policy| {
        policy.content_range(|header, range| match range {
            ContentRange::Bytes(_) if !header.trim_start().starts_with("bytes") => ContentRange::Malformed,
            range => range,
        });
    }),
    Entry::new(
        "text-behind-total-ignored",
        "What stands behind the total of a range is ignored.",
        |policy| {
            respelt(policy, |header| header.trim_end_matches(|c: char| !c.is_ascii_digit()).to_owned());
        },
    ),
    Entry::new("spaces-in-range-ignored", "Spaces within a range are ignored.", |policy| {
        respelt(policy, |header| {
            let (unit, rest) = header.trim().split_once(' ').unwrap_or((header, ""));
            format!("{unit} {}", rest.replace(' ', ""))
        });
    }),
    Entry::new("range-with-equals-sign-accepted", "bytes=0-9/10 is accepted.", |policy| {
        respelt(policy, |header| header.replace('=', " "));
    }),
    Entry::new("range-without-unit-accepted", "A range without a unit counts bytes.", |policy| {
        respelt(policy, |header| format!("bytes {header}"));
    }),
    Entry::new("signed-numbers-accepted", "A plus sign before a number is accepted.", |policy| {
        respelt(policy, |header| header.replace('+', ""));
    }),
    Entry::new("range-without-total-accepted", "A range without a total has an open one.", |policy| {
        respelt(policy, |header| format!("{header}/*"));
    }),
    Entry::new("leading-zeros-refused", "A number with a leading zero is refused.", |policy| {
        policy.content_range(|header, range| match range {
            ContentRange::Bytes(_) if has_leading_zero(header) => ContentRange::Malformed,
            range => range,
        });
    }),
    Entry::new("unsatisfied-range-is-none", "bytes */10 is as good as no range.", |policy| {
        policy.content_range(|header, range| match range {
            ContentRange::Malformed if header.contains("*/") => ContentRange::Absent,
            range => range,
        });
    }),
    Entry::new("empty-range-header-ignored", "An empty Content-Range is as good as none.", |policy| {
        policy.content_range(|header, range| match range {
            ContentRange::Malformed if header.trim().is_empty() => ContentRange::Absent,
            range => range,
        });
    }),
    Entry::new("range-maximum-off-by-one", "A byte range of one byte too many is accepted.", |policy| {
        excused(policy, kind::BYTES_TOO_LARGE, |case| case.range.len() == case.limits.max_segment + 1);
        policy.largest_file(|headers: &HeaderMap, largest| largest + u64::from(by_bytes(headers)));
    }),
    Entry::new("range-maximum-exclusive", "A byte range of exactly the largest size is refused.", |policy| {
        faulty(policy, kind::BYTES_TOO_LARGE, |case| case.range.len() == case.limits.max_segment);
    }),
    Entry::new("last-range-maximum-unchecked", "The last byte range may have any size.", |policy| {
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
    Entry::new("total-limit-off-by-one", "A total of one byte too many is accepted.", |policy| {
        excused(policy, kind::BYTES_TOTAL_TOO_HIGH, |case| {
            case.range.total == Some(case.limits.max_total + 1)
        });
    }),
    Entry::new("total-limit-exclusive", "A total of exactly the largest is refused.", |policy| {
        faulty(policy, kind::BYTES_TOTAL_TOO_HIGH, |case| case.range.total == Some(case.limits.max_total));
    }),
    Entry::new("first-range-minimum-unchecked", "The first byte range may be small.", |policy| {
        excused(policy, kind::BYTES_TOO_SMALL, |case| case.is_first());
    }),
    Entry::new("later-range-minimum-unchecked", "A byte range behind the first may be small.", |policy| {
        excused(policy, kind::BYTES_TOO_SMALL, |case| !case.is_first());
    }),
    Entry::new("open-range-minimum-unchecked", "A byte range of an open total may be small.", |policy| {
        excused(policy, kind::BYTES_TOO_SMALL, |case| case.range.total.is_none());
    }),
    Entry::new("only-range-too-small", "A single byte range must not be small.", |policy| {
        faulty(policy, kind::BYTES_TOO_SMALL, |case| {
            case.is_first()
                && case.range.from == 0
                && case.is_last()
                && case.range.len() < case.limits.min_segment
        });
    }),
    Entry::new("single-byte-range-refused", "A last byte range of one byte is refused.", |policy| {
        faulty(policy, kind::BYTES_FROM_TOO_HIGH, |case| case.range.from == case.range.to);
    }),
    Entry::new("inner-overlap-accepted", "A byte range within another is accepted.", |policy| {
        excused(policy, kind::BYTES_OVERLAP, |case| {
            let ByteRange { from, to, .. } = case.range;
            (case.received)().iter().any(|range| range.from < from && to < range.to)
        });
    }),
    Entry::new(
        "overlap-with-first-unseen",
        "Only the range behind the others is held against overlap.",
        |policy| {
            excused(policy, kind::BYTES_OVERLAP, |case| {
                let last = (case.received)().last().copied();
                last.is_none_or(|last| case.range.to < last.from || case.range.from > last.to)
            });
        },
    ),
    Entry::new("first-range-must-be-zero", "The first byte range to come must begin at 0.", |policy| {
        faulty(policy, kind::BYTES_OVERLAP, |case| case.is_first() && case.range.from > 0);
    }),
    Entry::new("shorter-body-accepted", "A body may be shorter than its byte range.", |policy| {
        excused(policy, kind::BYTES_MISMATCH, |case| case.length < case.range.len());
    }),
    Entry::new("longer-body-accepted", "A body may be longer than its byte range.", |policy| {
        excused(policy, kind::BYTES_MISMATCH, |case| case.length > case.range.len());
    }),
    Entry::new("open-total-after-named-refused", "An open total is refused once one was named.", |policy| {
        faulty(policy, kind::BYTES_DIFFERENT_TOTAL, |case| {
            case.range.total.is_none() && case.known_total.is_some()
        });
    }),
    Entry::new("smaller-total-accepted", "A later byte range may name a smaller total.", |policy| {
        excused(policy, kind::BYTES_DIFFERENT_TOTAL, |case| case.range.total < case.known_total);
    }),
    Entry::new("complete-one-byte-early", "An upload is complete when one byte is missing.", |policy| {
        policy.bytes_complete(|received, contract| {
            contract || received.total.is_some_and(|total| received.received + 1 == total)
        });
    }),
    Entry::new(
        "range-beyond-known-total-accepted",
        "A total named before does not bound an open range.",
        |policy| {
            excused(policy, kind::BYTES_TO_BEYOND_TOTAL, |case| case.range.total.is_none());
        },
    ),
    Entry::new("received-bytes-without-total", "receivedBytes does not name the total.", |policy| {
        listed(policy, |range| super::edits::remove(range, "total"));
    }),
    Entry::new("received-bytes-falling", "receivedBytes names the last range first.", |policy| {
        ingest(policy, |ingest| {
            if let Some(ranges) = ingest.get_mut("receivedBytes").and_then(Value::as_array_mut) {
                ranges.reverse();
            }
        });
    }),
    Entry::new(
        "received-bytes-empty-at-end",
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

/// Whether a number of a header begins with a zero that it does not need.
pub(crate) fn has_leading_zero(header: &str) -> bool {
    header.split(|c: char| !c.is_ascii_digit()).any(|number| number.len() > 1 && number.starts_with('0'))
}
