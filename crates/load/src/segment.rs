//! One segment: sent, or interrupted on purpose and then sent again, from where the server is if it keeps what it received.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::answer::Answer;
use super::ask::ask;
use super::call::{call, interrupted_call, refused};
use super::client::{ContentSlice, Pause, Request, RequestPacing, ResponseBody, UploadPacing};
use super::context::Period;
use super::failure::{ErrorClass, Failure, Step};
use super::plan::{Outcome, Verification};
use super::poll::POLL_DELAYS;
use super::protocol::{Numbers, RequestTemplate, Saved, SegmentKind, Values, received_bytes};
use super::worker_state::WorkerState;
use super::workload::{Attempt, MAX_RESUMPTIONS, SegmentSpec, UploadSpec};
use uptake_outcome::load::Phase;
use uptake_payload::Framing;
use uptake_suite::protocol::BrokenOff;

/// Sends segments. Its buffer is reused from one upload to the next.
pub(super) struct SegmentSender<'s> {
    pub(super) state: &'s WorkerState,
    /// That of the upload in progress, if its client is paced.
    pub(super) pacing: Option<Arc<UploadPacing>>,
    /// The first page of a generated file.
    pub(super) page: Vec<u8>,
}

/// A segment to send.
#[derive(Clone, Copy)]
pub(super) struct Segment<'a> {
    pub(super) period: Period,
    pub(super) upload: &'a UploadSpec,
    pub(super) number: u64,
    /// Whether it is the one that is sent first.
    pub(super) is_first: bool,
    pub(super) saved: &'a Saved,
}

/// What an accepted segment gave.
#[derive(Default)]
pub(super) struct Accepted {
    /// All values of the upload, if the response added to them.
    pub(super) saved: Option<Saved>,
    /// The segment, for the request that completes the upload.
    pub(super) part: Option<Value>,
}

/// Whether the upload goes on after a segment, or how it ends.
pub(super) type Sent<T> = Result<ControlFlow<Outcome, T>, Failure>;

