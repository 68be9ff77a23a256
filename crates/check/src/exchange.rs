//! Sends a request of a scenario, and takes note of what its answer tells beside what the scenario asks.

use std::time::Duration;

use serde_json::Value;

use super::judge::{brief, excerpt};
use super::sending::Sort;
use super::trial::{Made, Trial, Undo, lock};
use uptake_outcome::ExchangeRecord;
use uptake_wire::{Answer, Exchange, Fault, RawBytes, Request, curl};

/// How long an exchange may still take after the run was stopped: long enough to learn what it has made.
const LAST_CALL: Duration = Duration::from_secs(2);

/// How much of an answer's body is shown.
const SHOWN: usize = 1_000;

/// An exchange that has ended.
pub(super) struct Done {
    /// What was asked, the same in every run.
    pub(super) label: String,
    pub(super) exchange: Exchange,
    /// The answer's body, where it is JSON.
    pub(super) body: Option<Value>,
}

impl Done {
    pub(super) fn answer(&self) -> Option<&Answer> {
        self.exchange.outcome.as_ref().ok()
    }

    pub(super) fn fault(&self) -> Option<&Fault> {
        self.exchange.outcome.as_ref().err()
    }

    /// The answer, or the fault, in a few words.
    pub(super) fn brief(&self) -> String {
        match &self.exchange.outcome {
            Ok(answer) => brief(answer),
            Err(fault) => fault.to_string(),
        }
    }
}

impl Trial<'_> {
    /// Sends a request; `None` where the run was stopped meanwhile.
    pub(super) async fn exchange(&self, label: String, request: Request) -> Option<Done> {
        let line = (request.method.to_string(), request.url.path().to_owned());
        let sending = self.world.send(&request, &self.pass, Sort::plain(&label));
        let exchange = self.unless_stopped(sending).await?;
        let done = self.note(label, exchange);
        self.note_made(&line, &done);
        Some(done)
    }

    /// Sends bytes as they are.
    pub(super) async fn exchange_raw(&self, label: String, raw: RawBytes) -> Option<Done> {
        let exchange = self.unless_stopped(self.world.send_raw(&raw, &self.pass)).await?;
        Some(self.note(label, exchange))
    }

    async fn unless_stopped(&self, exchange: impl Future<Output = Exchange>) -> Option<Exchange> {
        tokio::pin!(exchange);
        tokio::select! {
            done = &mut exchange => Some(done),
            () = self.world.halt.wait() => tokio::time::timeout(LAST_CALL, exchange).await.ok(),
        }
    }

    fn note(&self, label: String, exchange: Exchange) -> Done {
        let body = exchange.outcome.as_ref().ok().and_then(|answer| answer.json().ok());
        if let Some(body) = &body {
            self.world.taint(body);
        }
        match &exchange.outcome {
            Ok(answer) => {
                self.world.answered(answer.status);
                self.world.halt.heard();
            }
            Err(fault) if fault.is_network() => self.world.halt.silence(&fault.to_string()),
            Err(fault @ Fault::Harness(_)) => self.world.halt.harness_failed(fault.to_string()),
            Err(_) => {}
        }
        Done { label, exchange, body }
    }

    /// What an answer says has been made is removed at the end, whether the scenario wanted it or not.
    fn note_made(&self, line: &(String, String), done: &Done) {
        let Some((answer, body)) = done.answer().zip(done.body.as_ref()) else { return };
        let base = self.world.target.base_url.path().trim_end_matches('/');
        let path = line.1.strip_prefix(base).unwrap_or(&line.1);
        for resource in &self.world.suite.resources {
            if !resource.status.has(answer.status) || !resource.is_made_by(&line.0, path) {
                continue;
            }
            let Some(Value::String(id)) = resource.id.find(body) else { continue };
            let made = Made { resource, id };
            self.world.journal_made(&made);
            let mut undo = lock(&self.undo);
            if !undo.iter().any(|known| known.removes(&made)) {
                self.world.look_at(made.resource, body, &done.exchange);
                undo.push(Undo::Remove(made));
            }
        }
    }

    /// An exchange as reports show it.
    pub(super) fn record(&self, exchange: &Exchange) -> ExchangeRecord {
        let secrets = &self.world.secrets;
        let sent = &exchange.request;
        let (status, headers, answer) = match &exchange.outcome {
            Ok(answer) => {
                let headers =
                    answer.headers.iter().map(|(name, value)| (name.clone(), secrets.mask(value))).collect();
                // Masked before it is cut: half a secret is not recognised.
                let text = secrets.mask(&String::from_utf8_lossy(&answer.body));
                (Some(answer.status), headers, excerpt(&text, SHOWN))
            }
            Err(fault) => (None, Vec::new(), secrets.mask(&fault.to_string())),
        };
        ExchangeRecord {
            method: sent.method.as_ref().map_or_else(|| "RAW".to_owned(), ToString::to_string),
            url: secrets.mask(sent.url.as_str()),
            curl: curl(sent, secrets),
            status,
            headers,
            answer,
            took_seconds: exchange.took.as_secs_f64(),
        }
    }
}
