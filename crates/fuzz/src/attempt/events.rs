//! What happens between segments, and while one is on the wire: clocks move, tokens are deleted, shown and listed.

use std::sync::Arc;

use http::Method;
use serde_json::Value as Json;
use tokio::sync::Barrier;

use super::case_run::{CaseRun, Location, Sent, failed};
use crate::case::{Event, Segment};
use crate::client::{NoResponse, Response};
use crate::describe;
use crate::mismatch::Evidence;
use crate::outcome::Outcome;
use uptake_oracle::Span;

/// What an event came to.
enum Happened {
    Advanced(u64),
    Response(Response),
}

impl CaseRun<'_> {
    /// Lets something happen while all of a segment but its last byte is on the wire.
    pub(super) async fn during(
        &mut self,
        location: Location,
        segment: &Segment,
        event: Event,
    ) -> Result<(), Outcome> {
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
        let (response, (before, outcome)) = tokio::join!(send, happen);
        let advanced = outcome.map_err(|no_response| Outcome::from(&no_response))?;
        if let Happened::Advanced(seconds) = advanced {
            self.advanced += seconds;
        }
        let after = self.now();
        let began = Span { from, to: before };
        // Whatever it did until then, it arrived with its last byte, which went out when the event was over.
        let floor = match advanced {
            Happened::Advanced(seconds) => before + seconds * 1000,
            Happened::Response(_) => before,
        };
        if let Happened::Response(ref answer) = advanced {
            self.judge_event(location, event, Span { from: before, to: after }, answer)?;
        }
        let sent = Sent { response, began, arrived: Span { from: floor, to: after } };
        self.take(location, std::slice::from_ref(segment), vec![sent])
    }

    pub(super) async fn event(&mut self, location: Location, event: Event) -> Result<(), Outcome> {
        let from = self.now();
        match self.happen(event).await.map_err(|no_response| Outcome::from(&no_response))? {
            Happened::Advanced(seconds) => {
                self.advanced += seconds;
                self.transcript.push(crate::describe::event(event));
                Ok(())
            }
            Happened::Response(response) => {
                let to = self.now();
                self.judge_event(location, event, Span { from, to }, &response)
            }
        }
    }

    async fn happen(&self, event: Event) -> Result<Happened, NoResponse> {
        let token = |at: usize| self.tokens[at].as_str();
        let response = match event {
            Event::Advance(seconds) => {
                let clock = self.client.target.clock.as_ref();
                let clock = clock.ok_or_else(|| {
                    NoResponse::Internal("the target has no clock that can be advanced".to_owned())
                })?;
                clock.advance(seconds).await.map_err(|error| NoResponse::Internal(error.to_string()))?;
                return Ok(Happened::Advanced(seconds));
            }
            Event::Delete(at) => {
                self.client.manage(Method::DELETE, &format!("/upload-tokens/{}", token(at)), None).await
            }
            Event::Show(at) => {
                self.client.manage(Method::GET, &format!("/upload-tokens/{}", token(at)), None).await
            }
            Event::List(_) => {
                let newest = "/upload-tokens?sortBy=createdAt&sortOrder=desc&pageSize=100";
                self.client.manage(Method::GET, newest, None).await
            }
        };
        response.map(Happened::Response)
    }

    fn judge_event(
        &mut self,
        location: Location,
        event: Event,
        at: Span,
        response: &Response,
    ) -> Result<(), Outcome> {
        let status = Some(response.status);
        let (outcome, answered) = match event {
            Event::Advance(_) => return Ok(()),
            Event::Delete(token) => (self.model.deleted(token, at, status), response.status.to_string()),
            Event::Show(token) => (self.model.shown(token, at, status), response.status.to_string()),
            Event::List(token) => {
                let data = response.body.as_ref().and_then(|body| body.get("data")?.as_array());
                let Some(data) = data else {
                    return Err(Outcome::Inconclusive(format!(
                        "tokens were not listed: {}",
                        response.status
                    )));
                };
                let wanted = Some(self.tokens[token].as_str());
                let listed = data.iter().any(|item| item.get("token").and_then(Json::as_str) == wanted);
                let answered = if listed { "a list with the token" } else { "a list without the token" };
                (self.model.listed(token, at, listed), answered.to_owned())
            }
        };
        self.transcript.push(format!("{}: {answered}", describe::event(event)));
        outcome.map_err(|violation| {
            let evidence = Evidence::Token { event, allowed: violation.allowed.clone() };
            failed(location, &violation, evidence, answered)
        })
    }
}
