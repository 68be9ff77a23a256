//! Everything that the server remembers, behind one lock that is held only while a decision is made.
//!
//! A segment is judged here as a whole once it has arrived completely: its credentials at that time, then its form,
//! then its place. Deciding and accepting are one step, so of two segments side by side that exclude each other one
//! is accepted.

use std::collections::HashMap;

use super::access::Access;
use super::credentials::Credentials;
use super::details::Details;
use super::token::TokenState;
use super::tokens::Tokens;
use super::video::{Video, Videos};
use crate::database::change::{Change, ChangeSet};
use crate::database::record::{Kept, StoredState};
use crate::ids::IdGenerator;
use crate::policy::facts::{Deletion, SegmentRequest, Stage};
use crate::problem::{Problem, kind};
use crate::settings::Settings;
use crate::store::{Assembled, Held, Piece};
use crate::timestamp::Timestamp;
use crate::upload::framing::Framing;
use crate::upload::progress::Progress;
use crate::upload::received_form::ReceivedForm;
use crate::upload::segment::{Segment, UploadContext};

/// The state of the server.
pub(crate) struct ServerState {
    pub(crate) access: Access,
    pub(crate) tokens: Tokens,
    pub(crate) videos: Videos,
    pub(crate) ids: IdGenerator,
    settings: Settings,
    /// The videos that each token began, and that were not deleted.
    begun: HashMap<String, Vec<String>>,
    /// How many segments were accepted so far.
    accepted: u64,
    pub(crate) changes: ChangeSet,
}

/// An upload whose segments can be put together.
pub(crate) struct Complete {
    pub(crate) video_id: String,
    /// The bytes of all segments in order.
    pub(crate) pieces: Vec<Piece>,
}

/// A segment that was accepted.
pub(crate) struct Accepted {
    pub(crate) video_id: String,
    /// What can be put together, when this one was the last to come.
    pub(crate) completed: Option<Complete>,
}

/// What a server must know of one before it on the same folder.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Origin {
    /// Whether decisions are recorded.
    pub(crate) recorded: bool,
    /// How many servers ran before.
    pub(crate) starts: u64,
    /// What makes ids repeatable.
    pub(crate) seed: Option<u64>,
}

impl ServerState {
    /// An empty state.
    pub(crate) fn new(api_key: String, settings: Settings, origin: Origin) -> Self {
        let changes = || ChangeSet::new(origin.recorded);
        Self {
            access: Access::new(api_key, settings.clone(), changes()),
            tokens: Tokens::new(settings.clone(), changes()),
            videos: Videos::new(),
            ids: IdGenerator::new(origin.seed, origin.starts),
            settings,
            begun: HashMap::new(),
            accepted: 0,
            changes: changes(),
        }
    }

    /// Restores everything but the videos.
    pub(crate) fn restore(&mut self, stored: &StoredState) {
        self.access.restore(stored);
        for (token, record) in &stored.tokens {
            self.tokens.restore(token.clone(), record);
        }
    }

    /// Restores a video, and gives its segments if they are all there and were never put together.
    pub(crate) fn restore_video(&mut self, mut video: Video, file: Option<Held>) -> Option<Complete> {
        self.accepted = self.accepted.max(video.last_segment);
        if let Some(token) = &video.begun_by
            && self.tokens.get(token).is_some()
        {
            self.begun.entry(token.clone()).or_default().push(video.id.clone());
        }
        video.file = file;
        let mut complete = None;
        if video.kept == Kept::Segments && video.is_complete(&self.settings.policy) {
            let pieces = video.progress.as_mut().map(|progress| progress.release(&self.settings.policy));
            complete = pieces.map(|pieces| Complete { video_id: video.id.clone(), pieces });
        }
        self.videos.insert(video.id.clone(), video);
        complete
    }

    /// What the decisions so far change, to be recorded.
    pub(crate) fn take_changes(&mut self) -> ChangeSet {
        let mut changes = self.changes.take();
        changes.append(self.access.changes.take());
        changes.append(self.tokens.changes.take());
        changes
    }

    /// Whether these credentials are good for the management endpoints.
    pub(crate) fn check(&self, credentials: &Credentials, now: Timestamp) -> Result<(), Problem> {
        self.access.check(credentials, now)
    }

    /// How many segments were accepted so far, for a request to remember as it begins.
    pub(crate) const fn accepted(&self) -> u64 {
        self.accepted
    }

    /// Creates a container.
    pub(crate) fn create_video(&mut self, details: Details, now: Timestamp) -> &Video {
        let id = self.ids.video();
        let video = Video::new(id.clone(), details, now);
        self.changes.note(|| Change::Video(id.clone(), Box::new(video.record())));
        self.videos.entry(id).insert_entry(video).into_mut()
    }

    /// Deletes a video, with everything that arrived of it.
    pub(crate) fn delete_video(&mut self, id: &str) -> Result<(), Problem> {
        let video = self.videos.remove(id).ok_or_else(Problem::no_such_video)?;
        self.forget_video(video);
        Ok(())
    }

