//! What has arrived of an upload, and how that is listed. It knows neither callers nor time; whether a further segment
//! fits is judged by `bytes_progress` and
//! `parts_progress`.

use serde_json::Value;

use super::bytes_progress::BytesProgress;
use super::defect::{Defect, Defects};
use super::ledger::{Framing, SegmentRecord};
use super::parts_progress::PartsProgress;
use super::problem::{Kind, Problem, kind};
use super::range::ContentRange;
use super::store::Piece;
use super::terms::Terms;

/// An upload under way, or done.
#[derive(Debug)]
pub(super) enum Progress {
    /// The file came in one request.
    Whole(Segment),
    /// It comes by byte ranges.
    Bytes(BytesProgress),
    /// It comes by parts.
    Parts(PartsProgress),
}

/// The bytes of one request.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) length: u64,
    pub(super) piece: Piece,
}

impl Segment {
    /// What must be remembered of it, in its place.
    pub(super) fn record(&self, to: u64, arrival: usize) -> SegmentRecord {
        SegmentRecord { to, arrival, length: self.length, file: self.piece.name() }
    }
}

/// A segment as it is remembered, by its first byte or its number, and its bytes.
pub(super) type Recalled = (u64, SegmentRecord, Piece);

impl Progress {
    /// Takes a segment, if it fits: behind those that `begun` holds, or as the first. A segment that is refused leaves
    /// no trace.
    pub(super) fn take(
        begun: &mut Option<Self>,
        range: Option<ContentRange>,
        segment: Segment,
        terms: &Terms,
    ) -> Result<(), Problem> {
        let complete = begun.as_ref().is_some_and(|progress| progress.is_complete(terms.defects));
        if range.is_none() && begun.is_some() {
            let replaces = if complete { Defect::SourceReplaced } else { Defect::PlainAfterRangesAccepted };
            if terms.has(replaces) {
                *begun = None;
            }
        }
        if begun.is_some() && complete {
            if range.is_some() && terms.has(Defect::CompleteUploadAcceptsRanges) {
                return Ok(());
            }
            return Err(Problem::new(kind::SOURCE_ALREADY_UPLOADED, "A video takes one source, once."));
        }
        match (begun.as_mut(), range) {
            (Some(_), None) => {
                Err(Problem::new(kind::ALREADY_INITIATED, "The upload goes on with a Content-Range."))
            }
            (Some(Self::Bytes(_)), Some(ContentRange::Part(_))) => {
                let lost = terms.has(Defect::PartAfterBytesAcknowledged);
                if lost {
                    Ok(())
                } else {
                    Err(misframed(kind::STARTED_WITH_BYTES, "It cannot go on by parts."))
                }
            }
            (Some(Self::Parts(_)), Some(ContentRange::Bytes(_))) => {
                let lost = terms.has(Defect::BytesAfterPartAcknowledged);
                if lost {
                    Ok(())
                } else {
                    Err(misframed(kind::STARTED_WITH_PART, "It cannot go on by byte ranges."))
                }
            }
            (Some(Self::Whole(_)), Some(_)) => {
                Err(Problem::new(kind::SOURCE_ALREADY_UPLOADED, "A video takes one source, once."))
            }
            (Some(Self::Bytes(bytes)), Some(ContentRange::Bytes(range))) => bytes.take(range, segment, terms),
            (Some(Self::Parts(parts)), Some(ContentRange::Part(range))) => parts.take(range, segment, terms),
            (None, None) => {
                *begun = Some(Self::Whole(segment));
                Ok(())
            }
            (None, Some(ContentRange::Bytes(range))) => {
                let mut bytes = BytesProgress::default();
                bytes.take(range, segment, terms)?;
                *begun = Some(Self::Bytes(bytes));
                Ok(())
            }
            (None, Some(ContentRange::Part(range))) => {
                let mut parts = PartsProgress::default();
                parts.take(range, segment, terms)?;
                *begun = Some(Self::Parts(parts));
                Ok(())
            }
        }
    }

    /// What had arrived before a restart; nothing, if no segment had.
    pub(super) fn recalled(framing: Framing, total: Option<u64>, segments: Vec<Recalled>) -> Option<Self> {
        Some(match framing {
            Framing::Whole => {
                let (_, SegmentRecord { length, .. }, piece) = segments.into_iter().next()?;
                Self::Whole(Segment { length, piece })
            }
            Framing::Bytes => Self::Bytes(BytesProgress::recalled(total, segments)),
            Framing::Parts => Self::Parts(PartsProgress::recalled(total, segments)),
        })
    }

    /// How it is framed.
    pub(super) const fn framing(&self) -> Framing {
        match self {
            Self::Whole(_) => Framing::Whole,
            Self::Bytes(_) => Framing::Bytes,
            Self::Parts(_) => Framing::Parts,
        }
    }

    /// The total, or the number of parts, once it is known.
    pub(super) const fn total(&self) -> Option<u64> {
        match self {
            Self::Whole(_) => None,
            Self::Bytes(bytes) => bytes.total(),
            Self::Parts(parts) => parts.count(),
        }
    }

    /// The segment that was taken last, by its first byte or its number, as it must be remembered; once.
    pub(super) fn latest(&mut self) -> Option<(u64, SegmentRecord)> {
        match self {
            Self::Whole(segment) => Some((0, segment.record(0, 0))),
            Self::Bytes(bytes) => bytes.latest(),
            Self::Parts(parts) => parts.latest(),
        }
    }

    /// Whether everything is there.
    pub(super) fn is_complete(&self, defects: Defects) -> bool {
        match self {
            Self::Whole(_) => true,
            Self::Bytes(bytes) => bytes.is_complete(defects),
            Self::Parts(parts) => parts.is_complete(defects),
        }
    }

    /// How many bytes are there.
    pub(super) fn received(&self) -> u64 {
        match self {
            Self::Whole(segment) => segment.length,
            Self::Bytes(bytes) => bytes.received(),
            Self::Parts(parts) => parts.received(),
        }
    }

    /// Lets the segments' bytes go, in the order of the whole: once they can be put together, or once nobody can
    /// complete them any more.
    pub(super) fn release(&mut self, defects: Defects) -> Vec<Piece> {
        let mut segments: Vec<(usize, &mut Segment)> = match self {
            Self::Whole(segment) => vec![(0, segment)],
            Self::Bytes(bytes) => bytes.segments_mut().collect(),
            Self::Parts(parts) => parts.segments_mut().collect(),
        };
        if defects.has(Defect::AssembledInArrivalOrder) {
            segments.sort_by_key(|(arrival, _)| *arrival);
        }
        segments
            .into_iter()
            .map(|(_, segment)| std::mem::replace(&mut segment.piece, Piece::Nothing))
            .collect()
    }

    /// The member of a video's status that lists what arrived.
    pub(super) fn listed(&self, defects: Defects) -> Option<(&'static str, Value)> {
        match self {
            Self::Whole(_) => None,
            Self::Bytes(bytes) => Some(("receivedBytes", bytes.listed(defects))),
            Self::Parts(parts) => Some(("receivedParts", parts.listed(defects))),
        }
    }
}

/// A problem of the `Content-Range`.
pub(super) fn misframed(kind: Kind, detail: impl Into<String>) -> Problem {
    Problem::new(kind, detail).of("Content-Range")
}
