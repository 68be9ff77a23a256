//! What has arrived of an upload, and how that is listed. It knows neither clients nor time; whether a further segment
//! fits is judged by `byte_ranges` and `parts`.

use serde_json::Value;

use super::byte_ranges::ByteRanges;
use super::content_range::ContentRange;
use super::framing::Framing;
use super::parts::Parts;
use super::segment::{RestoredSegment, Segment, UploadContext};
use crate::database::record::SegmentRecord;
use crate::policy::decisions::Policy;
use crate::policy::facts::{Conflict, Resolution};
use crate::problem::{Problem, kind};
use crate::settings::Settings;
use crate::store::Piece;

/// An upload that was begun.
#[derive(Debug)]
pub(crate) enum Progress {
    /// The file came in one request.
    Whole(Segment),
    /// It comes by byte ranges.
    Bytes(ByteRanges),
    /// It comes by parts.
    Parts(Parts),
}

impl Progress {
    /// Takes a segment, if it fits: behind those that `begun` holds, or as the first. A segment that is refused leaves
    /// no trace.
    pub(crate) fn take(
        begun: &mut Option<Self>,
        range: ContentRange,
        segment: Segment,
        context: UploadContext,
        settings: &Settings,
    ) -> Result<(), Problem> {
        if let Some(progress) = begun
            && let Some(problem) = progress.conflict_with(range, &settings.policy)
        {
            let conflict = Conflict {
                begun: progress.framing(),
                complete: progress.is_complete(&settings.policy),
                incoming: range.framing().unwrap_or(Framing::Whole),
            };
            match settings.policy.conflict(&conflict, Resolution::Refuse) {
                Resolution::Refuse => return Err(problem),
                Resolution::Acknowledge => return Ok(()),
                Resolution::Replace => *begun = None,
            }
        }
        match (begun.as_mut(), range) {
            (Some(Self::Bytes(bytes)), ContentRange::Bytes(range)) => {
                bytes.take(range, segment, context, settings)
            }
            (Some(Self::Parts(parts)), ContentRange::Part(part)) => {
                parts.take(part, segment, context, settings)
            }
            (_, ContentRange::Bytes(range)) => {
                let mut bytes = ByteRanges::default();
                let taken = bytes.take(range, segment, context, settings);
                if taken.is_ok() {
                    *begun = Some(Self::Bytes(bytes));
                }
                taken
            }
            (_, ContentRange::Part(part)) => {
                let mut parts = Parts::default();
                let taken = parts.take(part, segment, context, settings);
                if taken.is_ok() {
                    *begun = Some(Self::Parts(parts));
                }
                taken
            }
            (_, ContentRange::Absent | ContentRange::Malformed) => {
                *begun = Some(Self::Whole(segment));
                Ok(())
            }
        }
    }

    /// Why a segment cannot continue this upload, whatever it holds: the upload is complete, or framed otherwise.
    fn conflict_with(&self, range: ContentRange, policy: &Policy) -> Option<Problem> {
        if self.is_complete(policy) {
            return Some(Problem::new(kind::SOURCE_ALREADY_UPLOADED, "A video accepts one source, once."));
        }
        match (self.framing(), range.framing()) {
            (Framing::Bytes, Some(Framing::Parts)) => {
                Some(Problem::of_range(kind::STARTED_WITH_BYTES, "It cannot continue by parts."))
            }
            (Framing::Parts, Some(Framing::Bytes)) => {
                Some(Problem::of_range(kind::STARTED_WITH_PART, "It cannot continue by byte ranges."))
            }
            (begun, Some(incoming)) if begun == incoming && begun != Framing::Whole => None,
            _ => Some(Problem::new(kind::ALREADY_INITIATED, "The upload continues with a Content-Range.")),
        }
    }

    /// What had arrived before a restart; nothing, if no segment had.
    pub(crate) fn restored(
        framing: Framing,
        total: Option<u64>,
        segments: Vec<RestoredSegment>,
    ) -> Option<Self> {
        Some(match framing {
            Framing::Whole => {
                let (_, SegmentRecord { length, .. }, piece) = segments.into_iter().next()?;
                Self::Whole(Segment { length, piece })
            }
            Framing::Bytes => Self::Bytes(ByteRanges::restored(total, segments)),
            Framing::Parts => Self::Parts(Parts::restored(total, segments)),
        })
    }

    /// How it is framed.
    pub(crate) const fn framing(&self) -> Framing {
        match self {
            Self::Whole(_) => Framing::Whole,
            Self::Bytes(_) => Framing::Bytes,
            Self::Parts(_) => Framing::Parts,
        }
    }

    /// The total, or the number of parts, once it is known.
    pub(crate) const fn total(&self) -> Option<u64> {
        match self {
            Self::Whole(_) => None,
            Self::Bytes(bytes) => bytes.total(),
            Self::Parts(parts) => parts.count(),
        }
    }

    /// The segment that was taken last, by its first byte or its number, for the database; once.
    pub(crate) fn unrecorded(&mut self) -> Option<(u64, SegmentRecord)> {
        match self {
            Self::Whole(segment) => Some((0, segment.record(0, 0))),
            Self::Bytes(bytes) => bytes.unrecorded(),
            Self::Parts(parts) => parts.unrecorded(),
        }
    }

    /// Whether everything is there.
    pub(crate) fn is_complete(&self, policy: &Policy) -> bool {
        match self {
            Self::Whole(_) => true,
            Self::Bytes(bytes) => bytes.is_complete(policy),
            Self::Parts(parts) => parts.is_complete(policy),
        }
    }

    /// How many bytes are there.
    pub(crate) fn received(&self) -> u64 {
        match self {
            Self::Whole(segment) => segment.length,
            Self::Bytes(bytes) => bytes.received(),
            Self::Parts(parts) => parts.received(),
        }
    }

    /// Takes the segments' files, in the order of the whole: once they can be put together, or once nobody can
    /// complete them any more.
    pub(crate) fn release(&mut self, policy: &Policy) -> Vec<Piece> {
        let mut segments: Vec<(usize, &mut Segment)> = match self {
            Self::Whole(segment) => vec![(0, segment)],
            Self::Bytes(bytes) => bytes.segments_mut().collect(),
            Self::Parts(parts) => parts.segments_mut().collect(),
        };
        if policy.assembles_in_arrival_order(false) {
            segments.sort_by_key(|(arrival, _)| *arrival);
        }
        segments
            .into_iter()
            .map(|(_, segment)| std::mem::replace(&mut segment.piece, Piece::Nothing))
            .collect()
    }

    /// The member of a video's status that lists what arrived.
    pub(crate) fn listed(&self) -> Option<(&'static str, Value)> {
        match self {
            Self::Whole(_) => None,
            Self::Bytes(bytes) => Some(("receivedBytes", bytes.listed())),
            Self::Parts(parts) => Some(("receivedParts", parts.listed())),
        }
    }
}
