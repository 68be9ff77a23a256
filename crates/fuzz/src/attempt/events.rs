//! What happens between segments, and while one is on the wire: clocks move, tokens are deleted, shown and listed.

use std::sync::Arc;

use http::Method;
use serde_json::Value as Json;
use tokio::sync::Barrier;

use super::{End, Place, Sent, Trial, broken, unsaid};
use crate::asker::{Said, Silence};
use crate::case::{Event, Segment};
use crate::misfit::Probe;
use crate::words;
use uptake_oracle::Span;

/// What an event came to.
enum Happened {
    Advanced(u64),
    Said(Said),
}

impl Trial<'_> {
    /// Lets something happen while all of a segment but its last byte is on the wire.
    pub(super) async fn during(&mut self, place: Place, segment: &Segment, event: Event) -> Result<(), End> {
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

    pub(super) async fn event(&mut self, place: Place, event: Event) -> Result<(), End> {
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
        self.transcript.push(format!("{}: {answered}", words::event(event)));
        outcome.map_err(|shortfall| {
            let probe = Probe::Token { event, allowed: shortfall.allowed.clone() };
            broken(place, &shortfall, probe, answered)
        })
    }
}