    fn forget_video(&mut self, mut video: Video) {
        self.settings.policy.video_deleted(&video.facts(&self.settings));
        if let Some(begun) = video.begun_by.as_ref().and_then(|token| self.begun.get_mut(token)) {
            begun.retain(|id| *id != video.id);
        }
        if let Some(progress) = video.progress.as_mut() {
            self.changes.discard(progress.release(&self.settings.policy));
        }
        self.changes.discard(video.waiting);
        if let Some(file) = video.file {
            self.changes.discard(file);
        }
        self.changes.note(|| Change::VideoGone(video.id));
    }

    /// A video that was not deleted.
    pub(crate) fn video(&self, id: &str, now: Timestamp) -> Result<&Video, Problem> {
        let exists =
            |video: &&Video| self.settings.policy.video_exists(&video.facts(&self.settings), now, true);
        self.videos.get(id).filter(exists).ok_or_else(Problem::no_such_video)
    }

    /// Deletes a token. Its uploads that are not complete will never be, so their segments go.
    pub(crate) fn delete_token(&mut self, token: &str, now: Timestamp) -> Result<(), Problem> {
        self.tidy(now);
        let deletion = self.tokens.delete(token, now)?;
        if deletion == Deletion::TokenAndItsVideos {
            let goes = |_: &String, video: &mut Video| video.begun_by.as_deref() == Some(token);
            let gone: Vec<_> = self.videos.extract_if(goes).map(|(_, video)| video).collect();
            for video in gone {
                self.forget_video(video);
            }
        }
        if self.tokens.get(token).is_none() {
            self.abandon(token);
        }
        Ok(())
    }

    /// A segment that came with an upload token.
    pub(crate) fn upload_by_token(
        &mut self,
        token: &str,
        received: ReceivedForm,
        now: Timestamp,
    ) -> Result<Accepted, Problem> {
        let mut segment = SegmentRequest {
            token: Some(token),
            state: None,
            range: received.range,
            video_id: received.form.video_id.as_deref(),
            began: received.began,
            now,
        };
        segment.now = self.settings.policy.judged_at(&segment, now);
        let now = segment.now;
        // The token must be good when the segment has arrived, not only when it began.
        segment.state = Some(self.tokens.state(token, Stage::Body, now)?);
        if self.settings.policy.continues(&segment, segment.video_id.is_some()) {
            let id = segment.video_id.unwrap_or_default().to_owned();
            self.may_continue(&segment)?;
            return self.continue_upload(&id, received, now);
        }
        let begun = self.begun.get(token).map_or(&[][..], Vec::as_slice);
        self.settings.policy.may_begin(&segment, begun, may_begin(&segment))?;
        if let Some(video_id) = self.settings.policy.existing_video(&segment, begun, None) {
            return Ok(Accepted { video_id, completed: None });
        }
        let id = self.settings.policy.revived_video(&segment, None);
        let begun = self.begin_upload(token, id, received, now);
        if begun.is_err() {
            self.settings.policy.first_segment_refused(token);
        }
        begun
    }

    /// A token continues the videos that it began, and no others.
    fn may_continue(&self, segment: &SegmentRequest<'_>) -> Result<(), Problem> {
        let video = segment.video_id.and_then(|id| self.videos.get(id));
        let began_it = video.is_some_and(|video| video.begun_by.as_deref() == segment.token);
        let contract = match segment.state {
            _ if began_it => Ok(()),
            Some(TokenState::Grace) => {
                Err(Problem::token_refused("This upload token did not start that video."))
            }
            _ => Err(Problem::no_such_video()),
        };
        let facts = video.map(|video| video.facts(&self.settings));
        self.settings.policy.may_continue(segment, facts.as_ref(), contract)
    }

    /// The first segment of a delegated upload; without an `id` it makes a new video.
    fn begin_upload(
        &mut self,
        token: &str,
        id: Option<String>,
        received: ReceivedForm,
        now: Timestamp,
    ) -> Result<Accepted, Problem> {
        let range = received.range;
        let file = received.into_file(&self.settings.policy)?;
        let segment = Segment { length: file.length, piece: file.piece };
        let mut progress = None;
        Progress::take(&mut progress, range, segment, UploadContext { in_grace: false }, &self.settings)?;
        let id = id.unwrap_or_else(|| self.ids.video());
        let title = self.settings.policy.title(&id, file.name);
        let mut video = Video::new(id.clone(), Details::titled(title), now);
        video.begun_by = Some(token.to_owned());
        video.token_expires = self.tokens.get(token).and_then(|token| self.tokens.expiry(token));
        video.progress = progress;
        self.accepted += 1;
        video.last_segment = self.accepted;
        note(&mut self.changes, &mut video);
        let accepted = accepted_in(&mut video, &self.settings);
        self.begun.entry(token.to_owned()).or_default().push(id.clone());
        self.videos.insert(id, video);
        Ok(accepted)
    }

