//! An upload by byte ranges: which have arrived, and whether another fits.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::defect::{Defect, Defects};
use super::ledger::SegmentRecord;
use super::problem::{Problem, kind};
use super::progress::{Recalled, Segment, misframed};
use super::range::ByteRange;
use super::terms::Terms;

/// The byte ranges that arrived, by their first byte.
#[derive(Debug, Default)]
pub(super) struct BytesProgress {
    total: Option<u64>,
    ranges: BTreeMap<u64, Received>,
    /// The first byte of the range that was taken last, until somebody has asked.
    latest: Option<u64>,
}

#[derive(Debug)]
struct Received {
    to: u64,
    arrival: usize,
    segment: Segment,
}

impl BytesProgress {
    /// What had arrived before a restart.
    pub(super) fn recalled(total: Option<u64>, segments: Vec<Recalled>) -> Self {
        let received = |(from, SegmentRecord { to, arrival, length, .. }, piece)| {
            (from, Received { to, arrival, segment: Segment { length, piece } })
        };
        Self { total, ranges: segments.into_iter().map(received).collect(), latest: None }
    }

    /// The total, once it is known.
    pub(super) const fn total(&self) -> Option<u64> {
        self.total
    }

    /// The range that was taken last, as it must be remembered; once.
    pub(super) fn latest(&mut self) -> Option<(u64, SegmentRecord)> {
        let from = self.latest.take()?;
        let Received { to, arrival, segment } = self.ranges.get(&from)?;
        Some((from, segment.record(*to, *arrival)))
    }

    /// Takes a range, if it fits.
    pub(super) fn take(&mut self, range: ByteRange, segment: Segment, terms: &Terms) -> Result<(), Problem> {
        let range = misread(range, terms.defects);
        let verdict = self.judge(range, segment.length, terms);
        if verdict.is_ok() || (range.from <= range.to && terms.has(Defect::RefusedRangeCounts)) {
            if self.ranges.is_empty() || !terms.has(Defect::LateTotalIgnored) {
                self.total = self.total.or(range.total);
            }
            let arrival = self.ranges.len();
            self.ranges.insert(range.from, Received { to: range.to, arrival, segment });
            self.latest = Some(range.from);
        }
        verdict
    }

    /// Whether every byte up to the total is there.
    pub(super) fn is_complete(&self, defects: Defects) -> bool {
        let Some(total) = self.total else { return false };
        let last_is_there = || self.ranges.values().any(|range| range.to.saturating_add(1) == total);
        self.received() == total || (defects.has(Defect::UploadedAtLastByte) && last_is_there())
    }

    /// How many bytes are there; accepted ranges do not overlap.
    pub(super) fn received(&self) -> u64 {
        self.named().map(ByteRange::len).fold(0, u64::saturating_add)
    }

    /// The segments in the order of their bytes, each with its place in the order of arrival.
    pub(super) fn segments_mut(&mut self) -> impl Iterator<Item = (usize, &mut Segment)> {
        self.ranges.values_mut().map(|range| (range.arrival, &mut range.segment))
    }

    /// As a status lists them.
    pub(super) fn listed(&self, defects: Defects) -> Value {
        let mut ranges: Vec<ByteRange> = self.named().collect();
        if defects.has(Defect::ReceivedBytesMerged) {
            ranges = ranges.into_iter().fold(Vec::new(), |mut merged: Vec<ByteRange>, range| {
                match merged.last_mut() {
                    Some(last) if last.to.saturating_add(1) == range.from => last.to = range.to,
                    _ => merged.push(range),
                }
                merged
            });
        }
        let beyond = u64::from(defects.has(Defect::ReceivedBytesEndExclusive));
        let one =
            |range: ByteRange| json!({"from": range.from, "to": range.to + beyond, "total": range.total});
        ranges.into_iter().map(one).collect()
    }

    fn named(&self) -> impl Iterator<Item = ByteRange> {
        self.ranges.iter().map(|(from, range)| ByteRange { from: *from, to: range.to, total: self.total })
    }

