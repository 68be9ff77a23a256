//! One attempt at a case: performs its steps against the target and holds every answer against the model.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value as Json, json};
use tokio::sync::Barrier;

use super::case::{Piece, ProtocolCase, ProtocolStep, Start};
use super::picture;
use super::report::report;
use super::run::{Answered, Location, ProtocolRun};
use crate::client::{NoResponse, RateLimitedClient};
use crate::interrupt::{CLEAN_UP, Interrupt};
use crate::mismatch::ShownBy;
use crate::outcome::{Attempt, AttemptOptions, Outcome, SegmentResult};
use crate::subject::Subject;
use uptake_oracle::upload::{Aspect, Reply, Report, Segment, Statuses, Verdict, Violation};
use uptake_payload::{Algorithm, Content, hex};
use uptake_suite::protocol::{Completion, Received, SEGMENT, Shows};
use uptake_wire::Exchange;

/// The pause before a segment is sent once more while what was broken off may still be worked on.
const PAUSE: Duration = Duration::from_millis(50);

/// Runs a case once, and deletes what it created. Gives nothing if it was interrupted.
pub(crate) async fn perform(
    client: &RateLimitedClient,
    subject: &Subject,
    case: &ProtocolCase,
    (options, interrupt): (AttemptOptions, &Interrupt),
) -> Option<Attempt> {
    let mut run = ProtocolRun::new(client, subject, case, options);
    let outcome = tokio::select! {
        performed = steps(&mut run, case, interrupt) => performed,
        () = interrupt.overdue() => None,
    };
    if !matches!(outcome, Some(Outcome::Unreachable(_))) {
        // A clean-up that takes too long leaves something behind; the next case creates its own.
        let _ = tokio::time::timeout(CLEAN_UP, run.clean_up()).await;
    }
    let ProtocolRun { transcript, results, sent, .. } = run;
    outcome.map(|outcome| Attempt { transcript, results, sent, ..Attempt::of(outcome) })
}

/// Performs a case up to the first answer that the protocol does not allow. Gives nothing if it was interrupted.
async fn steps(run: &mut ProtocolRun<'_>, case: &ProtocolCase, interrupt: &Interrupt) -> Option<Outcome> {
    if let Err(outcome) = run.create().await {
        return Some(outcome);
    }
    for (step, what) in case.steps.iter().enumerate() {
        if interrupt.is_requested() {
            return None;
        }
        let location = Location { step, segment: None };
        let performed = match what {
            ProtocolStep::Send(piece) => run.send(location, piece).await,
            ProtocolStep::AtOnce(pieces) => run.at_once(location, pieces).await,
            ProtocolStep::Ask => run.ask(location).await.map(drop),
            ProtocolStep::Complete => run.complete(location).await,
        };
        if let Err(outcome) = performed {
            return Some(outcome);
        }
    }
    let last = Location { step: case.steps.len().saturating_sub(1), segment: None };
    Some(run.look(last).await.err().unwrap_or(Outcome::Passed))
}

