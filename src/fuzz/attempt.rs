//! One attempt at a case: what it says is done to the target, and every answer is held against the oracle.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value as Json, json};
use tokio::sync::Barrier;

use super::asker::{Asker, Said, Silence};
use super::body;
use super::case::{Case, Event, Link, Segment, Step};
use super::misfit::{Misfit, Probe};
use super::oracle::{self, Answer, Look, Model, Shortfall, Span, Terms, Video};
use crate::payload::{Algorithm, Content, Seed};
use crate::target::Target;

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

    /// Lets something happen while all of a segment but its last byte is on the wire.
    async fn during(&mut self, place: Place, segment: &Segment, event: Event) -> Result<(), End> {
        let (nearly, done) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let from = self.now();
        let hold = vec![Arc::clone(&nearly), Arc::clone(&done)];
        let send = self.send(segment, hold);
        let happen = async {
            nearly.wait().await;
            let before = self.now();
            let outcome = self.happen(event).await;
            done.wait().await;
            (before, outcome)
        };
        let (said, (before, outcome)) = tokio::join!(send, happen);
        let advanced = outcome.map_err(|silence| unsaid(&silence))?;
        if let Happened::Advanced(seconds) = advanced {
            self.advanced += seconds;
        }
        let after = self.now();
        let began = Span { from, to: before };
        // Whatever it did until then, it arrived with its last byte, which went out when the event was over.
        let floor = match advanced {
            Happened::Advanced(seconds) => before + seconds * 1000,
            Happened::Said(_) => before,
        };
        if let Happened::Said(ref answer) = advanced {
            self.judge_event(place, event, Span { from: before, to: after }, answer)?;
        }
        let sent = Sent { said, began, arrived: Span { from: floor, to: after } };
        self.take(place, std::slice::from_ref(segment), vec![sent])
    }

    async fn event(&mut self, place: Place, event: Event) -> Result<(), End> {
        let from = self.now();
        match self.happen(event).await.map_err(|silence| unsaid(&silence))? {
            Happened::Advanced(seconds) => {
                self.advanced += seconds;
                self.transcript.push(format!("the clock is moved on by {seconds} s"));
                Ok(())
            }
            Happened::Said(said) => {
                let to = self.now();
                self.judge_event(place, event, Span { from, to }, &said)
            }
        }
    }

    async fn happen(&self, event: Event) -> Result<Happened, Silence> {
        let token = |at: usize| self.tokens[at].as_str();
        let said = match event {
            Event::Advance(seconds) => {
                let clock = self.asker.target.clock.as_ref();
                let clock =
                    clock.ok_or_else(|| Silence::Ours("the target has no clock to move".to_owned()))?;
                clock.advance(seconds).await.map_err(|error| Silence::Ours(error.to_string()))?;
                return Ok(Happened::Advanced(seconds));
            }
            Event::Delete(at) => {
                self.asker.manage(Method::DELETE, &format!("/upload-tokens/{}", token(at)), None).await
            }
            Event::Show(at) => {
                self.asker.manage(Method::GET, &format!("/upload-tokens/{}", token(at)), None).await
            }
            Event::List(_) => {
                let newest = "/upload-tokens?sortBy=createdAt&sortOrder=desc&pageSize=100";
                self.asker.manage(Method::GET, newest, None).await
            }
        };
        said.map(Happened::Said)
    }

    fn judge_event(&mut self, place: Place, event: Event, at: Span, said: &Said) -> Result<(), End> {
        let status = Some(said.status);
        let (outcome, answered) = match event {
            Event::Advance(_) => return Ok(()),
            Event::Delete(token) => (self.model.deleted(token, at, status), said.status.to_string()),
            Event::Show(token) => (self.model.shown(token, at, status), said.status.to_string()),
            Event::List(token) => {
                let data = said.body.as_ref().and_then(|body| body.get("data")?.as_array());
                let Some(data) = data else {
                    return Err(End::Unsaid(format!("tokens were not listed: {}", said.status)));
                };
                let wanted = Some(self.tokens[token].as_str());
                let listed = data.iter().any(|item| item.get("token").and_then(Json::as_str) == wanted);
                let answered = if listed { "a list with the token" } else { "a list without the token" };
                (self.model.listed(token, at, listed), answered.to_owned())
            }
        };
        self.transcript.push(format!("{}: {answered}", super::words::event(event)));
        outcome.map_err(|shortfall| {
            let probe = Probe::Token { event, allowed: shortfall.allowed.clone() };
            broken(place, &shortfall, probe, answered)
        })
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

    async fn look_at(&mut self, place: Place, uploads: &[usize]) -> Result<(), End> {
        if !self.asker.target.can("status") {
            return Ok(());
        }
        let mut seen = Vec::new();
        for upload in uploads {
            let Some(id) = self.videos.get(upload).cloned() else { continue };
            if seen.contains(upload) {
                continue;
            }
            seen.push(*upload);
            let until = Instant::now() + self.manner.patience;
            loop {
                let from = self.now();
                let said = self.asker.manage(Method::GET, &format!("/videos/{id}/status"), None).await;
                let look = read(&said.map_err(|silence| unsaid(&silence))?);
                let outcome = self.model.looked(*upload, Span { from, to: self.now() }, &look);
                let Err((rule, wanted)) = outcome else { break };
                if Instant::now() < until {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
                self.transcript.push(format!("the status of upload {upload}: {look}"));
                return Err(End::Broken(Box::new(Misfit {
                    step: place.step,
                    segment: place.segment,
                    rule,
                    expected: wanted.to_string(),
                    got: look.to_string(),
                    probe: Probe::Look { upload: *upload, wanted },
                })));
            }
        }
        Ok(())
    }

    /// Looks at the sum of what a target keeps of a complete upload, where it shows one.
    async fn sum(&mut self, place: Place, upload: usize) -> Result<(), End> {
        let (Some(stored), Some(id)) = (&self.asker.target.stored, self.videos.get(&upload)) else {
            return Ok(());
        };
        let Some(pieces) = self.model.bytes(upload).filter(|_| !self.summed.contains(&upload)) else {
            return Ok(());
        };
        self.summed.push(upload);
        // Only a file that is what was uploaded, from its first byte on, has a sum that a scenario can name.
        let ends = pieces.iter().scan(0, |end, (offset, length)| {
            let begins = *end;
            *end = offset + length;
            Some((begins, *offset))
        });
        if ends.into_iter().any(|(end, offset)| end != offset) {
            return Ok(());
        }
        let url = format!("{}/{id}", stored.as_str().trim_end_matches('/'));
        let url = url.parse().map_err(|_| End::Unsaid("the address of what is stored is none".to_owned()))?;
        let said = self.asker.look(url).await.map_err(|silence| unsaid(&silence))?;
        let shown = said.body.as_ref().and_then(|body| body.get("sha256")?.as_str().map(str::to_owned));
        let Some(shown) = shown else { return Ok(()) };
        let content = content(self.manner.seed, upload);
        let mut bytes = Vec::new();
        for (offset, length) in pieces {
            let at = bytes.len();
            bytes.resize(at + usize::try_from(length).unwrap_or(0), 0);
            content.read_at(offset, &mut bytes[at..]).map_err(|error| End::Unsaid(error.to_string()))?;
        }
        let mut wanted = String::new();
        for byte in Algorithm::Sha256.of(&bytes) {
            let _ = write!(wanted, "{byte:02x}");
        }
        if shown.eq_ignore_ascii_case(&wanted) {
            return Ok(());
        }
        self.transcript.push(format!("what is stored: sha256 {shown}; what was sent: sha256 {wanted}"));
        let size = bytes.len() as u64;
        Err(End::Broken(Box::new(Misfit {
            step: place.step,
            segment: None,
            rule: "UPLOAD-11",
            expected: format!("the {size} bytes that were sent"),
            got: "other bytes".to_owned(),
            probe: Probe::Stored { upload, size },
        })))
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

/// What an event came to.
enum Happened {
    Advanced(u64),
    Said(Said),
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

fn read(said: &Said) -> Look {
    let ingest = said.body.as_ref().and_then(|body| body.get("ingest"));
    let member = |name: &str| ingest.and_then(|ingest| ingest.get(name)).filter(|value| !value.is_null());
    let ranges = member("receivedBytes").and_then(Json::as_array).map(|ranges| {
        let end = |range: &Json, name: &str| range.get(name).and_then(Json::as_u64).unwrap_or(u64::MAX);
        let mut ranges: Vec<_> = ranges.iter().map(|range| (end(range, "from"), end(range, "to"))).collect();
        ranges.sort_unstable();
        ranges
    });
    let parts = member("receivedParts").and_then(|parts| {
        let numbers = parts.get("parts")?.as_array()?;
        let numbers = numbers.iter().map(|number| number.as_u64().unwrap_or(u64::MAX)).collect();
        Some((numbers, parts.get("total").and_then(Json::as_u64)))
    });
    Look {
        status: said.status,
        ingest: member("status").and_then(Json::as_str).map(str::to_owned),
        filesize: member("filesize").and_then(Json::as_u64),
        ranges,
        parts,
    }
}
