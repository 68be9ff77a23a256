//! An upload by numbered parts: which have arrived, and whether another fits.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::content_range::PartRange;
use super::segment::{RestoredSegment, Segment, UploadContext};
use crate::database::record::SegmentRecord;
use crate::policy::decisions::Policy;
use crate::policy::facts::{PartCase, ReceivedParts};
use crate::problem::{Kind, Problem, kind};
use crate::settings::Settings;

/// The parts that arrived, by their number.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    count: Option<u64>,
    by_number: BTreeMap<u64, Received>,
    /// The number of the part that was taken last, until it has been recorded.
    unrecorded: Option<u64>,
}

#[derive(Debug)]
struct Received {
    arrival: usize,
    segment: Segment,
}

impl Parts {
    /// What had arrived before a restart.
    pub(crate) fn restored(count: Option<u64>, segments: Vec<RestoredSegment>) -> Self {
        let received = |(number, SegmentRecord { arrival, length, .. }, piece)| {
            (number, Received { arrival, segment: Segment { length, piece } })
        };
        Self { count, by_number: segments.into_iter().map(received).collect(), unrecorded: None }
    }

    /// The number of parts, once it is known.
    pub(crate) const fn count(&self) -> Option<u64> {
        self.count
    }

    /// The part that was taken last, for the database; once.
    pub(crate) fn unrecorded(&mut self) -> Option<(u64, SegmentRecord)> {
        let number = self.unrecorded.take()?;
        let Received { arrival, segment } = self.by_number.get(&number)?;
        Some((number, segment.record(number, *arrival)))
    }

    /// Takes a part, if it fits.
    pub(crate) fn take(
        &mut self,
        part: PartRange,
        segment: Segment,
        context: UploadContext,
        settings: &Settings,
    ) -> Result<(), Problem> {
        let received = || self.by_number.keys().copied().collect();
        let case = PartCase {
            part,
            length: segment.length,
            known_count: self.count,
            received: &received,
            limits: &settings.limits,
            in_grace: context.in_grace,
        };
        let policy = &settings.policy;
        let verdict = self.check(&case, policy);
        if !policy.part_counts(&case, verdict.is_ok()) {
            return verdict;
        }
        self.count = policy.settled_count(&case, self.count.or(part.count));
        let arrival = self.by_number.len();
        self.by_number.insert(part.number, Received { arrival, segment });
        self.unrecorded = Some(part.number);
        verdict
    }

    /// Whether every part up to the count is there.
    pub(crate) fn is_complete(&self, policy: &Policy) -> bool {
        let parts = || self.by_number.keys().copied().collect();
        let received = ReceivedParts {
            count: self.count,
            received: self.by_number.len() as u64,
            parts: &parts,
            last_length: self.by_number.values().next_back().map_or(0, |part| part.segment.length),
        };
        policy.parts_complete(&received, self.count == Some(received.received))
    }

    /// How many bytes are there.
    pub(crate) fn received(&self) -> u64 {
        self.by_number.values().map(|part| part.segment.length).sum()
    }

    /// The segments in the order of their numbers, each with its place in the order of arrival.
    pub(crate) fn segments_mut(&mut self) -> impl Iterator<Item = (usize, &mut Segment)> {
        self.by_number.values_mut().map(|part| (part.arrival, &mut part.segment))
    }

    /// As a status lists them.
    pub(crate) fn listed(&self) -> Value {
        json!({ "parts": self.by_number.keys().collect::<Vec<_>>(), "total": self.count })
    }

    /// What the contract says of a part, fault by fault. The first one is answered.
    fn check(&self, case: &PartCase<'_>, policy: &Policy) -> Result<(), Problem> {
        let PartRange { number, count } = case.part;
        let limits = case.limits;
        let allowed = u64::from(limits.max_parts);
        let refuse = |kind: Kind, is_fault: bool, detail: &dyn Fn() -> String| {
            if policy.part_fault(case, kind, is_fault) {
                return Err(Problem::of_range(kind, detail()));
            }
            Ok(())
        };
        refuse(kind::PART_COUNT_ZERO, count == Some(0), &|| "An upload has at least one part.".into())?;
        refuse(kind::PART_COUNT_TOO_HIGH, count.is_some_and(|count| count > allowed), &|| {
            format!("An upload has at most {allowed} parts.")
        })?;
        refuse(kind::PART_ZERO, number == 0, &|| "Parts are counted from one.".into())?;
        refuse(kind::PART_BEYOND_ALLOWED, number > allowed, &|| {
            format!("An upload has at most {allowed} parts.")
        })?;
        let known_count = count.or(case.known_count);
        refuse(kind::PART_BEYOND_COUNT, known_count.is_some_and(|count| number > count), &|| {
            "The last part has the number of parts.".into()
        })?;

        refuse(kind::FILE_TOO_LARGE, case.length > limits.max_segment, &|| {
            format!("A part has at most {} bytes.", limits.max_segment)
        })
        .map_err(|problem| problem.of("file"))?;
        refuse(kind::PART_TOO_SMALL, case.length < limits.min_segment && !case.is_last(), &|| {
            format!("A part that is not the last has at least {} bytes.", limits.min_segment)
        })
        .map_err(|problem| problem.of("file"))?;

        let differs = count.is_some() && case.known_count.is_some() && count != case.known_count;
        refuse(kind::PART_DIFFERENT_COUNT, differs, &|| {
            format!("The number of parts was {} in an earlier part.", case.known_count.unwrap_or_default())
        })?;
        let highest = self.by_number.keys().next_back().copied().unwrap_or_default();
        let is_too_low = case.known_count.is_none() && count.is_some_and(|count| highest > count);
        refuse(kind::PART_COUNT_TOO_LOW, is_too_low, &|| "A part beyond it was received.".into())?;
        refuse(kind::PART_ALREADY_SENT, self.by_number.contains_key(&number), &|| {
            "This part was sent before.".into()
        })
    }
}
