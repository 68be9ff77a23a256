//! What has arrived of an upload, and whether a further segment fits. It knows neither callers nor time.
//!
//! Judging changes nothing: a segment that is refused leaves no trace.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::config::Limits;
use super::problem::{Kind, Problem, kind};
use super::range::{ByteRange, ContentRange, PartRange};
use super::store::Piece;

/// An upload under way, or done.
#[derive(Debug)]
pub(super) enum Progress {
    /// The file came in one request.
    Whole { length: u64, piece: Piece },
    /// It comes by byte ranges.
    Bytes(BytesProgress),
    /// It comes by parts.
    Parts(PartsProgress),
}

/// The byte ranges that arrived, by their first byte.
#[derive(Debug, Default)]
pub(super) struct BytesProgress {
    total: Option<u64>,
    ranges: BTreeMap<u64, (u64, Piece)>,
}

/// The parts that arrived, by their number.
#[derive(Debug, Default)]
pub(super) struct PartsProgress {
    count: Option<u64>,
    parts: BTreeMap<u64, (u64, Piece)>,
}

impl Progress {
    /// Takes a segment, if it fits: behind those that `begun` holds, or as the first.
    pub(super) fn take(
        begun: &mut Option<Self>,
        range: Option<ContentRange>,
        segment: (u64, Piece),
        limits: &Limits,
    ) -> Result<(), Problem> {
        if begun.as_ref().is_some_and(Self::is_complete) {
            return Err(Problem::new(kind::SOURCE_ALREADY_UPLOADED, "A video takes one source, once."));
        }
        let (length, piece) = segment;
        match (begun.as_mut(), range) {
            (Some(_), None) => {
                return Err(Problem::new(
                    kind::ALREADY_INITIATED,
                    "The upload goes on with a Content-Range.",
                ));
            }
            (Some(Self::Bytes(_)), Some(ContentRange::Part(_))) => {
                return Err(range_problem(kind::STARTED_WITH_BYTES, "It cannot go on by parts."));
            }
            (Some(Self::Parts(_)), Some(ContentRange::Bytes(_))) => {
                return Err(range_problem(kind::STARTED_WITH_PART, "It cannot go on by byte ranges."));
            }
            (Some(Self::Bytes(bytes)), Some(ContentRange::Bytes(range))) => {
                bytes.judge(range, length, limits)?;
                bytes.take(range, piece);
            }
            (Some(Self::Parts(parts)), Some(ContentRange::Part(range))) => {
                parts.judge(range, length, limits)?;
                parts.take(range, (length, piece));
            }
            (Some(Self::Whole { .. }), Some(_)) => {
                return Err(Problem::new(kind::SOURCE_ALREADY_UPLOADED, "A video takes one source, once."));
            }
            (None, None) => *begun = Some(Self::Whole { length, piece }),
            (None, Some(ContentRange::Bytes(range))) => {
                let mut bytes = BytesProgress::default();
                bytes.judge(range, length, limits)?;
                bytes.take(range, piece);
                *begun = Some(Self::Bytes(bytes));
            }
            (None, Some(ContentRange::Part(range))) => {
                let mut parts = PartsProgress::default();
                parts.judge(range, length, limits)?;
                parts.take(range, (length, piece));
                *begun = Some(Self::Parts(parts));
            }
        }
        Ok(())
    }

    /// Whether everything is there.
    pub(super) fn is_complete(&self) -> bool {
        match self {
            Self::Whole { .. } => true,
            Self::Bytes(bytes) => bytes.total == Some(bytes.received()),
            Self::Parts(parts) => parts.count == Some(parts.parts.len() as u64),
        }
    }

    /// How many bytes are there.
    pub(super) fn received(&self) -> u64 {
        match self {
            Self::Whole { length, .. } => *length,
            Self::Bytes(bytes) => bytes.received(),
            Self::Parts(parts) => parts.parts.values().map(|(length, _)| length).sum(),
        }
    }

    /// The files of the segments, in the order of the whole.
    pub(super) fn pieces(&self) -> Vec<PathBuf> {
        let path = |piece: &Piece| piece.path().map(PathBuf::from);
        match self {
            Self::Whole { piece, .. } => path(piece).into_iter().collect(),
            Self::Bytes(bytes) => bytes.ranges.values().filter_map(|(_, piece)| path(piece)).collect(),
            Self::Parts(parts) => parts.parts.values().filter_map(|(_, piece)| path(piece)).collect(),
        }
    }

    /// Lets the files of the segments go, once they are put together or nobody can complete them any more.
    pub(super) fn release(&mut self) -> Vec<Piece> {
        let take = |piece: &mut Piece| std::mem::replace(piece, Piece::Nothing);
        match self {
            Self::Whole { piece, .. } => vec![take(piece)],
            Self::Bytes(bytes) => bytes.ranges.values_mut().map(|(_, piece)| take(piece)).collect(),
            Self::Parts(parts) => parts.parts.values_mut().map(|(_, piece)| take(piece)).collect(),
        }
    }

    /// The member of a video's status that lists what arrived.
    pub(super) fn listed(&self) -> Option<(&'static str, Value)> {
        match self {
            Self::Whole { .. } => None,
            Self::Bytes(bytes) => {
                let range = |(from, (to, _)): (&u64, &(u64, Piece))| json!({"from": from, "to": to, "total": bytes.total});
                Some(("receivedBytes", bytes.ranges.iter().map(range).collect()))
            }
            Self::Parts(parts) => {
                let numbers: Vec<_> = parts.parts.keys().collect();
                Some(("receivedParts", json!({"parts": numbers, "total": parts.count})))
            }
        }
    }
}

impl BytesProgress {
    fn received(&self) -> u64 {
        self.ranges.iter().map(|(from, (to, _))| to - from + 1).sum()
    }

