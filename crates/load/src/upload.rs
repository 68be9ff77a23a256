//! One upload, from its token to its last segment.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::rc::Rc;

use futures_util::StreamExt as _;
use serde::Deserialize;

use super::desk::{Arrival, Counts, Desk};
use super::job::Job;
use super::plan::{Fate, TokenPolicy, VerifyBy};
use super::recorder::{Class, Failure, Recorder, Sample, Step};
use super::verify;
use super::wire::{Ask, Content, Cost, Fault, Keep, Pace, Reply, Window};
use uptake_outcome::load::Phase;

/// How an upload ended.
enum End {
    Completed,
    Resumed,
    Abandoned,
}

/// An upload under way. Where it is dropped before its end, the run was over before.
struct Running<'d> {
    desk: &'d Desk,
    arrival: Arrival,
    is_over: Cell<bool>,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.desk.in_flight.set(self.desk.in_flight.get() - 1);
        if self.is_over.get() {
            return;
        }
        let sample = self.desk.sample(self.arrival);
        let interrupted = self.desk.shared.stopper.is_stopped();
        self.desk.record(self.arrival.counts, |recorder| {
            recorder.tally.unfinished += 1;
            // What the user cut off is nobody's failure.
            if !interrupted {
                recorder.failed(sample, Failure { step: Step::Upload, class: Class::Unfinished });
            }
        });
    }
}

/// Sends one upload after another for as long as there are some.
pub(super) async fn uploader(desk: Rc<Desk>) {
    let pace = desk.shared.plan.bandwidth.map(Pace::new);
    let mut sender = Sender::new(&desk, pace.as_ref());
    while let Some(arrival) = desk.next().await {
        sender.upload(arrival).await;
        if let super::plan::Model::Closed { think, .. } = &desk.shared.plan.model
            && !think.is_none()
        {
            let rest = desk.shared.jobs.rest(*think, arrival.number);
            tokio::select! {
                () = tokio::time::sleep(rest) => {}
                () = desk.shared.stopper.stopped() => {}
            }
        }
    }
}

/// What an uploader has at hand; its texts keep their room from one upload to the next.
struct Sender<'d> {
    desk: &'d Desk,
    pace: Option<&'d Pace>,
    content_type: String,
    before: Vec<u8>,
    after: Vec<u8>,
    /// What stands before a file in the form, where no video is named.
    opening: Vec<u8>,
}

#[derive(Deserialize)]
struct Token {
    token: String,
}

#[derive(Deserialize)]
struct Video {
    #[serde(rename = "videoId")]
    video_id: String,
}