impl ProtocolRun<'_> {
    async fn send(&mut self, location: Location, piece: &Piece) -> Result<(), Outcome> {
        let location = Location { segment: Some(0), ..location };
        let until = Instant::now() + self.options.status_timeout;
        loop {
            let from = match piece.start {
                Start::At(from) => from,
                Start::Reported => match self.ask(location).await? {
                    Some(from) if from <= piece.end => from,
                    _ => {
                        self.results.push(SegmentResult::NotSent);
                        return Ok(());
                    }
                },
            };
            let segment = self.segment(piece, from);
            let (request, saves) = self.build(&segment)?;
            let exchange = self.client.exchange(request).await;
            let Answered { reply, words } = self.read(&segment, &saves, exchange)?;
            self.transcript.push(format!("{}: {words}", picture::segment(self.case, &segment)));
            let was_open = self.model.is_open() && piece.start == Start::Reported;
            let is_refused = reply.status.is_some_and(|status| (400..500).contains(&status));
            if was_open && is_refused && segment.broken_off.is_none() {
                // What was broken off may still be worked on.
                if Instant::now() < until {
                    self.forget_last();
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                self.model.settle_at(from);
            }
            return self.model.answered(&segment, reply).map_err(|mut violation| {
                if was_open && is_refused {
                    violation.aspect = Aspect::BrokenOff;
                }
                self.failed(location, violation, (ShownBy::Segment, words))
            });
        }
    }

    fn segment(&self, piece: &Piece, from: u64) -> Segment {
        let is_last = self.case.is_last(piece);
        let length = piece.end.saturating_sub(from);
        Segment { number: piece.number, from, length, is_last, broken_off: piece.break_off }
    }

    /// Sends segments, so that all of them end at the same moment.
    async fn at_once(&mut self, location: Location, pieces: &[Piece]) -> Result<(), Outcome> {
        let mut built = Vec::new();
        let barrier = Arc::new(Barrier::new(pieces.len()));
        for piece in pieces {
            let segment = self.segment(piece, piece.from().unwrap_or(0));
            let (mut request, saves) = self.build(&segment)?;
            request.delivery.hold = vec![Arc::clone(&barrier)];
            built.push((segment, saves, request));
        }
        let client = self.client;
        let sends: Vec<_> = built.iter().map(|(_, _, request)| client.exchange(request.clone())).collect();
        let answers = join_all(sends).await;
        let mut exchanges: Vec<(Segment, Reply)> = Vec::new();
        let mut told = Vec::new();
        for ((segment, saves, _), exchange) in built.into_iter().zip(answers) {
            let Answered { reply, words } = self.read(&segment, &saves, exchange)?;
            self.transcript.push(format!("{}, at once: {words}", picture::segment(self.case, &segment)));
            exchanges.push((segment, reply));
            told.push(words);
        }
        self.model
            .answered_at_once(&exchanges)
            .map_err(|violation| self.failed(location, violation, (ShownBy::Segment, told.join(" and "))))
    }

    /// Asks what has been received; gives the number of bytes, where the answer has one.
    async fn ask(&mut self, location: Location) -> Result<Option<u64>, Outcome> {
        let Some(ask) = self.subject.protocol().ask.as_ref().filter(|_| self.is_begun) else {
            return Ok(None);
        };
        let exchange = match self.call(&ask.call).await {
            Ok(exchange) => exchange,
            Err(NoResponse::Unanswered(why)) => return Err(self.not_told(location, &why)),
            Err(why) => return Err(Outcome::from(&why)),
        };
        let status = exchange.outcome.as_ref().map(|answer| answer.status).unwrap_or_default();
        if !ask.call.accepted.has(status) {
            return if self.is_gone(status) {
                Ok(None)
            } else {
                Err(self.not_told(location, &status.to_string()))
            };
        }
        self.caller.save(&ask.call.save, &exchange).map_err(Outcome::Inconclusive)?;
        let found = ask.received.iter().filter_map(|(kind, save)| {
            Some((*kind, self.caller.saved(save, &exchange).ok().filter(|value| !value.is_null())?))
        });
        let values: Vec<_> = found.collect();
        let complete = self.said_complete(status, &values)?;
        let mut values = values;
        if complete == Some(true) {
            // An upload that is complete is no longer one of which so much has been received.
            values.retain(|(kind, _)| *kind == Received::Size);
        }
        let report = Report { complete, ..report(&values, self.case.label) };
        let words = picture::report(&report);
        self.transcript.push(format!("what has been received: {words}"));
        self.model
            .reported(&report)
            .map_err(|violation| self.failed(location, violation, (ShownBy::Ask, words)))?;
        Ok(report.bytes)
    }

    /// Whether the answer says that the upload is complete.
    fn said_complete<K>(&mut self, status: u16, values: &[(K, Json)]) -> Result<Option<bool>, Outcome> {
        let ask = self.subject.protocol().ask.as_ref();
        let Some(complete) = ask.and_then(|ask| ask.complete.as_ref()) else { return Ok(None) };
        self.caller.set("status", status);
        self.caller.set("answer", json!({ "status": status }));
        if let Some((_, received)) = values.first() {
            self.caller.set("received", received.clone());
        }
        let value = self.caller.eval(complete).map_err(|error| Outcome::Inconclusive(error.to_string()))?;
        Ok(value.as_bool())
    }

    /// Whether a status says no more than that a complete upload is not under way.
    fn is_gone(&self, status: u16) -> bool {
        let protocol = self.subject.protocol();
        let named = protocol.refused.gone.as_ref().is_some_and(|gone| gone.has(status));
        let ends = matches!(protocol.complete, Completion::Request(_)) && (400..500).contains(&status);
        self.model.is_complete() != Some(false) && (named || ends)
    }

    fn not_told(&mut self, location: Location, got: &str) -> Outcome {
        self.transcript.push(format!("what has been received: {got}"));
        let accepted =
            self.subject.protocol().ask.as_ref().map(|ask| crate::subject::statuses(&ask.call.accepted));
        let allowed = vec![Verdict::Accepted(accepted.unwrap_or_else(|| Statuses::class(2)))];
        let violation = Violation { aspect: Aspect::Asked, allowed };
        self.failed(location, violation, (ShownBy::Ask, got.to_owned()))
    }

    /// Completes the upload by the request that does so.
    async fn complete(&mut self, location: Location) -> Result<(), Outcome> {
        let Completion::Request(call) = &self.subject.protocol().complete else { return Ok(()) };
        let parts: Vec<Json> = self.parts.values().cloned().collect();
        self.caller.set("parts", parts);
        let (status, words) = match self.call(call).await {
            Ok(Exchange { outcome: Ok(answer), .. }) => (Some(answer.status), answer.status.to_string()),
            Ok(Exchange { outcome: Err(fault), .. }) => (None, fault.to_string()),
            Err(NoResponse::Unanswered(why)) => (None, why),
            Err(why) => return Err(Outcome::from(&why)),
        };
        self.transcript.push(format!("complete the upload: {words}"));
        self.model
            .completed(status)
            .map_err(|violation| self.failed(location, violation, (ShownBy::Complete, words)))
    }

    /// The last look at the upload: what has been received, and what is stored.
    async fn look(&mut self, location: Location) -> Result<(), Outcome> {
        self.ask(location).await?;
        let Some(pieces) = self.model.content() else { return Ok(()) };
        let Some(stored) = &self.subject.protocol().stored else { return Ok(()) };
        let wanted = self.bytes(&pieces)?;
        let until = Instant::now() + self.options.status_timeout;
        loop {
            let exchange = match self.call(&stored.call).await {
                Ok(exchange) => exchange,
                Err(why) => return Err(Outcome::from(&why)),
            };
            let got = self.stored(&stored.shows, (&stored.call.accepted, &exchange), &wanted)?;
            let Some(got) = got else { return Ok(()) };
            if Instant::now() >= until {
                let violation = Violation { aspect: Aspect::Content, allowed: vec![Verdict::Content] };
                return Err(self.failed(location, violation, (ShownBy::Stored(pieces), got)));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// What is wrong with what is stored, if anything.
    fn stored(
        &self,
        shows: &Shows,
        (accepted, exchange): (&uptake_suite::status::StatusSet, &Exchange),
        wanted: &[u8],
    ) -> Result<Option<String>, Outcome> {
        let Ok(answer) = &exchange.outcome else { return Ok(None) };
        if !accepted.has(answer.status) {
            // Not every target shows digests.
            return Ok(matches!(shows, Shows::Content).then(|| answer.status.to_string()));
        }
        match shows {
            Shows::Content if answer.body == wanted => Ok(None),
            Shows::Content => Ok(Some(format!("{} different bytes", answer.body.len()))),
            Shows::Sha256(save) => {
                let digest = Content::text(wanted.to_vec()).whole().digest(Algorithm::Sha256);
                let digest = digest.map_err(|error| Outcome::Inconclusive(error.to_string()))?;
                let wanted = hex(&digest);
                let found = self.caller.saved(save, exchange).unwrap_or_default();
                let is_same = found.as_str().is_some_and(|found| found.eq_ignore_ascii_case(&wanted));
                Ok((!is_same).then(|| format!("sha256 {found}")))
            }
        }
    }

    /// The bytes of these pieces of what was sent.
    fn bytes(&self, pieces: &[(u64, u64)]) -> Result<Vec<u8>, Outcome> {
        let content =
            self.caller.content(SEGMENT).map_err(|error| Outcome::Inconclusive(error.to_string()))?;
        let mut bytes = Vec::new();
        for (from, length) in pieces {
            let at = bytes.len();
            bytes.resize(at + usize::try_from(*length).unwrap_or(0), 0);
            content
                .read_at(*from, &mut bytes[at..])
                .map_err(|error| Outcome::Inconclusive(error.to_string()))?;
        }
        Ok(bytes)
    }
}
