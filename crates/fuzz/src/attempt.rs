//! One attempt at a case: what it says is done to the target, and every answer is held against the oracle.

mod events;
mod look;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use http::Method;
use serde_json::json;
use tokio::sync::Barrier;

use super::asker::{Asker, Said, Silence};
use super::body;
use super::case::{Case, Event, Link, Segment, Step};
use super::misfit::{Misfit, Probe};
use uptake_oracle as oracle;
use uptake_oracle::{Answer, Model, Shortfall, Span, Terms, Video};
use uptake_payload::{Content, Seed};
use uptake_target::Target;

/// How a target is tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// The seed of the content.
    pub(super) seed: Seed,
    /// How long a status may take to show what has arrived.
    pub(super) patience: Duration,
}

/// What came of an attempt.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    /// How it ended.
    pub(super) end: End,
    /// What was sent and answered, a line each.
    pub(super) transcript: Vec<String>,
    /// What became of each segment, in turn, as far as it came.
    pub(super) fates: Vec<Fate>,
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub(super) enum End {
    /// The contract was kept.
    Kept,
    /// It was not.
    Broken(Box<Misfit>),
    /// Nothing can be said: something that the case stands on did not hold.
    Unsaid(String),
    /// The target is gone.
    Lost(String),
}

/// What became of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was accepted.
    Accepted,
    /// It was refused with this status.
    Refused(u16),
    /// It was broken off, as the case says.
    BrokenOff,
    /// Nothing came back.
    Unanswered,
}

/// The terms of a target, as the oracle reads them.
pub(super) fn terms(target: &Target) -> Terms {
    let limits = target.limits;
    let millis = |length: Duration| u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
    Terms {
        min_segment: limits.min_segment,
        max_segment: limits.max_segment,
        max_request: limits.max_request,
        max_total: limits.max_total,
        max_parts: limits.max_parts,
        grace: millis(target.grace),
        margin: millis(target.margin),
    }
}

/// The content of an upload.
pub(super) fn content(seed: Seed, upload: usize) -> Content {
    Content::seeded(seed.derive(&format!("upload {upload}")), u64::MAX)
}

/// Tries a case once, and removes what it made.
pub(super) async fn attempt(asker: &Asker, case: &Case, manner: Manner) -> Attempt {
    let mut trial = Trial {
        asker,
        manner,
        model: Model::new(terms(&asker.target)),
        tokens: Vec::new(),
        videos: BTreeMap::new(),
        strays: Vec::new(),
        began: Instant::now(),
        advanced: 0,
        transcript: Vec::new(),
        fates: Vec::new(),
        summed: Vec::new(),
    };
    let end = match trial.run(case).await {
        Ok(()) => End::Kept,
        Err(end) => end,
    };
    if !matches!(end, End::Lost(_)) {
        trial.clean_up().await;
    }
    Attempt { end, transcript: trial.transcript, fates: trial.fates }
}

struct Trial<'a> {
    asker: &'a Asker,
    manner: Manner,
    model: Model,
    tokens: Vec<String>,
    videos: BTreeMap<usize, String>,
    /// Videos that no upload of the case accounts for.
    strays: Vec<String>,
    began: Instant,
    /// Seconds by which the target's clock was moved.
    advanced: u64,
    transcript: Vec<String>,
    fates: Vec<Fate>,
    /// The uploads whose bytes were looked at.
    summed: Vec<usize>,
}

/// Where in a case something happens.
#[derive(Debug, Clone, Copy)]
struct Place {
    step: usize,
    segment: Option<usize>,
}

/// A segment's answer, with the times that the oracle must know.
struct Sent {
    said: Result<Said, Silence>,
    began: Span,
    arrived: Span,
}