    fn judge(&self, range: ByteRange, length: u64, terms: &Terms) -> Result<(), Problem> {
        judge_total(range, terms)?;
        self.judge_ends(range, terms)?;
        self.judge_length(range, length, terms)?;
        match (self.total, range.total) {
            (Some(known), Some(named)) if known != named && !terms.has(Defect::DifferentTotalAccepted) => {
                let detail = format!("The total was {known} before.");
                return Err(misframed(kind::BYTES_DIFFERENT_TOTAL, detail));
            }
            (None, Some(named))
                if self.named().any(|range| range.to >= named) && !terms.has(Defect::LateTotalUnchecked) =>
            {
                return Err(misframed(kind::BYTES_TOTAL_TOO_LOW, "Bytes beyond it were received."));
            }
            _ => {}
        }
        if self.overlaps(range, terms.defects) {
            return Err(misframed(kind::BYTES_OVERLAP, "Some of these bytes were received before."));
        }
        if terms.has(Defect::RangesInOrderOnly) && range.from != self.received() {
            return Err(misframed(kind::BYTES_OVERLAP, "The ranges before it are missing."));
        }
        Ok(())
    }

    fn judge_ends(&self, range: ByteRange, terms: &Terms) -> Result<(), Problem> {
        let ByteRange { from, to, total } = range;
        if to >= terms.limits.max_total && !terms.has(Defect::HighestByteUnchecked) {
            let detail = format!("The last byte is at most {}.", terms.limits.max_total.saturating_sub(1));
            return Err(misframed(kind::BYTES_TO_BEYOND_ALLOWED, detail));
        }
        if from > to {
            return Err(misframed(kind::BYTES_FROM_TOO_HIGH, "Both ends of a range belong to it."));
        }
        let total = total.or(self.total);
        if total.is_some_and(|total| to >= total) && !terms.has(Defect::RangeBeyondTotalAccepted) {
            return Err(misframed(kind::BYTES_TO_BEYOND_TOTAL, "Bytes are counted from zero."));
        }
        Ok(())
    }

    fn judge_length(&self, range: ByteRange, length: u64, terms: &Terms) -> Result<(), Problem> {
        let named = range.len();
        if named > terms.limits.max_segment && !terms.has(Defect::RangeMaximumUnchecked) {
            let detail = format!("A range has at most {} bytes.", terms.limits.max_segment);
            return Err(misframed(kind::BYTES_TOO_LARGE, detail));
        }
        let is_last = range.total.or(self.total) == Some(range.to.saturating_add(1));
        let smallest = match terms.limits.min_segment {
            smallest if terms.has(Defect::SmallestRangeRefused) => smallest + 1,
            smallest if terms.has(Defect::RangeMinimumOffByOne) => smallest.saturating_sub(1),
            smallest => smallest,
        };
        if named < smallest && (!is_last || terms.has(Defect::SmallLastRangeRefused)) {
            let detail = format!("A range that is not the last has at least {smallest} bytes.");
            return Err(misframed(kind::BYTES_TOO_SMALL, detail));
        }
        if named != length && !terms.has(Defect::RangeLengthUnchecked) {
            let detail = format!("The range has {named} bytes, the file {length}.");
            return Err(misframed(kind::BYTES_MISMATCH, detail));
        }
        Ok(())
    }

    fn overlaps(&self, range: ByteRange, defects: Defects) -> bool {
        if defects.has(Defect::OverlapAccepted) {
            return false;
        }
        let again = self.ranges.get(&range.from).is_some_and(|received| received.to == range.to);
        if again && defects.has(Defect::RepeatedRangeAccepted) {
            return false;
        }
        let from = range.from + u64::from(defects.has(Defect::OverlapByOneByteAccepted));
        // Ranges never overlap each other, so the last that begins at or before the end is the only candidate.
        self.ranges.range(..=range.to).next_back().is_some_and(|(_, received)| received.to >= from)
    }
}

/// What a range says, read as planted defects read it.
fn misread(mut range: ByteRange, defects: Defects) -> ByteRange {
    if defects.has(Defect::ReversedRangeAccepted) && range.from > range.to {
        (range.from, range.to) = (range.to, range.from);
    }
    if defects.has(Defect::RangeEndExclusive) {
        range.to = range.to.saturating_sub(1);
    }
    if defects.has(Defect::OffsetsCutTo32Bits) {
        range.from &= u64::from(u32::MAX);
        range.to &= u64::from(u32::MAX);
    }
    if defects.has(Defect::TotalZeroIsOpen) {
        range.total = range.total.filter(|total| *total > 0);
    }
    range
}

fn judge_total(range: ByteRange, terms: &Terms) -> Result<(), Problem> {
    if range.total == Some(0) {
        return Err(misframed(kind::BYTES_TOTAL_ZERO, "An upload has at least one byte."));
    }
    let largest = terms.limits.max_total;
    if range.total.is_some_and(|total| total > largest) && !terms.has(Defect::TotalLimitUnchecked) {
        return Err(misframed(kind::BYTES_TOTAL_TOO_HIGH, format!("An upload has at most {largest} bytes.")));
    }
    Ok(())
}
