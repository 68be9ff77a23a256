//! The state of one attempt at a case: what was kept of the answers, the model, and what was sent.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value as Json;

use super::case::ProtocolCase;
use super::requests::{Position, part, put_bytes, segment_request, segment_saves, set_names};
use crate::client::{NoResponse, RateLimitedClient};
use crate::mismatch::{Evidence, Mismatch, ShownBy, UploadEvidence};
use crate::outcome::{AttemptOptions, Outcome, SegmentResult, SentPiece};
use crate::subject::{Subject, number};
use uptake_check::Caller;
use uptake_oracle::upload::{Completion, Model, PlacedBy, Reply, Segment, Violation};
use uptake_outcome::text::count as count_of;
use uptake_suite::protocol::{Call, SEGMENT};
use uptake_suite::save::Save;
use uptake_wire::{Exchange, Request};

/// How long a token lives, in seconds.
pub(super) const TTL: u64 = 3600;

pub(super) struct ProtocolRun<'a> {
    pub(super) client: &'a RateLimitedClient,
    pub(super) subject: &'a Subject,
    pub(super) case: &'a ProtocolCase,
    pub(super) options: AttemptOptions,
    pub(super) caller: Caller<'a>,
    pub(super) model: Model,
    /// The segments that were accepted, by number, as the request that completes the upload knows them.
    pub(super) parts: BTreeMap<u64, Json>,
    /// Whether the target has created the upload.
    pub(super) is_begun: bool,
    /// What removes what was created.
    pub(super) removals: Vec<Request>,
    pub(super) transcript: Vec<String>,
    pub(super) results: Vec<SegmentResult>,
    pub(super) sent: Vec<SentPiece>,
}

/// The model of a case's upload. Segments are of so many only where they are what completes it.
fn model(subject: &Subject, case: &ProtocolCase) -> Model {
    let semantics = subject.semantics(case.label);
    let is_counted = semantics.completion == Completion::WhenFull && case.label == PlacedBy::Number;
    let model = Model::new(semantics, case.total);
    if is_counted { model.in_segments(case.count) } else { model }
}

/// Where in a case something happens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Location {
    pub(super) step: usize,
    pub(super) segment: Option<usize>,
}

/// The answer to a segment, for the model and for the eye.
pub(super) struct Answered {
    pub(super) reply: Reply,
    pub(super) words: String,
}

impl<'a> ProtocolRun<'a> {
    pub(super) fn new(
        client: &'a RateLimitedClient,
        subject: &'a Subject,
        case: &'a ProtocolCase,
        options: AttemptOptions,
    ) -> Self {
        let seed = options.seed.derive("upload 0");
        // Texts that are made up differ in each attempt: names of one would be those of another that runs at once.
        let mut caller = Caller::new(&subject.suite, &client.target, seed.derive(&client.new_name()));
        caller.set_content(SEGMENT, seed, case.content_size());
        caller.set("total", case.total);
        caller.set("count", case.count);
        caller.set("ttl", TTL);
        Self {
            client,
            subject,
            case,
            options,
            caller,
            model: model(subject, case),
            parts: BTreeMap::new(),
            is_begun: false,
            removals: Vec::new(),
            transcript: Vec::new(),
            results: Vec::new(),
            sent: Vec::new(),
        }
    }

    /// Makes what an upload begins with: a token, and the upload itself.
    pub(super) async fn create(&mut self) -> Result<(), Outcome> {
        let protocol = self.subject.protocol();
        for (call, what) in [(&protocol.token, "token"), (&protocol.create, "upload")] {
            let Some(call) = call else { continue };
            let exchange = self.call(call).await.map_err(|why| Outcome::from(&why))?;
            let status = exchange.outcome.as_ref().map(|answer| answer.status).unwrap_or_default();
            if !call.accepted.has(status) {
                return Err(Outcome::Inconclusive(format!("no {what} was created: {status}")));
            }
            self.caller.save(&call.save, &exchange).map_err(Outcome::Inconclusive)?;
        }
        self.is_begun = protocol.create.is_some();
        Ok(())
    }

    /// Sends a request of the suite. What its answer says was made is removed at the end.
    pub(super) async fn call(&mut self, call: &Call) -> Result<Exchange, NoResponse> {
        let request = self.caller.request(&call.request);
        let request = request.map_err(|error| NoResponse::Internal(error.to_string()))?;
        let exchange = self.client.exchange(request).await?;
        self.removals.extend(self.caller.removals(&exchange));
        Ok(exchange)
    }