impl<'d> Sender<'d> {
    fn new(desk: &'d Desk, pace: Option<&'d Pace>) -> Self {
        let boundary = &desk.shared.boundary;
        let opening = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"load.mp4\"\r\n\
             Content-Type: video/mp4\r\n\r\n"
        );
        Self {
            desk,
            pace,
            content_type: format!("multipart/form-data; boundary={boundary}"),
            before: Vec::with_capacity(512),
            after: format!("\r\n--{boundary}--\r\n").into_bytes(),
            opening: opening.into_bytes(),
        }
    }

    async fn upload(&mut self, arrival: Arrival) {
        let desk = self.desk;
        desk.in_flight.set(desk.in_flight.get() + 1);
        match arrival.counts {
            Counts::Yes => desk.recorder.borrow_mut().tally.started += 1,
            Counts::No => desk.recorder.borrow_mut().tally.warm_up += 1,
        }
        let running = Running { desk, arrival, is_over: Cell::new(false) };
        let outcome = self.run(arrival).await;
        running.is_over.set(true);
        let (sample, outcome) = match outcome {
            Ok((video, sample, end)) => (sample, self.verified(arrival, video, end).await),
            Err(failure) => (desk.sample(arrival), Err(failure)),
        };
        desk.record(arrival.counts, |recorder| close(recorder, sample, &outcome));
    }

    /// Sends the upload. The sample is taken before anything is verified.
    async fn run(&mut self, arrival: Arrival) -> Result<(Option<String>, Sample, End), Failure> {
        let desk = self.desk;
        let job = desk.shared.jobs.job(arrival.number);
        let own_path;
        let path = if let Some(path) = &desk.shared.upload_path {
            path.as_str()
        } else {
            own_path = self.create_token(arrival.counts).await?;
            &own_path
        };
        let (video, end) = self.segments(arrival, &job, path).await?;
        Ok((video, desk.sample(arrival), end))
    }

    async fn create_token(&self, counts: Counts) -> Result<String, Failure> {
        let shared = &self.desk.shared;
        let ttl = match &shared.plan.token {
            TokenPolicy::Each(ttl) | TokenPolicy::One(ttl) => *ttl,
            TokenPolicy::Given(_) => None,
        };
        let body = token_body(ttl);
        let path = format!("{}/upload-tokens", shared.site.prefix);
        let ask = Ask {
            auth: shared.auth.as_deref(),
            content_type: Some("application/json"),
            before: body.as_bytes(),
            keep: Keep::Body,
            ..Ask::new("POST", &path)
        };
        let reply = self.ask(&ask, counts, Step::Token).await?;
        self.desk.record(counts, |recorder| recorder.phase(Phase::Token, reply.finished - reply.started));
        let token: Token = serde_json::from_slice(&reply.body)
            .map_err(|_| Failure { step: Step::Token, class: Class::Protocol })?;
        Ok(upload_path(&shared.site.prefix, &token.token))
    }

    async fn segments(
        &mut self,
        arrival: Arrival,
        job: &Job,
        path: &str,
    ) -> Result<(Option<String>, End), Failure> {
        let jobs = &self.desk.shared.jobs;
        let mut order = if jobs.are_in_turn() { Vec::new() } else { jobs.order(job) }.into_iter();
        let mut end = End::Completed;
        let first = order.next().unwrap_or(1);
        let sent = Segment { arrival, job, path, number: first, video: None };
        self.frame(None);
        let video = match self.segment(sent, &mut end).await? {
            ControlFlow::Continue(video) => video,
            ControlFlow::Break(()) => return Ok((None, End::Abandoned)),
        };
        if job.count > 1 {
            self.frame(video.as_deref());
            let part = |number| Segment { arrival, job, path, number, video: video.as_deref() };
            let is_over = if jobs.are_in_turn() {
                self.in_turn((2..=job.count).map(part), &mut end).await?
            } else {
                self.side_by_side(order.map(part).collect(), &mut end).await?
            };
            if is_over.is_break() {
                return Ok((None, End::Abandoned));
            }
        }
        Ok((video, end))
    }

    async fn in_turn(
        &self,
        parts: impl Iterator<Item = Segment<'_>>,
        end: &mut End,
    ) -> Result<ControlFlow<()>, Failure> {
        for part in parts {
            if self.segment(part, end).await?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    async fn side_by_side(&self, parts: Vec<Segment<'_>>, end: &mut End) -> Result<ControlFlow<()>, Failure> {
        let resumed = Cell::new(false);
        let sending = parts.into_iter().map(|part| {
            let resumed = &resumed;
            async move {
                let mut end = End::Completed;
                let done = self.segment(part, &mut end).await;
                if matches!(end, End::Resumed) {
                    resumed.set(true);
                }
                done
            }
        });
        let mut all = futures_util::stream::iter(sending).buffer_unordered(self.desk.shared.jobs.parallel());
        let mut is_over = ControlFlow::Continue(());
        while let Some(done) = all.next().await {
            if done?.is_break() {
                is_over = ControlFlow::Break(());
                break;
            }
        }
        drop(all);
        if resumed.get() {
            *end = End::Resumed;
        }
        Ok(is_over)
    }

    /// Writes what stands before the file in the form.
    fn frame(&mut self, video: Option<&str>) {
        self.before.clear();
        if let Some(video) = video {
            let boundary = &self.desk.shared.boundary;
            for part in [
                "--",
                boundary,
                "\r\nContent-Disposition: form-data; name=\"videoId\"\r\n\r\n",
                video,
                "\r\n",
            ] {
                self.before.extend_from_slice(part.as_bytes());
            }
        }
        self.before.extend_from_slice(&self.opening);
    }

    /// Sends one segment; where the upload's fate says so, it is broken off first.
    async fn segment(
        &self,
        segment: Segment<'_>,
        end: &mut End,
    ) -> Result<ControlFlow<(), Option<String>>, Failure> {
        let Segment { arrival, job, number, video, .. } = segment;
        let breaks = job.fate != Fate::Whole && number == job.broken_at;
        if breaks {
            self.break_off(&segment).await?;
            if job.fate == Fate::Abandoned {
                return Ok(ControlFlow::Break(()));
            }
            *end = End::Resumed;
        }
        let shared = &self.desk.shared;
        let part = job.part(number);
        // A first answer names the video that later segments and the status need.
        let is_named = job.count > 1 || shared.plan.verify == VerifyBy::Status;
        let wants_name = video.is_none() && is_named;
        let ask = Ask {
            keep: if wants_name { Keep::Body } else { Keep::Nothing },
            ..self.form(&segment, &shared.contents[job.content], None)
        };
        let reply = self.ask(&ask, arrival.counts, Step::Segment).await?;
        let named = wants_name.then(|| serde_json::from_slice::<Video>(&reply.body).ok()).flatten();
        self.desk.record(arrival.counts, |recorder| {
            recorder.phase(Phase::Ttfb, reply.first_byte.saturating_duration_since(reply.sent));
            recorder.phase(Phase::Segment, reply.finished - reply.started);
            recorder.tally.segments += 1;
            recorder.tally.goodput_bytes += part.len;
            if wants_name && named.is_none() {
                recorder.tally.without_id += 1;
            }
        });
        Ok(ControlFlow::Continue(named.map(|video| video.video_id)))
    }

    /// Sends half a segment and closes the connection.
    async fn break_off(&self, segment: &Segment<'_>) -> Result<(), Failure> {
        let half = segment.job.part(segment.number).len / 2;
        let content = &self.desk.shared.contents[segment.job.content];
        let ask = self.form(segment, content, Some(half));
        let mut cost = Cost::default();
        let outcome = self.desk.pool.exchange(&ask, &mut cost).await;
        self.charge(segment.arrival.counts, cost);
        match outcome {
            // An answer that came before half of it was sent was meant for it all the same.
            Err(Fault::BrokenOff) | Ok(_) => Ok(()),
            Err(fault) => Err(failure(Step::Segment, fault)),
        }
    }

    fn form<'a>(
        &'a self,
        segment: &Segment<'a>,
        content: &'a std::sync::Arc<Content>,
        break_off: Option<u64>,
    ) -> Ask<'a> {
        let part = segment.job.part(segment.number);
        Ask {
            content_type: Some(&self.content_type),
            range: part.range,
            before: &self.before,
            file: Some(Window { content, from: segment.job.from + part.from, len: part.len }),
            after: &self.after,
            break_off,
            pace: self.pace,
            ..Ask::new("POST", segment.path)
        }
    }

    /// Asks, and takes every status but those of success for a failure.
    async fn ask(&self, ask: &Ask<'_>, counts: Counts, step: Step) -> Result<Reply, Failure> {
        let mut cost = Cost::default();
        let outcome = self.desk.pool.exchange(ask, &mut cost).await;
        self.charge(counts, cost);
        match outcome {
            Ok(reply) if (200..300).contains(&reply.status) => Ok(reply),
            Ok(reply) => Err(Failure { step, class: Class::Status(reply.status) }),
            Err(fault) => Err(failure(step, fault)),
        }
    }

    fn charge(&self, counts: Counts, cost: Cost) {
        self.desk.record(counts, |recorder| {
            recorder.tally.bytes_sent += cost.bytes;
            recorder.tally.requests += cost.requests;
            recorder.tally.retries += cost.retries;
            if let Some(connect) = cost.connect {
                recorder.tally.connections += 1;
                recorder.phase(Phase::Connect, connect);
            }
            if let Some(tls) = cost.tls {
                recorder.phase(Phase::Tls, tls);
            }
        });
    }

    /// Compares what was received with what was sent, where that is asked for.
    async fn verified(&self, arrival: Arrival, video: Option<String>, end: End) -> Result<End, Failure> {
        let shared = &self.desk.shared;
        if shared.plan.verify == VerifyBy::Nothing || matches!(end, End::Abandoned) {
            return Ok(end);
        }
        let job = shared.jobs.job(arrival.number);
        let unequal = Failure { step: Step::Status, class: Class::Verify };
        let video = video.ok_or(unequal)?;
        let path = format!("{}/videos/{}/status", shared.site.prefix, encoded(&video));
        let ask = Ask { auth: shared.auth.as_deref(), keep: Keep::Body, ..Ask::new("GET", &path) };
        // What has arrived may take a moment to be seen.
        for rest in verify::RESTS {
            let reply = self.ask(&ask, arrival.counts, Step::Status).await?;
            if verify::is_whole(&reply.body, &job) {
                self.desk.record(arrival.counts, |recorder| recorder.tally.verified += 1);
                return Ok(end);
            }
            tokio::time::sleep(rest).await;
        }
        Err(unequal)
    }
}

