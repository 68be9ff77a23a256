//! The time after expiry, in which an upload may be completed, is counted or limited wrongly.

use super::entry::Entry;
use crate::policy::decisions::Overrides;
use crate::policy::facts::{SegmentRequest, VideoFacts};
use crate::problem::{Problem, kind};
use crate::state::token::TokenState;
use crate::timestamp::Timestamp;
use crate::upload::content_range::ContentRange;

pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new("grace-of-23-hours", "11.5", "The grace period ends an hour early.", |policy| {
        policy.grace_end(|_, end| end.plus_seconds(-3600));
    }),
    Entry::new("grace-of-25-hours", "11.7", "The grace period ends an hour late.", |policy| {
        policy.grace_end(|_, end| end.plus_seconds(3600));
    }),
    Entry::new(
        "grace-never-ends",
        "11.7",
        "An upload started in time may be completed indefinitely.",
        |policy| {
            policy.grace_end(|_, _| Timestamp::LATEST);
        },
    ),
    Entry::new("no-grace-for-bytes", "11.5", "Byte ranges have no grace period.", |policy| {
        ended(policy, |segment, _| is_in_grace(segment) && matches!(segment.range, ContentRange::Bytes(_)));
    }),
    Entry::new("no-grace-for-parts", "11.5", "Parts have no grace period.", |policy| {
        ended(policy, |segment, _| is_in_grace(segment) && matches!(segment.range, ContentRange::Part(_)));
    }),
    Entry::new(
        "grace-from-first-segment",
        "11.6",
        "The grace period starts with the first segment.",
        |policy| {
            ended(policy, |segment, video| {
                is_in_grace(segment) && segment.now >= video.created.plus_seconds(video.grace_seconds)
            });
        },
    ),
    Entry::new(
        "uploaded-when-grace-ends",
        "11.7",
        "An upload that is incomplete when the grace period ends is shown as uploaded.",
        |policy| {
            policy.status_shown(|video, now, status| {
                if video.framing.is_some() && is_over(video, now) {
                    status["ingest"]["status"] = "uploaded".into();
                    status["ingest"]["filesize"] = video.received.into();
                }
            });
        },
    ),
    Entry::new(
        "grace-in-order-only",
        "9.10",
        "In the grace period a segment must directly follow the previous one.",
        |policy| {
            policy.byte_range_fault(|case, kind, contract| {
                let is_out_of_order = case.in_grace && case.range.from != case.received_bytes();
                contract || kind == kind::BYTES_OVERLAP && is_out_of_order
            });
            policy.part_fault(|case, kind, contract| {
                let is_out_of_order = case.in_grace && case.part.number != (case.received)().len() as u64 + 1;
                contract || kind == kind::PART_ALREADY_SENT && is_out_of_order
            });
        },
    ),
    Entry::new(
        "grace-for-any-video",
        "11.8",
        "An expired token in its grace period continues videos that it did not start.",
        |policy| any_video(policy, TokenState::Grace),
    ),
    Entry::new(
        "active-token-takes-any-video",
        "7.7",
        "A token that has not expired continues videos that it did not start.",
        |policy| any_video(policy, TokenState::Active),
    ),
    Entry::new(
        "completed-in-grace-removed",
        "11.9",
        "A video completed in the grace period is deleted when the grace period ends.",
        |policy| {
            policy.video_exists(|video, now, contract| {
                let in_grace = video.token_expires.is_some_and(|expires| video.updated >= expires);
                contract && !(video.complete && in_grace && is_over(video, now))
            });
        },
    ),
    Entry::new(
        "unexpiring-upload-ends",
        "11.10",
        "An upload of a token without ttl must be complete after a day.",
        |policy| {
            ended(policy, |segment, video| {
                video.token_expires.is_none() && segment.now >= video.created.plus_seconds(86_400)
            });
        },
    ),
];

/// Ends uploads that may continue.
pub(crate) fn ended(
    policy: &mut Overrides,
    is_ended: impl Fn(&SegmentRequest<'_>, &VideoFacts<'_>) -> bool + Send + Sync + 'static,
) {
    policy.may_continue(move |segment, video, contract| match video {
        Some(video) if is_ended(segment, video) => {
            contract.and(Err(Problem::token_refused("The time of this upload has ended.")))
        }
        _ => contract,
    });
}

fn any_video(policy: &mut Overrides, state: TokenState) {
    policy.may_continue(
        move |segment, video, contract| {
            if segment.state == Some(state) && video.is_some() { Ok(()) } else { contract }
        },
    );
}

pub(crate) fn is_in_grace(segment: &SegmentRequest<'_>) -> bool {
    segment.state == Some(TokenState::Grace)
}

/// Whether the time to complete a video is over.
fn is_over(video: &VideoFacts<'_>, now: Timestamp) -> bool {
    video.token_expires.is_some_and(|expires| now >= expires.plus_seconds(video.grace_seconds))
}
