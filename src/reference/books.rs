//! Everything that the server remembers, behind one lock that is held only while a decision is made.
//!
//! A segment is judged here as a whole once it has arrived completely: its credentials at that moment, then its form,
//! then its place. Deciding and accepting are one step, so of two segments side by side that exclude each other one
//! is accepted.

use std::path::PathBuf;

use serde_json::Value;

use super::access::Access;
use super::clock::Moment;
use super::config::{Config, Limits};
use super::form::{ArrivedFile, Form};
use super::names::Names;
use super::problem::{Problem, kind};
use super::progress::Progress;
use super::range::ContentRange;
use super::store::Piece;
use super::tokens::{Power, Tokens, refused};
use super::videos::{Details, Video, Videos, not_found};

/// The memory of the server.
pub(super) struct Books {
    pub(super) access: Access,
    pub(super) tokens: Tokens,
    pub(super) videos: Videos,
    pub(super) names: Names,
    limits: Limits,
}

/// A segment that has arrived completely.
pub(super) struct Arrival {
    pub(super) form: Form,
    /// The value of its `Content-Range`, if it had one.
    pub(super) range: Option<String>,
}

/// A segment that was accepted.
pub(super) struct Accepted {
    pub(super) video_id: String,
    /// The files of all segments in order, when this one was the last to come.
    pub(super) completed: Option<Vec<PathBuf>>,
}

impl Books {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            access: Access::new(config.api_key.clone(), config.access_token_life),
            tokens: Tokens::new(config.grace),
            videos: Videos::new(),
            names: Names::new(config.seed),
            limits: config.limits,
        }
    }

    /// Creates a container.
    pub(super) fn create_video(&mut self, details: Details, now: Moment) -> &Video {
        let id = self.names.video();
        self.videos.entry(id.clone()).or_insert_with(|| Video::new(id, details, now))
    }

    /// A segment that came with an upload token.
    pub(super) fn arrive_by_token(
        &mut self,
        token: &str,
        arrival: Arrival,
        now: Moment,
    ) -> Result<Accepted, Problem> {
        let power = self.tokens.power(token, now)?;
        let video_id = match (power, arrival.form.video_id.as_deref()) {
            (Power::Active, None) => None,
            (Power::Grace, None) => {
                return Err(refused("This upload token has expired and begins no upload."));
            }
            (power, Some(id)) => {
                let begun = self.videos.get(id).is_some_and(|video| video.begun_by.as_deref() == Some(token));
                match (begun, power) {
                    (true, _) => Some(id.to_owned()),
                    (false, Power::Active) => return Err(not_found()),
                    (false, Power::Grace) => {
                        return Err(refused("This upload token did not begin that video."));
                    }
                }
            }
        };
        let (file, range) = arrival.judge()?;
        let segment = (file.length, file.piece);
        if let Some(id) = video_id {
            return self.go_on(&id, range, segment, now);
        }
        let mut progress = None;
        Progress::take(&mut progress, range, segment, &self.limits)?;
        let id = self.names.video();
        let mut video = Video::new(id.clone(), Details::titled(file.name), now);
        video.begun_by = Some(token.to_owned());
        video.progress = progress;
        let accepted = Accepted::of(&video);
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
        let foreign = video.begun_by.is_some() && !video.is_complete();
        let (file, range) = arrival.judge()?;
        if foreign {
            return Err(Problem::new(kind::ALREADY_INITIATED, "An upload token began this video."));
        }
        self.go_on(id, range, (file.length, file.piece), now)
    }

    fn go_on(
        &mut self,
        id: &str,
        range: Option<ContentRange>,
        segment: (u64, Piece),
        now: Moment,
    ) -> Result<Accepted, Problem> {
        let video = self.videos.get_mut(id).ok_or_else(not_found)?;
        Progress::take(&mut video.progress, range, segment, &self.limits)?;
        video.updated = now;
        Ok(Accepted::of(video))
    }

    /// Notes where the file of a video is, and gives back its segments, which are not needed any more. A video that
    /// was deleted meanwhile needs no file: it is given back too.
    pub(super) fn assembled(&mut self, id: &str, file: PathBuf) -> Result<Vec<Piece>, PathBuf> {
        let Some(video) = self.videos.get_mut(id) else { return Err(file) };
        video.file = Some(file);
        Ok(video.progress.as_mut().map(Progress::release).unwrap_or_default())
    }

    /// A video as it is answered.
    pub(super) fn show(&self, id: &str, origin: &str) -> Result<Value, Problem> {
        self.videos.get(id).map(|video| video.json(origin)).ok_or_else(not_found)
    }
}

impl Arrival {
    /// The faults of the form, then those of the header.
    fn judge(self) -> Result<(ArrivedFile, Option<ContentRange>), Problem> {
        if let Some(fault) = self.form.fault {
            return Err(fault);
        }
        let file =
            self.form.file.ok_or_else(|| Problem::new(kind::NO_FILE, "The form has no file.").of("file"))?;
        let range = match self.range {
            None => None,
            Some(value) => Some(ContentRange::parse(&value).ok_or_else(|| {
                let detail =
                    "It is `bytes FROM-TO/TOTAL` or `part N/COUNT`; `*` stands for what is not known yet.";
                Problem::new(kind::RANGE_MALFORMED, detail).of("Content-Range")
            })?),
        };
        Ok((file, range))
    }
}

impl Accepted {
    fn of(video: &Video) -> Self {
        let completed =
            video.progress.as_ref().filter(|progress| progress.is_complete()).map(Progress::pieces);
        Self { video_id: video.id.clone(), completed }
    }
}
