//! An upload by numbered parts: which have arrived, and whether another fits.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::defect::{Defect, Defects};
use super::ledger::SegmentRecord;
use super::problem::{Problem, kind};
use super::progress::{Recalled, Segment, misframed};
use super::range::PartRange;
use super::terms::Terms;

/// The parts that arrived, by their number.
#[derive(Debug, Default)]
pub(super) struct PartsProgress {
    count: Option<u64>,
    parts: BTreeMap<u64, Received>,
    /// The number of the part that was taken last, until somebody has asked.
    latest: Option<u64>,
}

#[derive(Debug)]
struct Received {
    arrival: usize,
    segment: Segment,
}

impl PartsProgress {
    /// What had arrived before a restart.
    pub(super) fn recalled(count: Option<u64>, segments: Vec<Recalled>) -> Self {
        let received = |(number, SegmentRecord { arrival, length, .. }, piece)| {
            (number, Received { arrival, segment: Segment { length, piece } })
        };
        Self { count, parts: segments.into_iter().map(received).collect(), latest: None }
    }

    /// The number of parts, once it is known.
    pub(super) const fn count(&self) -> Option<u64> {
        self.count
    }

    /// The part that was taken last, as it must be remembered; once.
    pub(super) fn latest(&mut self) -> Option<(u64, SegmentRecord)> {
        let number = self.latest.take()?;
        let Received { arrival, segment } = self.parts.get(&number)?;
        Some((number, segment.record(number, *arrival)))
    }

    /// Takes a part, if it fits.
    pub(super) fn take(&mut self, part: PartRange, segment: Segment, terms: &Terms) -> Result<(), Problem> {
        let part = misread(part, terms.defects);
        let verdict = self.judge(part, segment.length, terms);
        if verdict.is_ok() || terms.has(Defect::RefusedPartCounts) {
            if self.parts.is_empty() || !terms.has(Defect::OpenCountNeverSettles) {
                self.count = self.count.or(part.count);
            }
            let arrival = self.parts.len();
            self.parts.insert(part.number, Received { arrival, segment });
            self.latest = Some(part.number);
        }
        verdict
    }

    /// Whether every part up to the count is there.
    pub(super) fn is_complete(&self, defects: Defects) -> bool {
        let missing = u64::from(defects.has(Defect::PartsNeverComplete));
        self.count.is_some_and(|count| self.parts.len() as u64 == count + missing)
    }

    /// How many bytes are there.
    pub(super) fn received(&self) -> u64 {
        self.parts.values().map(|part| part.segment.length).sum()
    }

    /// The segments in the order of their numbers, each with its place in the order of arrival.
    pub(super) fn segments_mut(&mut self) -> impl Iterator<Item = (usize, &mut Segment)> {
        self.parts.values_mut().map(|part| (part.arrival, &mut part.segment))
    }

    /// As a status lists them.
    pub(super) fn listed(&self, defects: Defects) -> Value {
        let mut numbers: Vec<_> = self.parts.keys().copied().collect();
        if defects.has(Defect::PartsListedUnsorted) {
            numbers.reverse();
        }
        let open = defects.has(Defect::OpenCountShownAsZero).then_some(0);
        json!({ "parts": numbers, "total": self.count.or(open) })
    }

    fn judge(&self, part: PartRange, length: u64, terms: &Terms) -> Result<(), Problem> {
        judge_count(part, terms)?;
        self.judge_number(part, terms)?;
        self.judge_length(part, length, terms)?;
        let last = self.parts.keys().next_back();
        match (self.count, part.count) {
            (Some(known), Some(named)) if known != named && !terms.has(Defect::DifferentCountAccepted) => {
                let detail = format!("The number of parts was {known} before.");
                return Err(misframed(kind::PART_DIFFERENT_COUNT, detail));
            }
            (None, Some(named))
                if last.is_some_and(|last| *last > named) && !terms.has(Defect::LateCountUnchecked) =>
            {
                return Err(misframed(kind::PART_COUNT_TOO_LOW, "A part beyond it was received."));
            }
            _ => {}
        }
        if self.parts.contains_key(&part.number) && !terms.has(Defect::RepeatedPartAccepted) {
            return Err(misframed(kind::PART_ALREADY_SENT, "A part is sent once."));
        }
        if terms.has(Defect::PartsInOrderOnly) && part.number != self.parts.len() as u64 + 1 {
            return Err(misframed(kind::PART_ALREADY_SENT, "The parts before it are missing."));
        }
        Ok(())
    }

    fn judge_number(&self, part: PartRange, terms: &Terms) -> Result<(), Problem> {
        let allowed = u64::from(terms.limits.max_parts);
        if part.number == 0 && !terms.has(Defect::PartZeroAccepted) {
            return Err(misframed(kind::PART_ZERO, "Parts are counted from one."));
        }
        if part.number > allowed && !terms.has(Defect::PartLimitUnchecked) {
            return Err(misframed(
                kind::PART_BEYOND_ALLOWED,
                format!("An upload has at most {allowed} parts."),
            ));
        }
        let beyond = part.count.or(self.count).is_some_and(|count| part.number > count);
        if beyond && !terms.has(Defect::PartBeyondCountAccepted) {
            return Err(misframed(kind::PART_BEYOND_COUNT, "The last part bears the number of parts."));
        }
        Ok(())
    }

    fn judge_length(&self, part: PartRange, length: u64, terms: &Terms) -> Result<(), Problem> {
        if length > terms.limits.max_segment {
            let detail = format!("A part has at most {} bytes.", terms.limits.max_segment);
            return Err(Problem::new(kind::FILE_TOO_LARGE, detail).of("file"));
        }
        let only = part.number == 1 && part.count == Some(1);
        let is_last = part.count.or(self.count) == Some(part.number)
            && !(only && terms.has(Defect::SinglePartTooSmall));
        let smallest = match terms.limits.min_segment {
            _ if terms.has(Defect::PartMinimumUnchecked) => 0,
            smallest if terms.has(Defect::PartMinimumOffByOne) => smallest.saturating_sub(1),
            smallest => smallest,
        };
        if length < smallest && !is_last {
            let detail = format!("A part that is not the last has at least {smallest} bytes.");
            return Err(Problem::new(kind::PART_TOO_SMALL, detail).of("file"));
        }
        Ok(())
    }
}

/// What a part says, read as planted defects read it.
fn misread(mut part: PartRange, defects: Defects) -> PartRange {
    if defects.has(Defect::CountZeroIsOpen) {
        part.count = part.count.filter(|count| *count > 0);
    }
    part
}

fn judge_count(part: PartRange, terms: &Terms) -> Result<(), Problem> {
    if part.count == Some(0) {
        return Err(misframed(kind::PART_COUNT_ZERO, "An upload has at least one part."));
    }
    let allowed = u64::from(terms.limits.max_parts);
    if part.count.is_some_and(|count| count > allowed) && !terms.has(Defect::CountLimitUnchecked) {
        return Err(misframed(kind::PART_COUNT_TOO_HIGH, format!("An upload has at most {allowed} parts.")));
    }
    Ok(())
}
