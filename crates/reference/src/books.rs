//! Everything that the server remembers, behind one lock that is held only while a decision is made.
//!
//! A segment is judged here as a whole once it has arrived completely: its credentials at that moment, then its form,
//! then its place. Deciding and accepting are one step, so of two segments side by side that exclude each other one
//! is accepted.

use std::collections::HashMap;

use super::access::{Access, Credentials};
use super::arrival::Arrival;
use super::clock::Moment;
use super::config::Config;
use super::defect::Defect;
use super::ledger::{Change, Framing, Journal, Kept, Remembered};
use super::names::Names;
use super::problem::{Problem, kind};
use super::progress::{Progress, Segment};
use super::range::ContentRange;
use super::store::{Assembled, Held, Piece};
use super::terms::Terms;
use super::tokens::{Power, Tokens, refused};
use super::videos::{Details, Video, Videos, not_found};

/// The memory of the server.
pub(super) struct Books {
    pub(super) access: Access,
    pub(super) tokens: Tokens,
    pub(super) videos: Videos,
    pub(super) names: Names,
    terms: Terms,
    /// The videos that each token began.
    begun: HashMap<String, Vec<String>>,
    /// How many segments were accepted so far.
    accepted: u64,
    pub(super) journal: Journal,
}

/// An upload whose segments can be put together.
pub(super) struct Complete {
    pub(super) video_id: String,
    /// The bytes of all segments in order.
    pub(super) pieces: Vec<Piece>,
}

/// A segment that was accepted.
pub(super) struct Accepted {
    pub(super) video_id: String,
    /// What can be put together, when this one was the last to come.
    pub(super) completed: Option<Complete>,
}

impl Books {
    /// An empty memory; `lasting` says whether its decisions are written down.
    pub(super) fn new(config: &Config, lasting: bool, starts: u64) -> Self {
        let terms = Terms::of(config);
        Self {
            access: Access::new(config.api_key.clone(), terms, Journal::new(lasting)),
            tokens: Tokens::new(terms, Journal::new(lasting)),
            videos: Videos::new(),
            names: Names::new(config.seed, starts),
            terms,
            begun: HashMap::new(),
            accepted: 0,
            journal: Journal::new(lasting),
        }
    }

    /// Remembers everything but the videos.
    pub(super) fn recall(&mut self, remembered: &Remembered) {
        self.access.recall(remembered);
        for (token, record) in &remembered.tokens {
            self.tokens.recall(token.clone(), record);
        }
    }

    /// Remembers a video, and gives its segments if they are all there and were never put together.
    pub(super) fn recall_video(&mut self, mut video: Video, file: Option<Held>) -> Option<Complete> {
        self.accepted = self.accepted.max(video.touched);
        if let Some(token) = &video.begun_by
            && self.tokens.get(token).is_some()
        {
            self.begun.entry(token.clone()).or_default().push(video.id.clone());
        }
        video.file = file;
        let mut complete = None;
        if video.kept == Kept::Segments && video.is_complete(self.terms.defects) {
            let pieces = video.progress.as_mut().map(|progress| progress.release(self.terms.defects));
            complete = pieces.map(|pieces| Complete { video_id: video.id.clone(), pieces });
        }
        self.videos.insert(video.id.clone(), video);
        complete
    }

    /// What the decisions so far change, to be written down.
    pub(super) fn take_journal(&mut self) -> Journal {
        let mut journal = self.journal.take();
        journal.append(self.access.journal.take());
        journal.append(self.tokens.journal.take());
        journal
    }

    /// Lets a call of a management endpoint pass, or says why not.
    pub(super) fn authorize(&self, credentials: &Credentials, now: Moment) -> Result<(), Problem> {
        let let_in = match credentials {
            Credentials::AccessToken(token) if self.terms.has(Defect::UploadTokenOpensManagement) => {
                Some(token)
            }
            Credentials::Key(token) if self.terms.has(Defect::UploadTokenIsAKey) => Some(token),
            _ => None,
        };
        if let_in.is_some_and(|token| self.tokens.get(token).is_some()) {
            return Ok(());
        }
        self.access.authorize(credentials, now)
    }