    /// A segment that came with the key, into a container.
    pub(crate) fn upload_by_key(
        &mut self,
        id: &str,
        received: ReceivedForm,
        now: Timestamp,
    ) -> Result<Accepted, Problem> {
        let video = self.videos.get(id).ok_or_else(Problem::no_such_video)?;
        let facts = video.facts(&self.settings);
        // So the key cannot outlive the grace period or the deletion of a token either.
        let allowed = facts.begun_by.is_none() || facts.complete;
        if !self.settings.policy.may_upload_with_key(&facts, allowed) {
            // The form's own faults come first here, too.
            received.into_file(&self.settings.policy)?;
            return Err(Problem::new(kind::ALREADY_INITIATED, "An upload token started this video."));
        }
        self.continue_upload(id, received, now)
    }

    fn continue_upload(
        &mut self,
        id: &str,
        received: ReceivedForm,
        now: Timestamp,
    ) -> Result<Accepted, Problem> {
        let video = self.videos.get_mut(id).ok_or_else(Problem::no_such_video)?;
        let (range, accepted_before) = (received.range, received.accepted_before);
        let context = UploadContext { in_grace: video.token_expires.is_some_and(|expires| now >= expires) };
        let side_by_side = video.last_segment > accepted_before;
        let file = received.into_file(&self.settings.policy)?;
        if !side_by_side || self.settings.policy.keeps_side_by_side(range, true) {
            let segment = Segment { length: file.length, piece: file.piece };
            let taken = Progress::take(&mut video.progress, range, segment, context, &self.settings);
            if taken.is_err() {
                note_segment(&mut self.changes, video);
            }
            taken?;
        }
        self.accepted += 1;
        video.last_segment = self.accepted;
        video.updated = now;
        note(&mut self.changes, video);
        Ok(accepted_in(video, &self.settings))
    }

    /// Notes where the file of a video is, and lets its segments go. A video that was deleted meanwhile wants neither.
    pub(crate) fn assembled(&mut self, id: &str, assembled: Assembled) {
        let Assembled { file, pieces } = assembled;
        match self.videos.get_mut(id) {
            Some(video) => {
                if file.is_some() {
                    video.kept = Kept::File;
                    // A file that was there before has the same name.
                    std::mem::replace(&mut video.file, file).into_iter().for_each(Held::forget);
                    self.changes.note(|| Change::Video(id.to_owned(), Box::new(video.record())));
                }
            }
            None => file.into_iter().for_each(|file| self.changes.discard(file)),
        }
        self.changes.discard(pieces);
    }

    /// Keeps segments that could not be put together.
    pub(crate) fn unassembled(&mut self, id: &str, pieces: Vec<Piece>) {
        match self.videos.get_mut(id) {
            Some(video) => video.waiting = pieces,
            None => self.changes.discard(pieces),
        }
    }

    /// What is over by now goes from memory and disk: access tokens, tokens whose grace period has ended, and the
    /// segments of their uploads that nobody can complete any more. The videos stay and show how far they came.
    pub(crate) fn tidy(&mut self, now: Timestamp) {
        self.access.forget(now);
        for token in self.tokens.forget(now) {
            self.abandon(&token);
        }
    }

    /// Lets go the segments of a token's uploads that are not complete.
    fn abandon(&mut self, token: &str) {
        let policy = &self.settings.policy;
        for id in self.begun.remove(token).unwrap_or_default() {
            let Some(video) = self.videos.get_mut(&id).filter(|video| !video.is_complete(policy)) else {
                continue;
            };
            if let Some(progress) = video.progress.as_mut() {
                self.changes.discard(progress.release(policy));
                video.kept = Kept::Nowhere;
                self.changes.note(|| Change::Video(id.clone(), Box::new(video.record())));
            }
        }
    }
}

/// An active token begins uploads, an expired one begins none.
fn may_begin(segment: &SegmentRequest<'_>) -> Result<(), Problem> {
    match segment.state {
        Some(TokenState::Active) => Ok(()),
        _ => Err(Problem::token_refused("This upload token has expired and cannot start an upload.")),
    }
}

fn accepted_in(video: &mut Video, settings: &Settings) -> Accepted {
    let policy = &settings.policy;
    let complete = video.progress.as_mut().filter(|progress| progress.is_complete(policy));
    let video_id = video.id.clone();
    let completed =
        complete.map(|progress| Complete { video_id: video_id.clone(), pieces: progress.release(policy) });
    Accepted { video_id, completed }
}

/// Notes a video, and the segment that it took last.
fn note(changes: &mut ChangeSet, video: &mut Video) {
    note_segment(changes, video);
    changes.note(|| Change::Video(video.id.clone(), Box::new(video.record())));
}

fn note_segment(changes: &mut ChangeSet, video: &mut Video) {
    let Some(progress) = &mut video.progress else { return };
    if progress.framing() == Framing::Whole {
        // What was there before, if anything, is replaced.
        changes.note(|| Change::SegmentsGone(video.id.clone()));
    }
    if let Some((key, record)) = progress.unrecorded() {
        changes.note(|| Change::Segment(video.id.clone(), key, record));
    }
}
