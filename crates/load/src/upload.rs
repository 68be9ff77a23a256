//! One upload, from its token to its last segment.

use std::cell::Cell;
use std::ops::ControlFlow;

use futures_util::StreamExt as _;

use super::api;
use super::call::{call, interrupted_call};
use super::client::{BandwidthLimit, ContentSlice, Request, ResponseBody};
use super::context::Period;
use super::failure::{ErrorClass, Failure, Step};
use super::form::Form;
use super::plan::{Outcome, TokenPolicy, Verification};
use super::unique;
use super::worker_state::{Arrival, WorkerState};
use super::workload::UploadSpec;
use uptake_outcome::load::Phase;

/// Sends uploads, one at a time.
pub(super) struct UploadSender<'s> {
    state: &'s WorkerState,
    limit: Option<&'s BandwidthLimit>,
    form: Form,
}

/// An upload whose segments were all sent, or that was abandoned on purpose.
pub(super) struct SentUpload {
    /// The video's id, where an answer named it.
    pub(super) video: Option<String>,
    pub(super) outcome: Outcome,
}

/// A segment to send.
#[derive(Clone, Copy)]
struct Segment<'a> {
    period: Period,
    upload: &'a UploadSpec,
    path: &'a str,
    number: u64,
    video: Option<&'a str>,
}

/// Whether the upload goes on after a segment.
type Sent<T> = Result<ControlFlow<(), T>, Failure>;

impl<'s> UploadSender<'s> {
    pub(super) fn new(state: &'s WorkerState, limit: Option<&'s BandwidthLimit>) -> Self {
        Self { state, limit, form: Form::new(&state.context.boundary) }
    }

    /// Sends an upload.
    pub(super) async fn send(&mut self, arrival: Arrival) -> Result<SentUpload, Failure> {
        let context = &self.state.context;
        let upload = context.workload.upload(arrival.number);
        let own_path;
        let path = if let Some(path) = &context.upload_path {
            path.as_str()
        } else {
            own_path = self.create_token(arrival.period).await?;
            &own_path
        };
        self.segments(arrival.period, &upload, path).await
    }

    /// Creates a token, and returns the path to upload with it.
    async fn create_token(&self, period: Period) -> Result<String, Failure> {
        let context = &self.state.context;
        let ttl = match &context.plan.token {
            TokenPolicy::Each(ttl) | TokenPolicy::One(ttl) => *ttl,
            TokenPolicy::Given(_) => None,
        };
        let body = api::token_body(ttl);
        let path = api::tokens_path(&context.endpoint.prefix);
        let request = Request {
            authorization: context.authorization.as_deref(),
            content_type: Some("application/json"),
            before: body.as_bytes(),
            response_body: ResponseBody::Keep,
            ..Request::new("POST", &path)
        };
        let response = call(self.state, &request, period, Step::Token).await?;
        self.state.record(period, |recorder| {
            recorder.phase(Phase::Token, response.finished - response.started);
        });
        let token = api::token_in(&response.body)
            .ok_or(Failure { step: Step::Token, class: ErrorClass::Protocol })?;
        Ok(api::upload_path(&context.endpoint.prefix, &token))
    }