    fn judge(&self, range: ByteRange, length: u64, limits: &Limits) -> Result<(), Problem> {
        self.judge_alone(range, length, limits)?;
        match (self.total, range.total) {
            (Some(known), Some(named)) if known != named => {
                let detail = format!("The total was {known} before.");
                return Err(range_problem(kind::BYTES_DIFFERENT_TOTAL, detail));
            }
            (None, Some(named)) if self.ranges.values().any(|(to, _)| *to >= named) => {
                return Err(range_problem(kind::BYTES_TOTAL_TOO_LOW, "Bytes beyond it were received."));
            }
            _ => {}
        }
        if self.overlaps(range) {
            return Err(range_problem(kind::BYTES_OVERLAP, "Some of these bytes were received before."));
        }
        Ok(())
    }

    /// The faults that a range has whatever was received before, but for the total.
    fn judge_alone(&self, range: ByteRange, length: u64, limits: &Limits) -> Result<(), Problem> {
        let ByteRange { from, to, total } = range;
        if total == Some(0) {
            return Err(range_problem(kind::BYTES_TOTAL_ZERO, "An upload has at least one byte."));
        }
        if total.is_some_and(|total| total > limits.max_total) {
            let detail = format!("An upload has at most {} bytes.", limits.max_total);
            return Err(range_problem(kind::BYTES_TOTAL_TOO_HIGH, detail));
        }
        if to >= limits.max_total {
            let detail = format!("The last byte is at most {}.", limits.max_total.saturating_sub(1));
            return Err(range_problem(kind::BYTES_TO_BEYOND_ALLOWED, detail));
        }
        if from > to {
            return Err(range_problem(kind::BYTES_FROM_TOO_HIGH, "Both ends of a range belong to it."));
        }
        let total = total.or(self.total);
        if total.is_some_and(|total| to >= total) {
            return Err(range_problem(kind::BYTES_TO_BEYOND_TOTAL, "Bytes are counted from zero."));
        }
        if range.len() > limits.max_segment {
            let detail = format!("A range has at most {} bytes.", limits.max_segment);
            return Err(range_problem(kind::BYTES_TOO_LARGE, detail));
        }
        let is_last = total == Some(to + 1);
        if range.len() < limits.min_segment && !is_last {
            let detail = format!("A range that is not the last has at least {} bytes.", limits.min_segment);
            return Err(range_problem(kind::BYTES_TOO_SMALL, detail));
        }
        if range.len() != length {
            let detail = format!("The range has {} bytes, the file {length}.", range.len());
            return Err(range_problem(kind::BYTES_MISMATCH, detail));
        }
        Ok(())
    }

    fn overlaps(&self, range: ByteRange) -> bool {
        // Ranges never overlap each other, so the last that begins at or before the end is the only candidate.
        self.ranges.range(..=range.to).next_back().is_some_and(|(_, (to, _))| *to >= range.from)
    }

    fn take(&mut self, range: ByteRange, piece: Piece) {
        self.total = self.total.or(range.total);
        self.ranges.insert(range.from, (range.to, piece));
    }
}

impl PartsProgress {
    fn judge(&self, range: PartRange, length: u64, limits: &Limits) -> Result<(), Problem> {
        self.judge_alone(range, length, limits)?;
        match (self.count, range.count) {
            (Some(known), Some(named)) if known != named => {
                let detail = format!("The number of parts was {known} before.");
                return Err(range_problem(kind::PART_DIFFERENT_COUNT, detail));
            }
            (None, Some(named)) if self.parts.keys().next_back().is_some_and(|last| *last > named) => {
                return Err(range_problem(kind::PART_COUNT_TOO_LOW, "A part beyond it was received."));
            }
            _ => {}
        }
        if self.parts.contains_key(&range.number) {
            return Err(range_problem(kind::PART_ALREADY_SENT, "A part is sent once."));
        }
        Ok(())
    }

    /// The faults that a part has whatever was received before, but for the count.
    fn judge_alone(&self, range: PartRange, length: u64, limits: &Limits) -> Result<(), Problem> {
        let PartRange { number, count } = range;
        let allowed = u64::from(limits.max_parts);
        if count == Some(0) {
            return Err(range_problem(kind::PART_COUNT_ZERO, "An upload has at least one part."));
        }
        if count.is_some_and(|count| count > allowed) {
            return Err(range_problem(
                kind::PART_COUNT_TOO_HIGH,
                format!("An upload has at most {allowed} parts."),
            ));
        }
        if number == 0 {
            return Err(range_problem(kind::PART_ZERO, "Parts are counted from one."));
        }
        if number > allowed {
            return Err(range_problem(
                kind::PART_BEYOND_ALLOWED,
                format!("An upload has at most {allowed} parts."),
            ));
        }
        let count = count.or(self.count);
        if count.is_some_and(|count| number > count) {
            return Err(range_problem(kind::PART_BEYOND_COUNT, "The last part bears the number of parts."));
        }
        if length > limits.max_segment {
            let detail = format!("A part has at most {} bytes.", limits.max_segment);
            return Err(Problem::new(kind::FILE_TOO_LARGE, detail).of("file"));
        }
        let is_last = count == Some(number);
        if length < limits.min_segment && !is_last {
            let detail = format!("A part that is not the last has at least {} bytes.", limits.min_segment);
            return Err(Problem::new(kind::PART_TOO_SMALL, detail).of("file"));
        }
        Ok(())
    }

    fn take(&mut self, range: PartRange, part: (u64, Piece)) {
        self.count = self.count.or(range.count);
        self.parts.insert(range.number, part);
    }
}

fn range_problem(kind: Kind, detail: impl Into<String>) -> Problem {
    Problem::new(kind, detail).of("Content-Range")
}
