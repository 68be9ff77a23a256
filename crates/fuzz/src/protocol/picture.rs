//! A counterexample for the eye: what was sent and answered, a line each, and the line of the bytes.
//!
//! ```text
//!   1  bytes 0-4 of 10: 204, 5 bytes received
//!   2  what has been received: 4 bytes  <-
//!
//!      0 ####################.................... 10
//!        # accepted, x refused, ! accepted twice, . missing
//! ```

use std::fmt::Write as _;

use super::case::ProtocolCase;
use crate::diagram::byte_line;
use crate::outcome::Attempt;
use uptake_oracle::upload::{PlacedBy, Report, Segment};
use uptake_outcome::text::count as count_of;

/// The lines of an attempt, of which the last is the one that failed.
pub(crate) fn picture(case: &ProtocolCase, attempt: &Attempt) -> String {
    let mut text = String::new();
    let width = attempt.transcript.len().to_string().len();
    for (at, line) in attempt.transcript.iter().enumerate() {
        let mark = if at + 1 == attempt.transcript.len() { "  <-" } else { "" };
        let _ = writeln!(text, "  {:>width$}  {line}{mark}", at + 1);
    }
    if case.label == PlacedBy::Offset && !attempt.sent.is_empty() {
        let end =
            attempt.sent.iter().map(|piece| piece.from + piece.length).max().unwrap_or(0).max(case.total);
        let line = byte_line(&attempt.sent, end);
        let _ = writeln!(text, "\n     0 {line} {end}");
        text.push_str("       # accepted, x refused, ! accepted twice, . missing\n");
    }
    text
}

/// A segment, in a few words.
pub(super) fn segment(case: &ProtocolCase, segment: &Segment) -> String {
    let Segment { number, from, length, broken_off, .. } = segment;
    let bytes = match length {
        0 => format!("no bytes at {from}"),
        1 => format!("byte {from}"),
        _ => format!("bytes {from}-{}", segment.end() - 1),
    };
    let mut text = match case.label {
        PlacedBy::Offset => format!("{bytes} of {}", case.total),
        PlacedBy::Number => format!("segment {number}: {bytes}"),
    };
    if let Some(after) = broken_off {
        let _ = write!(text, ", broken off after {after}");
    }
    text
}

/// What an answer says has been received.
pub(super) fn report(report: &Report) -> String {
    let mut words = Vec::new();
    words.extend(report.bytes.map(|bytes| count_of(bytes, "byte")));
    words.extend(report.segments.as_ref().map(|numbers| {
        let numbers: Vec<_> = numbers.iter().map(u64::to_string).collect();
        format!("segments {}", numbers.join(", "))
    }));
    words.extend(
        report.complete.map(|complete| if complete { "complete" } else { "not complete" }.to_owned()),
    );
    if words.is_empty() { "no status".to_owned() } else { words.join(", ") }
}
