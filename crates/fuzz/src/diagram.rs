//! A counterexample for the eye: a small table of what was sent, and the byte line of each upload.
//!
//! ```text
//!   1  bytes 0-1023/2049      1024  accepted
//!   2  bytes 1023-2048/2049   1026  accepted  <- expected 400 video-content-range-by-bytes-range-overlap
//!
//!   A  0 ########!############ 2049   # accepted, x refused, ! more than once, . missing
//! ```

use std::fmt::Write as _;

use super::case::{Case, Frame, Segment, Step};
use super::describe;
use super::mismatch::Mismatch;
use super::outcome::{SegmentResult, SentPiece};

/// Columns of the byte line.
const WIDTH: u64 = 40;

/// The table and the lines.
pub(super) fn diagram(case: &Case, results: &[SegmentResult], mismatch: &Mismatch) -> String {
    let mut text = table(case, results, mismatch);
    let lines = lines(case, results);
    if !lines.is_empty() {
        text.push('\n');
        text.push_str(&lines);
        text.push_str("     # accepted, x refused, ! accepted twice, . missing\n");
    }
    text
}

fn table(case: &Case, results: &[SegmentResult], mismatch: &Mismatch) -> String {
    let mut rows: Vec<[String; 4]> = Vec::new();
    let mut marked = None;
    let mut results = results.iter();
    for (at, step) in case.steps.iter().enumerate() {
        if let Some(event) = step.event() {
            let during = if matches!(step, Step::During(..)) { " meanwhile" } else { "" };
            rows.push([
                String::new(),
                format!("{}{during}", describe::event(event)),
                String::new(),
                String::new(),
            ]);
        }
        for (one, segment) in step.segments().iter().enumerate() {
            let result = results.next().map_or_else(|| "not sent".to_owned(), ToString::to_string);
            let mut what =
                format!("{} {}", describe::upload(segment.upload), describe::frame(&segment.frame));
            for oddity in describe::oddities(segment) {
                what.push_str(", ");
                what.push_str(&oddity);
            }
            if case.tokens.len() > 1 {
                what.push_str(", ");
                what.push_str(&describe::token(segment.token));
            }
            if step.segments().len() > 1 {
                what.push_str(", in parallel");
            }
            if at == mismatch.step && mismatch.segment.is_none_or(|marked| marked == one) {
                marked = Some(rows.len());
            }
            let number = rows.iter().filter(|row| !row[0].is_empty()).count() + 1;
            rows.push([number.to_string(), what, segment.length.to_string(), result]);
        }
        if at == mismatch.step && marked.is_none() {
            marked = Some(rows.len().saturating_sub(1));
        }
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (first, second, third) = (width(0), width(1), width(2));
    let mut text = String::new();
    for (at, [number, what, length, result]) in rows.iter().enumerate() {
        let row = format!("{number:>first$}  {what:<second$}  {length:>third$}  {result}");
        text.push_str("  ");
        text.push_str(row.trim_end());
        if marked == Some(at) {
            text.push_str("  <-");
        }
        text.push('\n');
    }
    text
}

fn lines(case: &Case, results: &[SegmentResult]) -> String {
    let segments: Vec<(&Segment, Option<&SegmentResult>)> =
        case.segments().enumerate().map(|(at, segment)| (segment, results.get(at))).collect();
    let mut uploads: Vec<usize> = segments.iter().map(|(segment, _)| segment.upload).collect();
    uploads.sort_unstable();
    uploads.dedup();
    let mut text = String::new();
    for upload in uploads {
        let of: Vec<_> = segments.iter().filter(|(segment, _)| segment.upload == upload).collect();
        let end = of.iter().map(|(segment, _)| end(segment)).max().unwrap_or(0);
        if end == 0 {
            continue;
        }
        let pieces: Vec<_> = of
            .iter()
            .map(|(segment, result)| SentPiece {
                from: segment.offset,
                length: segment.length,
                is_accepted: matches!(result, Some(SegmentResult::Accepted)),
            })
            .collect();
        let line = byte_line(&pieces, end);
        let _ = writeln!(text, "  {}  0 {line} {end}", describe::upload(upload));
    }
    text
}

/// The bytes from 0 to `end`, and which segments have covered them.
pub(super) fn byte_line(pieces: &[SentPiece], end: u64) -> String {
    let mut line: Vec<char> = (0..WIDTH).map(|_| '.').collect();
    for pass in [false, true] {
        for piece in pieces.iter().filter(|piece| piece.is_accepted == pass && piece.length > 0) {
            for column in columns(piece, end) {
                let sign = &mut line[column];
                *sign = match (piece.is_accepted, *sign) {
                    (true, '#' | '!') => '!',
                    (true, _) => '#',
                    (false, _) => 'x',
                };
            }
        }
    }
    line.into_iter().collect()
}

/// Where it ends, or says that the whole does.
fn end(segment: &Segment) -> u64 {
    let sent = segment.offset.saturating_add(segment.length);
    match segment.frame {
        Frame::Bytes { total: Some(total), .. } => sent.max(total),
        _ => sent,
    }
}

/// The columns that a segment covers: at least one, and a neighbour's only where a byte of it lies there.
fn columns(piece: &SentPiece, end: u64) -> std::ops::Range<usize> {
    let place = |byte: u64| u128::from(byte) * u128::from(WIDTH) / u128::from(end);
    let from = place(piece.from);
    let to = place(piece.from + piece.length).max(from + 1).min(u128::from(WIDTH));
    let short = |column: u128| usize::try_from(column).unwrap_or(0);
    short(from.min(u128::from(WIDTH) - 1))..short(to)
}

impl std::fmt::Display for SegmentResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Accepted => f.write_str("accepted"),
            Self::Refused(status) => write!(f, "refused {status}"),
            Self::BrokenOff => f.write_str("broken off"),
            Self::Unanswered => f.write_str("no response"),
            Self::NotSent => f.write_str("not sent"),
        }
    }
}