    async fn segments(
        &mut self,
        period: Period,
        upload: &UploadSpec,
        path: &str,
    ) -> Result<SentUpload, Failure> {
        let workload = &self.state.context.workload;
        let is_sequential = workload.is_sequential();
        let mut order = if is_sequential { Vec::new() } else { workload.order(upload) }.into_iter();
        let resumed = Cell::new(false);
        let first = Segment { period, upload, path, number: order.next().unwrap_or(1), video: None };
        let abandoned = SentUpload { video: None, outcome: Outcome::Abandoned };
        let content = &self.state.context.contents[upload.content];
        unique::first_page(content, upload, &mut self.form.page)
            .map_err(|_| Failure { step: Step::Segment, class: ErrorClass::File })?;
        self.form.prepare(None);
        let video = match self.segment(first, &resumed).await? {
            ControlFlow::Continue(video) => video,
            ControlFlow::Break(()) => return Ok(abandoned),
        };
        if upload.segments > 1 {
            self.form.prepare(video.as_deref());
            let segment = |number| Segment { number, video: video.as_deref(), ..first };
            let flow = if is_sequential {
                self.send_in_turn((2..=upload.segments).map(segment), &resumed).await?
            } else {
                self.send_in_parallel(order.map(segment).collect(), &resumed).await?
            };
            if flow.is_break() {
                return Ok(abandoned);
            }
        }
        let outcome = if resumed.get() { Outcome::Resumed } else { Outcome::Completed };
        Ok(SentUpload { video, outcome })
    }

    async fn send_in_turn(
        &self,
        segments: impl Iterator<Item = Segment<'_>>,
        resumed: &Cell<bool>,
    ) -> Sent<()> {
        for segment in segments {
            if self.segment(segment, resumed).await?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    async fn send_in_parallel(&self, segments: Vec<Segment<'_>>, resumed: &Cell<bool>) -> Sent<()> {
        let parallel = self.state.context.workload.parallel();
        let sending = segments.into_iter().map(|segment| self.segment(segment, resumed));
        let mut results = futures_util::stream::iter(sending).buffer_unordered(parallel);
        while let Some(result) = results.next().await {
            if result?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Sends one segment, and returns the video's id if it was wanted. A segment of an abandoned or resumed upload is
    /// interrupted first.
    async fn segment(&self, segment: Segment<'_>, resumed: &Cell<bool>) -> Sent<Option<String>> {
        let Segment { period, upload, number, video, .. } = segment;
        if upload.outcome != Outcome::Completed && number == upload.interrupted_at {
            let half = upload.segment(number).len / 2;
            interrupted_call(self.state, &self.request(&segment, Some(half)), period).await?;
            if upload.outcome == Outcome::Abandoned {
                return Ok(ControlFlow::Break(()));
            }
            resumed.set(true);
        }
        // The first answer names the video, which later segments and the status call need.
        let is_id_needed = upload.segments > 1 || self.state.context.plan.verify != Verification::Off;
        let wants_id = video.is_none() && is_id_needed;
        let request = Request {
            response_body: if wants_id { ResponseBody::Keep } else { ResponseBody::Discard },
            ..self.request(&segment, None)
        };
        let first_page = if number == 1 { self.form.page.len() as u64 } else { 0 };
        let response = call(self.state, &request, period, Step::Segment).await?;
        let video_id = if wants_id { api::video_id_in(&response.body) } else { None };
        self.state.record(period, |recorder| {
            recorder.phase(Phase::Ttfb, response.first_byte.saturating_duration_since(response.sent));
            recorder.phase(Phase::Segment, response.finished - response.started);
            recorder.counters.segments += 1;
            recorder.counters.goodput_bytes += response.file_bytes + first_page;
            if wants_id && video_id.is_none() {
                recorder.counters.without_id += 1;
            }
        });
        Ok(ControlFlow::Continue(video_id))
    }

    fn request<'a>(&'a self, segment: &Segment<'a>, interrupt_after: Option<u64>) -> Request<'a> {
        let spec = segment.upload.segment(segment.number);
        let content = &self.state.context.contents[segment.upload.content];
        let (before, from) = match segment.number {
            1 => (&self.form.before_first, self.form.page.len() as u64),
            _ => (&self.form.before, 0),
        };
        let file =
            ContentSlice { content, from: segment.upload.offset + spec.from + from, len: spec.len - from };
        Request {
            content_type: Some(&self.form.content_type),
            range: spec.range,
            before,
            file: Some(file),
            after: &self.form.after,
            interrupt_after,
            limit: self.limit,
            ..Request::new("POST", segment.path)
        }
    }
}