/// A segment that is to be sent.
#[derive(Clone, Copy)]
struct Segment<'a> {
    arrival: Arrival,
    job: &'a Job,
    path: &'a str,
    number: u64,
    video: Option<&'a str>,
}

fn close(recorder: &mut Recorder, sample: Sample, outcome: &Result<End, Failure>) {
    match outcome {
        Ok(End::Completed) => recorder.completed(sample),
        Ok(End::Resumed) => {
            recorder.tally.resumed += 1;
            recorder.completed(sample);
        }
        Ok(End::Abandoned) => recorder.tally.abandoned += 1,
        Err(failure) => recorder.failed(sample, *failure),
    }
}

fn failure(step: Step, fault: Fault) -> Failure {
    let class = match fault {
        Fault::Failed(class) | Fault::Stale(class) => class,
        Fault::BrokenOff => Class::Closed,
    };
    Failure { step, class }
}

/// The body of the call that creates a token.
pub(super) fn token_body(ttl: Option<u64>) -> String {
    format!("{{\"ttl\":{}}}", ttl.unwrap_or(0))
}

/// Where a token's uploads go.
pub(super) fn upload_path(prefix: &str, token: &str) -> String {
    format!("{prefix}/upload?token={}", encoded(token))
}

fn encoded(text: &str) -> percent_encoding::PercentEncode<'_> {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
}
