//! The decisions, and the two sides of each: the server asks a [`Policy`], a planted defect adds to [`Overrides`].
//!
//! Three kinds exist. A decision takes what the contract says and gives what is done. An edit changes something that
//! is about to be shown. A notice tells of something that happened, for defects that must remember it.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::time::Duration;

use http::HeaderMap;
use serde_json::Value;

use super::facts::{
    AcceptedSegment, ByteRangeCase, Call, Caller, Conflict, Deletion, GivenTtl, PartCase, ReceivedBytes,
    ReceivedParts, Resolution, SegmentRequest, TokenSet, TokenUse, UploadEnd, VideoFacts,
};
use crate::form::disposition::{PartHead, PartRole};
use crate::limits::Limits;
use crate::operation::Operation;
use crate::problem::{Kind, Problem};
use crate::server::answer::Answer;
use crate::state::credentials::Credentials;
use crate::state::list_query::ListQuery;
use crate::state::token::{TokenState, UploadToken};
use crate::timestamp::Timestamp;
use crate::upload::content_range::ContentRange;

macro_rules! decisions {
    (
        decide { $($(#[$decide_doc:meta])* $decide:ident($($decide_arg:ident: $decide_type:ty),*) -> $out:ty;)* }
        edit { $($(#[$edit_doc:meta])* $edit:ident($($edit_arg:ident: $edit_type:ty,)* &mut $subject:ty);)* }
        notice { $($(#[$notice_doc:meta])* $notice:ident($($notice_arg:ident: $notice_type:ty),*);)* }
    ) => {
        /// Makes every decision of the contract. The default makes them as the contract does.
        #[derive(Default)]
        pub(crate) struct Policy {
            $($decide: Vec<Box<dyn Fn($($decide_type,)* $out) -> $out + Send + Sync>>,)*
            $($edit: Vec<Box<dyn Fn($($edit_type,)* &mut $subject) + Send + Sync>>,)*
            $($notice: Vec<Box<dyn Fn($($notice_type),*) + Send + Sync>>,)*
        }

        impl Policy {
            $(
                $(#[$decide_doc])*
                pub(crate) fn $decide(&self, $($decide_arg: $decide_type,)* contract: $out) -> $out {
                    self.$decide.iter().fold(contract, |decided, bend| bend($($decide_arg,)* decided))
                }
            )*
            $(
                $(#[$edit_doc])*
                pub(crate) fn $edit(&self, $($edit_arg: $edit_type,)* subject: &mut $subject) {
                    self.$edit.iter().for_each(|bend| bend($($edit_arg,)* subject));
                }
            )*
            $(
                $(#[$notice_doc])*
                pub(crate) fn $notice(&self, $($notice_arg: $notice_type),*) {
                    self.$notice.iter().for_each(|note| note($($notice_arg),*));
                }
            )*
        }

        impl Overrides {
            $(
                $(#[$decide_doc])*
                pub(crate) fn $decide(
                    &mut self,
                    bend: impl Fn($($decide_type,)* $out) -> $out + Send + Sync + 'static,
                ) {
                    self.policy.$decide.push(Box::new(bend));
                }
            )*
            $(
                $(#[$edit_doc])*
                pub(crate) fn $edit(
                    &mut self,
                    bend: impl Fn($($edit_type,)* &mut $subject) + Send + Sync + 'static,
                ) {
                    self.policy.$edit.push(Box::new(bend));
                }
            )*
            $(
                $(#[$notice_doc])*
                pub(crate) fn $notice(
                    &mut self,
                    note: impl Fn($($notice_type),*) + Send + Sync + 'static,
                ) {
                    self.policy.$notice.push(Box::new(note));
                }
            )*
        }
    };
}

/// A policy in the making: each planted defect overrides some of its decisions.
pub(crate) struct Overrides {
    /// The sizes that the server accepts.
    #[expect(dead_code, reason = "no defect asks for them yet")]
    pub(crate) limits: Limits,
    policy: Policy,
}

impl Overrides {
    /// No overrides yet.
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, policy: Policy::default() }
    }

    /// The policy with all overrides.
    pub(crate) fn into_policy(self) -> Policy {
        self.policy
    }
}

decisions! {
    decide {
        /// Whether a request is refused before anything reads it.
        refused_at_once(call: &Call<'_>) -> Option<Problem>;
        /// Whether the rest of a body is read after its request was refused.
        drains_refused_body(call: &Call<'_>) -> bool;
        /// Whether the window of a rate limit is over.
        rate_window_over(began: Timestamp, now: Timestamp) -> bool;

        /// Who may call: `Ok` for an operation that needs no authorization, or has a good one.
        authorized(caller: &Caller<'_>) -> Result<(), Problem>;
        /// Whether the password beside an API key is the right one: the empty one.
        password_is_good(password: &str) -> bool;
        /// Whether an API key is exchanged.
        key_is_exchanged(key: &str) -> bool;
        /// Whether a refresh token is exchanged.
        refresh_token_is_exchanged(token: &str) -> bool;
        /// How long an access token is accepted.
        access_token_life() -> Duration;

        /// The `ttl` of a new token.
        ttl(given: GivenTtl<'_>) -> Result<i64, Problem>;
        /// A token that is given out again in place of a new one: never.
        reissued(ttl: i64, tokens: &TokenSet<'_>) -> Option<UploadToken>;
        /// When a token expires.
        expiry(token: &UploadToken) -> Option<Timestamp>;
        /// When the grace period of a token ends.
        grace_end(token: &UploadToken) -> Timestamp;
        /// What a token may do; `None` refuses it.
        token_state(usage: &TokenUse<'_>) -> Option<TokenState>;
        /// The token that is shown by its id.
        token_found(token: &str, now: Timestamp) -> Option<UploadToken>;
        /// The tokens that are listed, in any order.
        listed_tokens(tokens: &TokenSet<'_>) -> Vec<UploadToken>;
        /// What a list is asked for.
        list_query(query: &str) -> Result<ListQuery, Problem>;
        /// The tokens in the order that was asked for.
        ordered_tokens(query: &ListQuery) -> Vec<UploadToken>;
        /// Which of so many items stand on the page.
        page(query: &ListQuery, total: usize) -> Range<usize>;
        /// What is deleted with a token.
        deletion(token: &UploadToken, now: Timestamp) -> Deletion;
        /// Whether a request ends its token.
        spends_token(end: &UploadEnd<'_>) -> bool;

        /// What a part of a form is.
        part_role(head: &PartHead, file_seen: bool) -> PartRole;
        /// Whether a form has a fault of this kind.
        form_fault(kind: Kind) -> bool;
        /// Whether a file that was broken off counts as a whole one; the argument tells whether it has a Content-Range.
        broken_off_counts(has_range: bool) -> bool;
        /// How long a file is taken to be that arrived with this Content-Range.
        file_length(range: ContentRange, broken_off: bool) -> u64;
        /// How large a file may be.
        largest_file(headers: &HeaderMap) -> u64;

        /// By which time a segment is judged.
        judged_at(segment: &SegmentRequest<'_>) -> Timestamp;
        /// What a Content-Range says.
        content_range(header: &str) -> ContentRange;
        /// Whether a segment continues an upload, rather than beginning one.
        continues(segment: &SegmentRequest<'_>) -> bool;
        /// Whether a segment may continue this video; none when there is no such video.
        may_continue(segment: &SegmentRequest<'_>, video: Option<&VideoFacts<'_>>) -> Result<(), Problem>;
        /// Whether a segment may begin an upload; its token has begun these videos before.
        may_begin(segment: &SegmentRequest<'_>, begun: &[String]) -> Result<(), Problem>;
        /// The video that is answered in place of a new one: none.
        existing_video(segment: &SegmentRequest<'_>, begun: &[String]) -> Option<String>;
        /// The id of a deleted video that a segment brings back: none.
        revived_video(segment: &SegmentRequest<'_>) -> Option<String>;
        /// The title of a video that an upload token begins.
        title(video_id: &str) -> String;
        /// Whether the key may upload into a video.
        may_upload_with_key(video: &VideoFacts<'_>) -> bool;

        /// Whether a byte range has a fault of this kind.
        byte_range_fault(case: &ByteRangeCase<'_>, kind: Kind) -> bool;
        /// Whether a byte range is kept.
        byte_range_counts(case: &ByteRangeCase<'_>) -> bool;
        /// The total of the upload once a byte range was taken.
        settled_total(case: &ByteRangeCase<'_>) -> Option<u64>;
        /// Whether an upload by byte ranges is complete.
        bytes_complete(received: &ReceivedBytes<'_>) -> bool;
        /// Whether a part has a fault of this kind.
        part_fault(case: &PartCase<'_>, kind: Kind) -> bool;
        /// Whether a part is kept.
        part_counts(case: &PartCase<'_>) -> bool;
        /// The number of parts of the upload once a part was taken.
        settled_count(case: &PartCase<'_>) -> Option<u64>;
        /// Whether an upload by parts is complete.
        parts_complete(received: &ReceivedParts<'_>) -> bool;
        /// What happens to a segment that does not go with its upload.
        conflict(conflict: &Conflict) -> Resolution;
        /// Whether a segment is kept that arrived side by side with another of its upload.
        keeps_side_by_side(range: ContentRange) -> bool;

        /// Whether a video that was not deleted is still there.
        video_exists(video: &VideoFacts<'_>, now: Timestamp) -> bool;
        /// How a date-time is written.
        date_time(time: Timestamp) -> String;

        /// Whether segments are put together in the order in which they arrived.
        assembles_in_arrival_order() -> bool;
        /// What happens to a file when a segment, or the last of them, has been appended.
        segment_appended(file: &File, is_last: bool) -> io::Result<()>;
    }
    edit {
        /// The access token of an answer to a request that showed this secret.
        access_token_shown(operation: Operation, secret: &str, &mut Value);
        /// An upload token of an answer.
        token_shown(token: &UploadToken, &mut Value);
        /// A video of an answer.
        video_shown(video: &VideoFacts<'_>, &mut Value);
        /// The answer to a segment.
        segment_answered(segment: &AcceptedSegment, &mut Value);
        /// The status of a video.
        status_shown(video: &VideoFacts<'_>, now: Timestamp, &mut Value);
        /// A whole answer, as it is about to be sent.
        answer(call: &Call<'_>, &mut Answer);
        /// Credentials as they were read.
        credentials(headers: &HeaderMap, &mut Result<Credentials, Problem>);
    }
    notice {
        /// An upload token was created.
        token_created(token: &UploadToken);
        /// An upload token was deleted.
        token_deleted(token: &UploadToken, now: Timestamp);
        /// The first segment of an upload was refused.
        first_segment_refused(token: &str);
        /// A video was deleted.
        video_deleted(video: &VideoFacts<'_>);
    }
}