    /// How many segments were accepted so far, for an arrival to remember as it begins.
    pub(super) const fn accepted(&self) -> u64 {
        self.accepted
    }

    /// Creates a container.
    pub(super) fn create_video(&mut self, details: Details, now: Moment) -> &Video {
        let id = self.names.video();
        let video = Video::new(id.clone(), details, now);
        self.journal.note(|| Change::Video(id.clone(), Box::new(video.record())));
        self.videos.entry(id).insert_entry(video).into_mut()
    }

    /// Deletes a video, with everything that arrived of it.
    pub(super) fn delete_video(&mut self, id: &str) -> Result<(), Problem> {
        let video = self.videos.remove(id).ok_or_else(not_found)?;
        self.forget_video(video);
        Ok(())
    }

    fn forget_video(&mut self, mut video: Video) {
        if let Some(progress) = video.progress.as_mut() {
            self.journal.discard(progress.release(self.terms.defects));
        }
        self.journal.discard(video.waiting);
        if let Some(file) = video.file {
            self.journal.discard(file);
        }
        self.journal.note(|| Change::VideoGone(video.id));
    }

    /// A video that there is.
    pub(super) fn video(&self, id: &str, now: Moment) -> Result<&Video, Problem> {
        self.videos.get(id).filter(|video| !video.is_gone(&self.terms, now)).ok_or_else(not_found)
    }

    /// Deletes a token. Its uploads that are not complete will never be, so their segments go; so do the videos that go with
    /// it, which there are by defect alone.
    pub(super) fn delete_token(&mut self, token: &str, now: Moment) -> Result<(), Problem> {
        self.tidy(now);
        self.tokens.delete(token, now)?;
        if self.tokens.get(token).is_none() {
            self.abandon(token);
        }
        if self.terms.has(Defect::DeletionTakesVideos) {
            let goes = |_: &String, video: &mut Video| video.begun_by.as_deref() == Some(token);
            let gone: Vec<_> = self.videos.extract_if(goes).map(|(_, video)| video).collect();
            for video in gone {
                self.forget_video(video);
            }
        }
        Ok(())
    }

    /// A segment that came with an upload token.
    pub(super) fn arrive_by_token(
        &mut self,
        token: &str,
        arrival: Arrival,
        now: Moment,
    ) -> Result<Accepted, Problem> {
        let now = if self.terms.has(Defect::JudgedAtTheStart) { arrival.began } else { now };
        let power = self.tokens.power_on_arrival(token, now)?;
        if let Some(id) = self.video_of(token, &arrival, power, now)? {
            return self.go_on(&id, arrival, now);
        }
        let begun = self.begin(token, arrival, now);
        if begun.is_err() {
            self.tokens.note_refusal(token);
        }
        begun
    }

    /// Which video the segment belongs to, if the token may go on with it; `None` when it may begin one.
    fn video_of(
        &self,
        token: &str,
        arrival: &Arrival,
        power: Power,
        now: Moment,
    ) -> Result<Option<String>, Problem> {
        let anew = arrival.is_by_bytes() && self.terms.has(Defect::LaterRangeBeginsAnew);
        let Some(id) = arrival.form.video_id.as_deref().filter(|_| !anew) else {
            return self.may_begin(token, arrival, power).map(|()| None);
        };
        let begun = self.videos.get(id).filter(|video| {
            let any = match power {
                Power::Grace => self.terms.has(Defect::GraceForAnyVideo),
                Power::Active => self.terms.has(Defect::ActiveTokenTakesAnyVideo),
            };
            any || video.begun_by.as_deref() == Some(token)
        });
        match (begun, power) {
            (Some(video), _) => self.may_go_on(video, arrival, power, now).map(|()| Some(id.to_owned())),
            (None, Power::Active) => Err(not_found()),
            (None, Power::Grace) => Err(refused("This upload token did not begin that video.")),
        }
    }

