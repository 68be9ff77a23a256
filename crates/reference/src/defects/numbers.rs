//! Parts: spellings, limits by one, and faults that only some parts of an upload have.

use http::HeaderMap;
use http::header::CONTENT_RANGE;
use serde_json::{Value, json};

use super::entry::Entry;
use super::part::{excused, faulty, listed, unchecked};
use crate::problem::kind;
use crate::upload::content_range::{ContentRange, PartRange};

#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method is not general over the lifetime of its case"
)]
pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new("part-in-lower-case-only", "9.3", "The unit Part with a capital is ignored.", |policy| {
        policy.content_range(|header, range| match range {
            ContentRange::Part(_) if !header.trim_start().starts_with("part") => ContentRange::Malformed,
            range => range,
        });
    }),
    Entry::new(
        "text-behind-count-ignored",
        "9.4",
        "Characters after the number of parts are ignored.",
        |policy| {
            policy.content_range(|header, range| match range {
                ContentRange::Malformed if header.starts_with("part") => {
                    ContentRange::parse(header.trim_end_matches(|c: char| !c.is_ascii_digit()))
                }
                range => range,
            });
        },
    ),
    Entry::new("parts-is-part", "9.4", "The unit `parts` is accepted as `part`.", |policy| {
        policy.content_range(|header, range| match range {
            ContentRange::Malformed => ContentRange::parse(&header.replacen("parts ", "part ", 1)),
            range => range,
        });
    }),
    Entry::new(
        "part-without-count-accepted",
        "9.4",
        "A missing number of parts is read as unknown.",
        |policy| {
            policy.content_range(|header, range| match range {
                ContentRange::Malformed if header.starts_with("part") => {
                    ContentRange::parse(&format!("{header}/*"))
                }
                range => range,
            });
        },
    ),
    Entry::new(
        "part-compared-as-text",
        "9.3",
        "Part 2 of 10 is refused as above the number of parts.",
        |policy| {
            faulty(policy, kind::PART_BEYOND_COUNT, |case| {
                case.known_count
                    .or(case.part.count)
                    .is_some_and(|count| case.part.number.to_string() > count.to_string())
            });
        },
    ),
    Entry::new("parts-sorted-as-text", "8.5", "receivedParts sorts part 10 before part 2.", |policy| {
        listed(policy, |received| {
            if let Some(parts) = received["parts"].as_array_mut() {
                parts.sort_by_key(Value::to_string);
            }
        });
    }),
    Entry::new("part-limit-exclusive", "2.5", "The highest allowed part number is refused.", |policy| {
        faulty(policy, kind::PART_BEYOND_ALLOWED, |case| {
            case.part.number == u64::from(case.limits.max_parts)
        });
    }),
    Entry::new("part-limit-off-by-one", "2.5", "A part number one too high is accepted.", |policy| {
        excused(policy, kind::PART_BEYOND_ALLOWED, |case| {
            case.part.number == u64::from(case.limits.max_parts) + 1
        });
    }),
    Entry::new("count-limit-exclusive", "2.5", "The maximum number of parts is refused.", |policy| {
        faulty(policy, kind::PART_COUNT_TOO_HIGH, |case| {
            case.part.count == Some(u64::from(case.limits.max_parts))
        });
    }),
    Entry::new("count-limit-off-by-one", "2.5", "A number of parts one too high is accepted.", |policy| {
        excused(policy, kind::PART_COUNT_TOO_HIGH, |case| {
            case.part.count == Some(u64::from(case.limits.max_parts) + 1)
        });
    }),
    Entry::new("part-maximum-unchecked", "2.3", "A part may have any size.", |policy| {
        unchecked(policy, kind::FILE_TOO_LARGE);
        policy.largest_file(
            |headers: &HeaderMap, largest| if part(headers).is_some() { u64::MAX } else { largest },
        );
    }),
    Entry::new(
        "part-maximum-off-by-one",
        "2.3",
        "A part one byte above the maximum size is accepted.",
        |policy| {
            excused(policy, kind::FILE_TOO_LARGE, |case| case.length == case.limits.max_segment + 1);
            policy.largest_file(|headers: &HeaderMap, largest| largest + u64::from(part(headers).is_some()));
        },
    ),
    Entry::new("part-maximum-exclusive", "2.3", "A part of exactly the maximum size is refused.", |policy| {
        faulty(policy, kind::FILE_TOO_LARGE, |case| case.length == case.limits.max_segment);
    }),
    Entry::new("last-part-maximum-unchecked", "2.3", "The last part may have any size.", |policy| {
        excused(policy, kind::FILE_TOO_LARGE, |case| case.is_last());
        policy.largest_file(|headers: &HeaderMap, largest| match part(headers) {
            Some(part) if part.count == Some(part.number) => u64::MAX,
            _ => largest,
        });
    }),
    Entry::new("first-part-minimum-unchecked", "2.2", "The first part may be small.", |policy| {
        excused(policy, kind::PART_TOO_SMALL, |case| case.part.number == 1);
    }),
    Entry::new("later-part-minimum-unchecked", "2.2", "Any part after the first may be small.", |policy| {
        excused(policy, kind::PART_TOO_SMALL, |case| case.part.number > 1);
    }),
    Entry::new(
        "open-part-minimum-unchecked",
        "2.2",
        "A part may be small while the number of parts is unknown.",
        |policy| {
            excused(policy, kind::PART_TOO_SMALL, |case| case.part.count.is_none());
        },
    ),
    Entry::new(
        "last-part-too-small",
        "2.2",
        "The minimum size also applies to the last of several parts.",
        |policy| {
            faulty(policy, kind::PART_TOO_SMALL, |case| {
                case.is_last() && !case.is_only() && case.length < case.limits.min_segment
            });
        },
    ),
    Entry::new("smallest-part-refused", "2.2", "A part of exactly the minimum size is refused.", |policy| {
        faulty(policy, kind::PART_TOO_SMALL, |case| {
            case.length == case.limits.min_segment && !case.is_last()
        });
    }),
    Entry::new(
        "complete-at-last-part",
        "8.2",
        "An upload is complete once its last part has arrived.",
        |policy| {
            policy.parts_complete(|received, contract| {
                contract || received.count.is_some_and(|count| (received.parts)().contains(&count))
            });
        },
    ),
    Entry::new("first-part-must-be-one", "9.10", "The first part that arrives must be part 1.", |policy| {
        faulty(policy, kind::PART_BEYOND_COUNT, |case| (case.received)().is_empty() && case.part.number != 1);
    }),
    Entry::new(
        "smaller-count-accepted",
        "9.5",
        "A later part may state a smaller number of parts.",
        |policy| {
            excused(policy, kind::PART_DIFFERENT_COUNT, |case| case.part.count < case.known_count);
        },
    ),
    Entry::new(
        "larger-count-accepted",
        "9.5",
        "A later part may state a larger number of parts.",
        |policy| {
            excused(policy, kind::PART_DIFFERENT_COUNT, |case| case.part.count > case.known_count);
        },
    ),
    Entry::new(
        "open-count-after-named-refused",
        "9.5",
        "An unknown number of parts is refused once it was stated.",
        |policy| {
            faulty(policy, kind::PART_DIFFERENT_COUNT, |case| {
                case.part.count.is_none() && case.known_count.is_some()
            });
        },
    ),
    Entry::new(
        "last-part-repeated",
        "9.11",
        "The part with the highest number is accepted twice.",
        |policy| {
            excused(policy, kind::PART_ALREADY_SENT, |case| {
                (case.received)().last() == Some(&case.part.number)
            });
        },
    ),
    Entry::new("part-nine-is-the-last", "2.5", "Parts above nine are refused.", |policy| {
        faulty(policy, kind::PART_BEYOND_ALLOWED, |case| case.part.number > 9);
    }),
    Entry::new(
        "received-parts-empty-at-end",
        "8.5",
        "receivedParts is empty once an upload is complete.",
        |policy| {
            policy.status_shown(|video, _, status| {
                if video.complete && status["ingest"].get("receivedParts").is_some() {
                    status["ingest"]["receivedParts"]["parts"] = json!([]);
                }
            });
        },
    ),
    Entry::new(
        "received-parts-count-arrived",
        "8.5",
        "The total of receivedParts is the number of parts that arrived.",
        |policy| {
            listed(policy, |received| {
                received["total"] = received["parts"].as_array().map_or(0, Vec::len).into();
            });
        },
    ),
    Entry::new(
        "part-beyond-known-count-accepted",
        "9.3",
        "A part without a total is not checked against the number of parts stated earlier.",
        |policy| {
            excused(policy, kind::PART_BEYOND_COUNT, |case| case.part.count.is_none());
        },
    ),
];

fn part(headers: &HeaderMap) -> Option<PartRange> {
    match headers.get(CONTENT_RANGE)?.to_str().ok().map(ContentRange::parse) {
        Some(ContentRange::Part(part)) => Some(part),
        _ => None,
    }
}