impl Trial<'_> {
    async fn run(&mut self, case: &Case) -> Result<(), End> {
        for ttl in &case.tokens {
            self.make_token(*ttl).await?;
        }
        for (step, what) in case.steps.iter().enumerate() {
            let place = Place { step, segment: None };
            match what {
                Step::Send(segment) => {
                    self.together(place, std::slice::from_ref(segment)).await?;
                }
                Step::Together(segments) => self.together(place, segments).await?,
                Step::During(segment, event) => self.during(place, segment, *event).await?,
                Step::Event(event) => self.event(place, *event).await?,
            }
            let touched: Vec<usize> = match what {
                Step::Send(_) | Step::Together(_) => {
                    what.segments().iter().map(|segment| segment.upload).collect()
                }
                Step::Event(Event::Show(_) | Event::List(_)) => Vec::new(),
                Step::During(..) | Step::Event(_) => self.videos.keys().copied().collect(),
            };
            self.look_at(place, &touched).await?;
        }
        let last = Place { step: case.steps.len().saturating_sub(1), segment: None };
        let all: Vec<usize> = self.videos.keys().copied().collect();
        self.look_at(last, &all).await?;
        for upload in all {
            self.sum(last, upload).await?;
        }
        Ok(())
    }

    async fn make_token(&mut self, ttl: u64) -> Result<(), End> {
        let from = self.now();
        let json = if ttl == 0 { json!({}) } else { json!({ "ttl": ttl }) };
        let said = self.asker.manage(Method::POST, "/upload-tokens", Some(json)).await;
        let said = said.map_err(|silence| unsaid(&silence))?;
        let token = said.body.as_ref().and_then(|body| body.get("token")?.as_str().map(str::to_owned));
        let Some(token) = token.filter(|_| (200..300).contains(&said.status)) else {
            return Err(End::Unsaid(format!("no token was made: {}", said.status)));
        };
        self.asker.secrets.taint("token", &token);
        self.tokens.push(token);
        self.model.created(ttl, Span { from, to: self.now() });
        Ok(())
    }

    /// Sends segments, so that all of them end at the same moment.
    async fn together(&mut self, place: Place, segments: &[Segment]) -> Result<(), End> {
        let from = self.now();
        let barrier = (segments.len() > 1).then(|| Arc::new(Barrier::new(segments.len())));
        let hold: Vec<_> = barrier.into_iter().collect();
        let sends = segments.iter().map(|segment| self.send(segment, hold.clone()));
        let said = join_all(sends).await;
        let span = Span { from, to: self.now() };
        let sent = said.into_iter().map(|said| Sent { said, began: span, arrived: span }).collect();
        self.take(place, segments, sent)
    }

    async fn send(&self, segment: &Segment, hold: Vec<Arc<Barrier>>) -> Result<Said, Silence> {
        let id = match segment.link {
            Link::Carried => self.videos.get(&segment.upload).map(String::as_str),
            Link::Unknown => Some("vi000000000000000000000000"),
        };
        let (headers, body, delivery) =
            body::of(segment, id, &content(self.manner.seed, segment.upload), hold);
        self.asker.upload(&self.tokens[segment.token], headers, body, delivery).await
    }

    /// Holds the answers of segments that went out together against the oracle.
    fn take(&mut self, place: Place, segments: &[Segment], sent: Vec<Sent>) -> Result<(), End> {
        let mut exchanges = Vec::new();
        let mut found = Vec::new();
        let mut told = Vec::new();
        for (segment, Sent { said, began, arrived }) in segments.iter().zip(sent) {
            if let Err(silence @ (Silence::Lost(_) | Silence::Ours(_))) = &said {
                return Err(unsaid(silence));
            }
            let request = self.request(segment, began, arrived);
            let (answer, id) = self.answer(&said);
            let fate = match (&said, answer.status) {
                (Err(Silence::BrokenOff), _) => Fate::BrokenOff,
                (_, Some(status)) if status < 300 => Fate::Accepted,
                (_, Some(status)) => Fate::Refused(status),
                (_, None) => Fate::Unanswered,
            };
            let words = match &said {
                Err(Silence::Unanswered(why)) => why.clone(),
                Err(_) => "broken off".to_owned(),
                Ok(_) => answer.to_string(),
            };
            self.fates.push(fate);
            self.transcript.push(format!("{}: {words}", super::words::segment(segment)));
            if let Some(id) = id {
                found.push((segment.upload, id));
            }
            exchanges.push((request, answer));
            told.push(words);
        }
        let outcome = self.model.answered(&exchanges);
        for (upload, id) in found {
            if self.videos.values().any(|known| *known == id) {
                continue;
            }
            match self.videos.entry(upload) {
                Entry::Occupied(_) => self.strays.push(id),
                Entry::Vacant(free) => {
                    free.insert(id);
                }
            }
        }
        outcome.map_err(|shortfall| {
            let place = Place { segment: Some(shortfall.request), ..place };
            let got = told[shortfall.request].clone();
            let probe = if shortfall.joint { Probe::Joint } else { Probe::Answer(shortfall.allowed.clone()) };
            broken(place, &shortfall, probe, got)
        })
    }

    fn request(&self, segment: &Segment, began: Span, arrived: Span) -> oracle::Request {
        let link = match segment.link {
            Link::Unknown => oracle::Link::Nowhere,
            Link::Carried if self.videos.contains_key(&segment.upload) => {
                oracle::Link::Upload(segment.upload)
            }
            Link::Carried => oracle::Link::Begins(segment.upload),
        };
        oracle::Request {
            token: segment.token,
            link,
            range: segment.frame.header(),
            offset: segment.offset,
            files: vec![segment.length; usize::from(segment.form.files)],
            broken_off: segment.break_off.is_some(),
            odd: segment.form.extra != super::case::Extra::None,
            began,
            arrived,
        }
    }

    /// The answer as the oracle reads it, and the video that it names.
    fn answer(&self, said: &Result<Said, Silence>) -> (Answer, Option<String>) {
        let Ok(Said { status, body }) = said else {
            return (Answer { status: None, slug: None, video: Video::None }, None);
        };
        let text = |name: &str| body.as_ref().and_then(|body| body.get(name)?.as_str().map(str::to_owned));
        let slug = text("type").filter(|_| *status >= 300);
        let slug = slug.and_then(|kind| kind.rsplit('/').next().map(|slug| self.asker.secrets.mask(slug)));
        let id = text("videoId").filter(|_| *status < 300);
        let video = match &id {
            None => Video::None,
            Some(id) => self
                .videos
                .iter()
                .find(|(_, known)| *known == id)
                .map_or(Video::New, |(upload, _)| Video::Known(*upload)),
        };
        (Answer { status: Some(*status), slug, video }, id)
    }

    async fn clean_up(&mut self) {
        // What cannot be removed stays; the next case makes its own.
        for token in &self.tokens {
            let _ = self.asker.manage(Method::DELETE, &format!("/upload-tokens/{token}"), None).await;
        }
        for id in self.videos.values().chain(&self.strays) {
            let _ = self.asker.manage(Method::DELETE, &format!("/videos/{id}"), None).await;
        }
    }

    /// Milliseconds on the target's clock since the case began, as far as we know.
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX) + self.advanced * 1000
    }
}

fn broken(place: Place, shortfall: &Shortfall, probe: Probe, got: String) -> End {
    let rule = shortfall.allowed.iter().find_map(oracle::Allowed::rule).unwrap_or("UPLOAD-01");
    let allowed: Vec<_> = shortfall.allowed.iter().map(ToString::to_string).collect();
    let expected = allowed.join(", or ");
    let Place { step, segment } = place;
    End::Broken(Box::new(Misfit { step, segment, rule, expected, got, probe }))
}

fn unsaid(silence: &Silence) -> End {
    match silence {
        Silence::Lost(why) => End::Lost(why.clone()),
        Silence::Unanswered(why) | Silence::Ours(why) => End::Unsaid(why.clone()),
        Silence::BrokenOff => End::Unsaid("a call was broken off".to_owned()),
    }
}