    fn may_begin(&self, token: &str, arrival: &Arrival, power: Power) -> Result<(), Problem> {
        let begun = || self.videos.values().any(|video| video.begun_by.as_deref() == Some(token));
        if power == Power::Active {
            if self.terms.has(Defect::TokenServesOnce) && begun() {
                return Err(refused("This upload token has been used."));
            }
            return Ok(());
        }
        let let_pass = self.terms.has(Defect::ExpiredTokenBeginsRanges) && arrival.range.is_some()
            || self.terms.has(Defect::GraceOpensToken) && begun()
            || self.terms.has(Defect::RefusedSegmentOpensGrace) && self.tokens.was_refused(token);
        if let_pass { Ok(()) } else { Err(refused("This upload token has expired and begins no upload.")) }
    }

    /// Where a planted defect ends an upload that may go on.
    fn may_go_on(&self, video: &Video, arrival: &Arrival, power: Power, now: Moment) -> Result<(), Problem> {
        let late = |seconds| now >= video.created.plus_seconds(seconds);
        let in_grace = power == Power::Grace;
        let ended = in_grace && arrival.is_by_bytes() && self.terms.has(Defect::NoGraceForBytes)
            || in_grace && arrival.is_by_parts() && self.terms.has(Defect::NoGraceForParts)
            || in_grace
                && self.terms.has(Defect::GraceFromFirstSegment)
                && now >= video.created.plus(self.terms.grace)
            || video.token_expires.is_none()
                && self.terms.has(Defect::UnexpiringUploadEnds)
                && late(24 * 3600);
        if ended { Err(refused("The time of this upload has ended.")) } else { Ok(()) }
    }

    /// The first segment of a delegated upload.
    fn begin(&mut self, token: &str, arrival: Arrival, now: Moment) -> Result<Accepted, Problem> {
        if self.terms.has(Defect::OneVideoPerToken)
            && let Some(video) = self.videos.values().find(|video| video.begun_by.as_deref() == Some(token))
        {
            return Ok(Accepted { video_id: video.id.clone(), completed: None });
        }
        let (file, range) = arrival.judge(&self.terms)?;
        let mut progress = None;
        Progress::take(
            &mut progress,
            range,
            Segment { length: file.length, piece: file.piece },
            &self.terms,
        )?;
        let id = self.names.video();
        let title = if self.terms.has(Defect::TitleIsTheVideoId) { id.clone() } else { file.name };
        let mut video = Video::new(id.clone(), Details::titled(title), now);
        video.begun_by = Some(token.to_owned());
        video.token_expires = self.tokens.get(token).and_then(|token| token.expires(self.terms.defects));
        video.progress = progress;
        self.accepted += 1;
        video.touched = self.accepted;
        note(&mut self.journal, &mut video);
        let accepted = Accepted::of(&mut video, &self.terms);
        self.begun.entry(token.to_owned()).or_default().push(id.clone());
        self.videos.insert(id, video);
        Ok(accepted)
    }

    /// A segment that came with the key, into a container.
    pub(super) fn arrive_by_key(
        &mut self,
        id: &str,
        arrival: Arrival,
        now: Moment,
    ) -> Result<Accepted, Problem> {
        let video = self.videos.get(id).ok_or_else(not_found)?;
        if video.begun_by.is_some() && !video.is_complete(self.terms.defects) {
            // The form's own faults come first here, too.
            arrival.judge(&self.terms)?;
            return Err(Problem::new(kind::ALREADY_INITIATED, "An upload token began this video."));
        }
        self.go_on(id, arrival, now)
    }

