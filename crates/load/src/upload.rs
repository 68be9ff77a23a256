//! One upload, from its token to the request that completes it.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::Value;

use super::answer::Answer;
use super::call::{call, refused};
use super::client::{Request, UploadPacing};
use super::context::Period;
use super::failure::{ErrorClass, Failure, Step};
use super::plan::Outcome;
use super::protocol::{RequestTemplate, Saved};
use super::segment::{Accepted, Segment, SegmentSender, Sent};
use super::unique;
use super::worker_state::{Arrival, WorkerState};
use super::workload::UploadSpec;
use uptake_outcome::load::Phase;

/// Sends uploads, one at a time.
pub(super) struct UploadSender<'s> {
    state: &'s WorkerState,
    segments: SegmentSender<'s>,
}

/// An upload whose segments were all sent, or that ended before on purpose.
pub(super) struct SentUpload {
    /// What responses gave.
    pub(super) saved: Saved,
    pub(super) outcome: Outcome,
}

impl<'s> UploadSender<'s> {
    pub(super) fn new(state: &'s WorkerState) -> Self {
        Self { state, segments: SegmentSender { state, pacing: None, page: Vec::with_capacity(4_096) } }
    }

    /// For how long the upload that was sent last waited for its own client, if that is paced.
    pub(super) fn paced(&self) -> Option<Duration> {
        self.segments.pacing.as_ref().map(|pacing| pacing.paced())
    }

    /// Sends an upload.
    pub(super) async fn send(&mut self, arrival: Arrival) -> Result<SentUpload, Failure> {
        let context = &self.state.context;
        let script = &context.script;
        let period = arrival.period;
        let upload = context.workload.upload(arrival.number);
        let workload = &context.workload;
        self.segments.pacing =
            workload.is_paced().then(|| UploadPacing::new(workload.bandwidth(arrival.number)));
        let mut saved = script.nothing_saved();
        if let Some(token) = &script.token {
            self.make(token, (Step::Token, Phase::Token), (period, &upload), &mut saved).await?;
        }
        if let Some(create) = &script.create {
            self.make(create, (Step::Create, Phase::Create), (period, &upload), &mut saved).await?;
        }
        let resumed = Cell::new(false);
        let mut parts = Vec::new();
        let sent = self.send_segments((period, &upload), &mut saved, &mut parts, &resumed).await?;
        if let ControlFlow::Break(outcome) = sent {
            return Ok(SentUpload { saved, outcome });
        }
        if let Some(complete) = &script.complete {
            self.complete(complete, (period, &upload), &saved, parts).await?;
        }
        let outcome = if resumed.get() { Outcome::Resumed } else { Outcome::Completed };
        Ok(SentUpload { saved, outcome })
    }

    /// Sends a request that makes something, and keeps what later requests need: without it there is no upload.
    async fn make(
        &self,
        template: &RequestTemplate,
        (step, phase): (Step, Phase),
        (period, upload): (Period, &UploadSpec),
        saved: &mut Saved,
    ) -> Result<(), Failure> {
        let context = &self.state.context;
        let values = context.script.values(upload.numbers(), saved);
        let mut body = String::new();
        template.write_before(&values, &mut body).map_err(|why| refused(step, why))?;
        let request = Request::new(template, values, &body);
        let response = call(self.state, &request, period, step).await?;
        self.state.record(period, |recorder| recorder.phase(phase, response.finished - response.started));
        let mut kept = saved.clone();
        if template.keep(&Answer::new(&response, &context.base_url), &mut kept) > 0 {
            return Err(Failure { step, class: ErrorClass::Protocol });
        }
        *saved = kept;
        Ok(())
    }

    async fn send_segments(
        &mut self,
        (period, upload): (Period, &UploadSpec),
        saved: &mut Saved,
        parts: &mut Vec<Value>,
        resumed: &Cell<bool>,
    ) -> Sent<()> {
        let context = &self.state.context;
        let workload = &context.workload;
        let is_sequential = workload.is_sequential();
        let mut order = if is_sequential { Vec::new() } else { workload.order(upload) }.into_iter();
        let content = &context.contents[upload.content];
        unique::first_page(content, upload, &mut self.segments.page)
            .map_err(|_| Failure { step: Step::Segment, class: ErrorClass::File })?;
        let number = order.next().unwrap_or(1);
        let first = Segment { period, upload, number, is_first: true, saved };
        let Accepted { saved: kept, part } = match self.segments.send(first, resumed).await? {
            ControlFlow::Continue(accepted) => accepted,
            ControlFlow::Break(outcome) => return Ok(ControlFlow::Break(outcome)),
        };
        if let Some(kept) = kept {
            *saved = kept;
        }
        parts.extend(part);
        if upload.segments == 1 {
            return Ok(ControlFlow::Continue(()));
        }
        let segment = |number| Segment { period, upload, number, is_first: false, saved };
        let mut last_saved = None;
        let mut take = |accepted: Accepted| {
            last_saved = accepted.saved.or(last_saved.take());
            parts.extend(accepted.part);
        };
        if is_sequential {
            for number in 2..=upload.segments {
                match self.segments.send(segment(number), resumed).await? {
                    ControlFlow::Continue(accepted) => take(accepted),
                    ControlFlow::Break(outcome) => return Ok(ControlFlow::Break(outcome)),
                }
            }
        } else {
            let sending = order.map(|number| self.segments.send(segment(number), resumed));
            let mut results = futures_util::stream::iter(sending).buffer_unordered(workload.parallel());
            while let Some(result) = results.next().await {
                match result? {
                    ControlFlow::Continue(accepted) => take(accepted),
                    ControlFlow::Break(outcome) => return Ok(ControlFlow::Break(outcome)),
                }
            }
        }
        if let Some(kept) = last_saved {
            *saved = kept;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Tells the server that all segments were sent.
    async fn complete(
        &self,
        template: &RequestTemplate,
        (period, upload): (Period, &UploadSpec),
        saved: &Saved,
        mut parts: Vec<Value>,
    ) -> Result<(), Failure> {
        parts.sort_by_key(|part| part.get("number").and_then(Value::as_u64));
        let parts = Value::Array(parts);
        let mut values = self.state.context.script.values(upload.numbers(), saved);
        values.parts = Some(&parts);
        let mut body = String::new();
        template.write_before(&values, &mut body).map_err(|why| refused(Step::Complete, why))?;
        let request = Request::new(template, values, &body);
        let response = call(self.state, &request, period, Step::Complete).await?;
        self.state.record(period, |recorder| {
            recorder.phase(Phase::Complete, response.finished - response.started);
        });
        Ok(())
    }
}