    /// The request that sends a segment, and what is kept of its answer.
    pub(super) fn build(&mut self, segment: &Segment) -> Result<(Request, Vec<Save>), Outcome> {
        let protocol = self.subject.protocol();
        let position = Position { is_first: self.parts.is_empty(), is_last: segment.is_last };
        set_names(&mut self.caller, self.case, segment);
        let mut request = segment_request(&protocol.segment, self.case.label, position);
        put_bytes(&mut request.body, segment.from, segment.length);
        let mut request =
            self.caller.request(&request).map_err(|error| Outcome::Inconclusive(error.to_string()))?;
        request.delivery.break_off = segment.broken_off;
        Ok((request, segment_saves(&protocol.segment, position)))
    }

    /// Reads the answer to a segment, and keeps what it says.
    pub(super) fn read(
        &mut self,
        segment: &Segment,
        saves: &[Save],
        exchange: Result<Exchange, NoResponse>,
    ) -> Result<Answered, Outcome> {
        let piece = |is_accepted| SentPiece { from: segment.from, length: segment.length, is_accepted };
        let without = |words: String| Answered { reply: Reply::default(), words };
        let exchange = match exchange {
            Ok(exchange) => exchange,
            Err(NoResponse::BrokenOff) => {
                self.results.push(SegmentResult::BrokenOff);
                self.sent.push(piece(false));
                return Ok(without("broken off".to_owned()));
            }
            Err(NoResponse::Unanswered(why)) => {
                self.results.push(SegmentResult::Unanswered);
                self.sent.push(piece(false));
                return Ok(without(why));
            }
            Err(why) => return Err(Outcome::from(&why)),
        };
        self.removals.extend(self.caller.removals(&exchange));
        let Ok(answer) = &exchange.outcome else { return Ok(without("no response".to_owned())) };
        let status = answer.status;
        let is_accepted = self.model.accepts(status);
        self.sent.push(piece(is_accepted));
        self.results.push(if is_accepted { SegmentResult::Accepted } else { SegmentResult::Refused(status) });
        let mut reply = Reply { status: Some(status), received: None };
        let mut words = status.to_string();
        if is_accepted {
            let call = &self.subject.protocol().segment;
            self.caller.save(&call.call.save, &exchange).map_err(Outcome::Inconclusive)?;
            self.caller.save(saves, &exchange).map_err(Outcome::Inconclusive)?;
            self.is_begun = true;
            let item = part(&self.caller, &call.call.save, segment);
            self.parts.insert(segment.number, item);
            reply.received = self.received(&exchange);
            if let Some(bytes) = reply.received {
                let _ = write!(words, ", {} received", count_of(bytes, "byte"));
            }
        }
        Ok(Answered { reply, words })
    }

    /// Forgets a segment that is sent once more, and the question before it.
    pub(super) fn forget_last(&mut self) {
        self.results.pop();
        self.sent.pop();
        self.transcript.truncate(self.transcript.len().saturating_sub(2));
    }

    /// How many bytes have been received, as far as the answer to a segment says.
    fn received(&self, exchange: &Exchange) -> Option<u64> {
        let values: Vec<_> = self
            .subject
            .protocol()
            .segment
            .received
            .iter()
            .filter_map(|(kind, save)| Some((*kind, self.caller.saved(save, exchange).ok()?)))
            .filter(|(_, value)| number(value).is_some() || value.is_array())
            .collect();
        super::report::report(&values, self.case.label).bytes
    }

    /// The outcome where the model objects.
    pub(super) fn failed(
        &self,
        Location { step, segment }: Location,
        violation: Violation,
        (shown_by, got): (ShownBy, String),
    ) -> Outcome {
        let expected = violation.to_string();
        let Violation { aspect, allowed } = violation;
        let rule = self.subject.rule(aspect).unwrap_or(aspect.name()).to_owned();
        let evidence = Evidence::Upload(UploadEvidence { aspect, allowed, shown_by });
        Outcome::Failed(Box::new(Mismatch { step, segment, rule, expected, got, evidence }))
    }

    pub(super) async fn clean_up(&mut self) {
        // What cannot be removed stays; the next case makes its own.
        let abort = self.subject.protocol().abort.as_ref();
        if let Some(call) = abort.filter(|_| self.is_begun && self.model.is_complete() != Some(true)) {
            let _ = self.call(call).await;
        }
        for request in std::mem::take(&mut self.removals) {
            let _ = self.client.send(request).await;
        }
    }
}