    fn go_on(&mut self, id: &str, arrival: Arrival, now: Moment) -> Result<Accepted, Problem> {
        let mut terms = self.terms;
        let video = self.videos.get_mut(id).ok_or_else(not_found)?;
        if terms.has(Defect::GraceInOrderOnly) && video.token_expires.is_some_and(|expires| now >= expires) {
            terms = terms.with(Defect::RangesInOrderOnly).with(Defect::PartsInOrderOnly);
        }
        let side_by_side = video.touched > arrival.accepted_before;
        let (file, range) = arrival.judge(&terms)?;
        let lost = match range {
            Some(ContentRange::Bytes(_)) => terms.has(Defect::ParallelRangeLost),
            Some(ContentRange::Part(_)) => terms.has(Defect::ParallelPartLost),
            None => false,
        };
        if !(lost && side_by_side) {
            let segment = Segment { length: file.length, piece: file.piece };
            let taken = Progress::take(&mut video.progress, range, segment, &terms);
            if taken.is_err() {
                // By defect alone a segment counts that was refused.
                note_segment(&mut self.journal, video);
            }
            taken?;
        }
        self.accepted += 1;
        video.touched = self.accepted;
        video.updated = now;
        note(&mut self.journal, video);
        Ok(Accepted::of(video, &terms))
    }

    /// Notes where the file of a video is, and lets its segments go. A video that was deleted meanwhile wants neither.
    pub(super) fn assembled(&mut self, id: &str, assembled: Assembled) {
        let Assembled { file, pieces } = assembled;
        match self.videos.get_mut(id) {
            Some(video) => {
                if file.is_some() {
                    video.kept = Kept::File;
                    // By defect alone there was one before, and it bore the same name.
                    std::mem::replace(&mut video.file, file).into_iter().for_each(Held::forget);
                    self.journal.note(|| Change::Video(id.to_owned(), Box::new(video.record())));
                }
            }
            None => file.into_iter().for_each(|file| self.journal.discard(file)),
        }
        self.journal.discard(pieces);
    }

    /// Keeps segments that could not be put together.
    pub(super) fn unassembled(&mut self, id: &str, pieces: Vec<Piece>) {
        match self.videos.get_mut(id) {
            Some(video) => video.waiting = pieces,
            None => self.journal.discard(pieces),
        }
    }

    /// What is over by now goes from memory and disk: access tokens, tokens whose grace has ended, and the segments of their
    /// uploads that nobody can complete any more. The videos stay and show how far they came.
    pub(super) fn tidy(&mut self, now: Moment) {
        self.access.forget(now);
        for token in self.tokens.forget(now) {
            self.abandon(&token);
        }
    }

    /// Lets go the segments of a token's uploads that are not complete.
    fn abandon(&mut self, token: &str) {
        let defects = self.terms.defects;
        for id in self.begun.remove(token).unwrap_or_default() {
            let Some(video) = self.videos.get_mut(&id).filter(|video| !video.is_complete(defects)) else {
                continue;
            };
            if let Some(progress) = video.progress.as_mut() {
                self.journal.discard(progress.release(defects));
                video.kept = Kept::Nowhere;
                self.journal.note(|| Change::Video(id.clone(), Box::new(video.record())));
            }
        }
    }
}

/// Notes a video, and the segment that it took last.
fn note(journal: &mut Journal, video: &mut Video) {
    note_segment(journal, video);
    journal.note(|| Change::Video(video.id.clone(), Box::new(video.record())));
}

fn note_segment(journal: &mut Journal, video: &mut Video) {
    let Some(progress) = &mut video.progress else { return };
    if progress.framing() == Framing::Whole {
        // By defect alone there was something before.
        journal.note(|| Change::SegmentsGone(video.id.clone()));
    }
    if let Some((key, record)) = progress.latest() {
        journal.note(|| Change::Segment(video.id.clone(), key, record));
    }
}

impl Accepted {
    fn of(video: &mut Video, terms: &Terms) -> Self {
        let complete = video.progress.as_mut().filter(|progress| progress.is_complete(terms.defects));
        let video_id = video.id.clone();
        let completed = complete.map(|progress| progress.release(terms.defects));
        let completed = completed.map(|pieces| Complete { video_id: video_id.clone(), pieces });
        Self { video_id, completed }
    }
}