impl SegmentSender<'_> {
    /// Sends one segment. That of an abandoned or resumed upload is interrupted first, and any may lose its connection.
    pub(super) async fn send(&self, segment: Segment<'_>, resumed: &Cell<bool>) -> Sent<Accepted> {
        let Segment { upload, number, .. } = segment;
        let keeps_a_prefix = self.state.context.script.broken_off == BrokenOff::KeepsAPrefix;
        let is_interrupted = upload.outcome != Outcome::Completed && number == upload.interrupted_at;
        let mut spec = upload.segment(number);
        for count in 0..=MAX_RESUMPTIONS {
            let attempt = Attempt { upload: upload.number, segment: number, resumed: count };
            let is_first = count == 0;
            let planned = (is_first && is_interrupted).then_some(spec.len / 2);
            let is_resumption = !is_first && keeps_a_prefix;
            if planned.is_none() && self.drop_at(attempt, spec).is_none() {
                let sent = if is_resumption {
                    self.send_rest(segment, spec, attempt).await?
                } else {
                    self.send_piece(segment, spec, attempt).await?
                };
                return Ok(ControlFlow::Continue(sent));
            }
            if is_resumption {
                match self.rest(segment, spec).await? {
                    Some(rest) => spec = rest,
                    None => return Ok(ControlFlow::Continue(Accepted::default())),
                }
            }
            let at = planned.or_else(|| self.drop_at(attempt, spec)).unwrap_or(0);
            self.interrupt(segment, spec, (attempt, at)).await?;
            if planned.is_none() {
                self.state.record(segment.period, |recorder| recorder.counters.dropped += 1);
            } else if upload.outcome == Outcome::Abandoned {
                return Ok(ControlFlow::Break(Outcome::Abandoned));
            }
            resumed.set(true);
        }
        Ok(ControlFlow::Break(Outcome::GivenUp))
    }

    /// After how many bytes the connection is lost, if it is.
    fn drop_at(&self, attempt: Attempt, spec: SegmentSpec) -> Option<u64> {
        self.state.context.workload.drop_at(attempt, spec.len)
    }

    /// Sends a segment up to a byte, and closes the connection.
    async fn interrupt(
        &self,
        segment: Segment<'_>,
        spec: SegmentSpec,
        (attempt, at): (Attempt, u64),
    ) -> Result<(), Failure> {
        let template = self.template(&segment);
        let values = self.values(&segment, spec);
        let (before, piece) = self.body(template, &values, spec)?;
        let pacing = self.paced(attempt, spec, piece.body_at(&before, 0));
        let request = Request {
            interrupt_after: Some(piece.body_at(&before, at)),
            response_body: ResponseBody::Discard,
            pacing: pacing.as_ref().map(|pacing| &pacing.0),
            ..self.request(template, values, (&before, piece), segment.upload)
        };
        interrupted_call(self.state, &request, segment.period).await
    }

    /// What the server did not keep of an interrupted segment; `None` if it kept all of it.
    async fn rest(&self, segment: Segment<'_>, spec: SegmentSpec) -> Result<Option<SegmentSpec>, Failure> {
        let end = spec.from + spec.len;
        let at = ask(self.state, segment.period, segment.upload, segment.saved, |ask, answer| {
            received_bytes(&ask.received, answer)
        });
        let at = at.await?.ok_or(Failure { step: Step::Status, class: ErrorClass::Protocol })?;
        if !(spec.from..=end).contains(&at) {
            return Err(LOST);
        }
        Ok((at < end).then_some(SegmentSpec { from: at, len: end - at }))
    }

    /// Sends what the server did not keep of an interrupted segment. It may take a while until it knows that the connection is
    /// closed.
    async fn send_rest(
        &self,
        segment: Segment<'_>,
        spec: SegmentSpec,
        attempt: Attempt,
    ) -> Result<Accepted, Failure> {
        let misplaced = &self.state.context.script.misplaced;
        for delay in POLL_DELAYS {
            let Some(rest) = self.rest(segment, spec).await? else { return Ok(Accepted::default()) };
            match self.send_piece(segment, rest, attempt).await {
                Err(Failure { class: ErrorClass::Status(status), .. }) if misplaced.has(status) => {}
                other => return other,
            }
            tokio::time::sleep(delay).await;
        }
        Err(LOST)
    }

    async fn send_piece(
        &self,
        segment: Segment<'_>,
        spec: SegmentSpec,
        attempt: Attempt,
    ) -> Result<Accepted, Failure> {
        let Segment { period, upload, .. } = segment;
        let context = &self.state.context;
        let template = self.template(&segment);
        let values = self.values(&segment, spec);
        let (before, piece) = self.body(template, &values, spec)?;
        // Later requests of this upload need what the response says.
        let has_later = upload.segments > 1
            || context.plan.verify != Verification::Off
            || context.script.complete.is_some();
        let keeps = has_later && template.saves_anything();
        let keeps_part = context.script.complete.is_some();
        let is_wanted = keeps || (keeps_part && context.script.segment.keeps_parts);
        let pacing = self.paced(attempt, spec, piece.body_at(&before, 0));
        let request = Request {
            response_body: if is_wanted { ResponseBody::Keep } else { ResponseBody::Discard },
            pacing: pacing.as_ref().map(|pacing| &pacing.0),
            ..self.request(template, values, (&before, piece), upload)
        };
        let response = call(self.state, &request, period, Step::Segment).await?;
        let held = pacing.as_ref().map_or(Duration::ZERO, |pacing| pacing.0.finish());
        let answer = Answer::new(&response, &context.base_url);
        let mut accepted = Accepted::default();
        let mut lacking = 0;
        if keeps {
            let mut saved = segment.saved.clone();
            lacking = template.keep(&answer, &mut saved);
            accepted.saved = Some(saved);
        }
        if keeps_part {
            accepted.part = Some(part(&values.numbers, template.of_segment(&answer)));
        }
        self.state.record(period, |recorder| {
            let took = (response.finished - response.started).saturating_sub(held);
            recorder.phase(Phase::Ttfb, response.first_byte.saturating_duration_since(response.sent));
            recorder.phase(Phase::Segment, took);
            recorder.counters.segments += 1;
            recorder.counters.goodput_bytes += response.file_bytes + piece.in_page;
            recorder.counters.lacking += u64::from(lacking > 0);
        });
        Ok(accepted)
    }

    /// The pacing of a request whose first byte of the file is the body's byte `from`.
    fn paced(&self, attempt: Attempt, spec: SegmentSpec, from: u64) -> Option<Paced> {
        let pause = self.state.context.workload.pause_at(attempt, spec.len);
        let pause = pause.map(|(at, length)| Pause { after: from + at, length });
        self.pacing.as_ref().map(|upload| Paced(RequestPacing::new(upload, pause)))
    }

    fn template(&self, segment: &Segment<'_>) -> &RequestTemplate {
        let script = &self.state.context.script;
        let upload = segment.upload;
        match &script.whole {
            // An empty file has no byte range.
            Some(whole) if upload.framing == Framing::None || upload.size == 0 => whole,
            _ => script.segment.request(SegmentKind {
                framing: upload.framing,
                total: upload.total,
                is_first: segment.is_first,
                is_last: segment.number == upload.segments,
            }),
        }
    }

    fn values<'a>(&'a self, segment: &Segment<'a>, spec: SegmentSpec) -> Values<'a> {
        let upload = segment.upload;
        let numbers = Numbers {
            from: spec.from,
            length: spec.len,
            number: segment.number,
            total: upload.size,
            count: upload.segments,
        };
        self.state.context.script.values(numbers, segment.saved)
    }

    /// What stands before the part of the file that comes from its content, and which part that is.
    fn body<'t>(
        &self,
        template: &'t RequestTemplate,
        values: &Values<'_>,
        spec: SegmentSpec,
    ) -> Result<(Cow<'t, [u8]>, Piece), Failure> {
        let page = usize::try_from(spec.from).ok().and_then(|from| self.page.get(from..)).unwrap_or_default();
        let page = &page[..page.len().min(usize::try_from(spec.len).unwrap_or(usize::MAX))];
        let in_page = page.len() as u64;
        let piece = Piece { from: spec.from + in_page, len: spec.len - in_page, in_page };
        if let Some(fixed) = template.fixed_before().filter(|_| page.is_empty()) {
            return Ok((Cow::Borrowed(fixed.as_bytes()), piece));
        }
        let mut text = String::with_capacity(512 + page.len());
        template.write_before(values, &mut text).map_err(|why| refused(Step::Segment, why))?;
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(page);
        Ok((Cow::Owned(bytes), piece))
    }

    fn request<'a>(
        &'a self,
        template: &'a RequestTemplate,
        values: Values<'a>,
        (before, piece): (&'a [u8], Piece),
        upload: &UploadSpec,
    ) -> Request<'a> {
        let content = &self.state.context.contents[upload.content];
        let file = ContentSlice { content, from: upload.offset + piece.from, len: piece.len };
        Request {
            before,
            file: Some(file),
            after: template.after().as_bytes(),
            ..Request::new(template, values, "")
        }
    }
}

/// The part of a segment that comes from the content.
#[derive(Clone, Copy)]
struct Piece {
    from: u64,
    len: u64,
    /// The bytes of the segment that stand in the file's first page.
    in_page: u64,
}

impl Piece {
    /// The place in the body of a byte of the segment, from 0.
    fn body_at(self, before: &[u8], byte: u64) -> u64 {
        before.len() as u64 - self.in_page + byte
    }
}

/// The pacing of a request in progress, which ends with this.
struct Paced(Arc<RequestPacing>);

impl Drop for Paced {
    fn drop(&mut self) {
        self.0.finish();
    }
}

/// The server lost bytes that it had.
const LOST: Failure = Failure { step: Step::Status, class: ErrorClass::Verify };

/// An accepted segment, as `parts` lists it.
fn part(numbers: &Numbers, named: Vec<(String, Value)>) -> Value {
    let (from, length) = (numbers.from, numbers.length);
    let own = [
        ("number", numbers.number),
        ("from", from),
        ("to", (from + length).saturating_sub(1)),
        ("length", length),
    ];
    let own = own.map(|(name, number)| (name.to_owned(), Value::from(number)));
    Value::Object(own.into_iter().chain(named).collect::<Map<_, _>>())
}
