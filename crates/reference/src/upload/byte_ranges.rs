//! An upload by byte ranges: which have arrived, and whether another fits.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::content_range::ByteRange;
use super::segment::{RestoredSegment, Segment, UploadContext};
use crate::database::record::SegmentRecord;
use crate::policy::decisions::Policy;
use crate::policy::facts::{ByteRangeCase, ReceivedBytes};
use crate::problem::{Kind, Problem, kind};
use crate::settings::Settings;

/// The byte ranges that arrived, by their first byte.
#[derive(Debug, Default)]
pub(crate) struct ByteRanges {
    total: Option<u64>,
    ranges: BTreeMap<u64, Received>,
    /// The first byte of the range that was taken last, until it has been recorded.
    unrecorded: Option<u64>,
}

#[derive(Debug)]
struct Received {
    to: u64,
    arrival: usize,
    segment: Segment,
}

impl ByteRanges {
    /// What had arrived before a restart.
    pub(crate) fn restored(total: Option<u64>, segments: Vec<RestoredSegment>) -> Self {
        let received = |(from, SegmentRecord { to, arrival, length, .. }, piece)| {
            (from, Received { to, arrival, segment: Segment { length, piece } })
        };
        Self { total, ranges: segments.into_iter().map(received).collect(), unrecorded: None }
    }

    /// The total, once it is known.
    pub(crate) const fn total(&self) -> Option<u64> {
        self.total
    }

    /// The range that was taken last, for the database; once.
    pub(crate) fn unrecorded(&mut self) -> Option<(u64, SegmentRecord)> {
        let from = self.unrecorded.take()?;
        let Received { to, arrival, segment } = self.ranges.get(&from)?;
        Some((from, segment.record(*to, *arrival)))
    }

    /// Takes a range, if it fits.
    pub(crate) fn take(
        &mut self,
        range: ByteRange,
        segment: Segment,
        context: UploadContext,
        settings: &Settings,
    ) -> Result<(), Problem> {
        let received = || self.named().collect();
        let case = ByteRangeCase {
            range,
            length: segment.length,
            known_total: self.total,
            received: &received,
            limits: &settings.limits,
            in_grace: context.in_grace,
        };
        let policy = &settings.policy;
        let verdict = self.check(&case, policy);
        if !policy.byte_range_counts(&case, verdict.is_ok()) {
            return verdict;
        }
        self.total = policy.settled_total(&case, self.total.or(range.total));
        let arrival = self.ranges.len();
        self.ranges.insert(range.from, Received { to: range.to, arrival, segment });
        self.unrecorded = Some(range.from);
        verdict
    }

    /// Whether every byte up to the total is there.
    pub(crate) fn is_complete(&self, policy: &Policy) -> bool {
        let ranges = || self.named().collect();
        let received = ReceivedBytes { total: self.total, received: self.received(), ranges: &ranges };
        policy.bytes_complete(&received, self.total == Some(received.received))
    }

    /// How many bytes are there; accepted ranges do not overlap.
    pub(crate) fn received(&self) -> u64 {
        self.named().map(ByteRange::len).fold(0, u64::saturating_add)
    }

    /// The segments in the order of their bytes, each with its place in the order of arrival.
    pub(crate) fn segments_mut(&mut self) -> impl Iterator<Item = (usize, &mut Segment)> {
        self.ranges.values_mut().map(|range| (range.arrival, &mut range.segment))
    }

    /// As a status lists them.
    pub(crate) fn listed(&self) -> Value {
        self.named().map(|range| json!({"from": range.from, "to": range.to, "total": range.total})).collect()
    }

    fn named(&self) -> impl Iterator<Item = ByteRange> {
        self.ranges.iter().map(|(from, range)| ByteRange { from: *from, to: range.to, total: self.total })
    }

    /// What the contract says of a byte range, fault by fault. The first one is answered.
    fn check(&self, case: &ByteRangeCase<'_>, policy: &Policy) -> Result<(), Problem> {
        let ByteRange { from, to, total } = case.range;
        let limits = case.limits;
        let refuse = |kind: Kind, is_fault: bool, detail: &dyn Fn() -> String| {
            if policy.byte_range_fault(case, kind, is_fault) {
                return Err(Problem::of_range(kind, detail()));
            }
            Ok(())
        };
        refuse(kind::BYTES_TOTAL_ZERO, total == Some(0), &|| "An upload has at least one byte.".into())?;
        refuse(kind::BYTES_TOTAL_TOO_HIGH, total.is_some_and(|total| total > limits.max_total), &|| {
            format!("An upload has at most {} bytes.", limits.max_total)
        })?;
        refuse(kind::BYTES_TO_BEYOND_ALLOWED, to >= limits.max_total, &|| {
            format!("The last byte is at most {}.", limits.max_total.saturating_sub(1))
        })?;
        refuse(kind::BYTES_FROM_TOO_HIGH, from > to, &|| "Both ends of a range belong to it.".into())?;
        let known_total = total.or(case.known_total);
        refuse(kind::BYTES_TO_BEYOND_TOTAL, known_total.is_some_and(|total| to >= total), &|| {
            "Bytes are counted from zero.".into()
        })?;

        let named = case.range.len();
        refuse(kind::BYTES_TOO_LARGE, named > limits.max_segment, &|| {
            format!("A range has at most {} bytes.", limits.max_segment)
        })?;
        refuse(kind::BYTES_TOO_SMALL, named < limits.min_segment && !case.is_last(), &|| {
            format!("A range that is not the last has at least {} bytes.", limits.min_segment)
        })?;
        refuse(kind::BYTES_MISMATCH, named != case.length, &|| {
            format!("The range has {named} bytes, the file {}.", case.length)
        })?;

        let differs = total.is_some() && case.known_total.is_some() && total != case.known_total;
        refuse(kind::BYTES_DIFFERENT_TOTAL, differs, &|| {
            format!("The total was {} in an earlier segment.", case.known_total.unwrap_or_default())
        })?;
        let is_too_low = case.known_total.is_none()
            && total.is_some_and(|total| self.named().any(|range| range.to >= total));
        refuse(kind::BYTES_TOTAL_TOO_LOW, is_too_low, &|| "Bytes beyond it were received.".into())?;
        refuse(kind::BYTES_OVERLAP, self.overlaps(case.range), &|| {
            "Some of these bytes were received before.".into()
        })
    }

    fn overlaps(&self, range: ByteRange) -> bool {
        // Ranges never overlap each other, so the last that begins at or before the end is the only candidate.
        self.ranges.range(..=range.to).next_back().is_some_and(|(_, received)| received.to >= range.from)
    }
}
