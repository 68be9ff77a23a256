//! An exchange that has ended, and what reports show of it.

use serde_json::Value;

use super::judge::{Seen, SeenAnswer, brief, problem};
use uptake_outcome::{ExchangeRecord, HttpVersion, SentExchange};
use uptake_suite::Suite;
use uptake_wire::{Answer, Exchange, Fault, Secrets, Version, curl};

/// How much of an answer's body is shown.
const SHOWN: usize = 1_000;

/// An exchange that has ended.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    /// What it is called in reports, the same in every run.
    pub(crate) label: String,
    pub(crate) exchange: Exchange,
    /// The answer's body, where it is JSON.
    pub(crate) body: Option<Value>,
    /// The code of the error that the answer names.
    pub(crate) problem: Option<String>,
}

impl Done {
    pub(crate) fn new(label: String, exchange: Exchange, suite: &Suite) -> Self {
        let answer = exchange.outcome.as_ref().ok();
        let body = answer.and_then(|answer| answer.json().ok());
        let problem = answer.and_then(|answer| problem(suite, answer, body.as_ref()));
        Self { label, exchange, body, problem }
    }

    pub(crate) fn answer(&self) -> Option<&Answer> {
        self.exchange.outcome.as_ref().ok()
    }

    pub(crate) fn fault(&self) -> Option<&Fault> {
        self.exchange.outcome.as_ref().err()
    }

    /// What there is to judge.
    pub(crate) fn seen(&self) -> Seen<'_> {
        let answer = self.answer().map(|answer| SeenAnswer {
            answer,
            body: self.body.as_ref(),
            problem: self.problem.as_deref(),
        });
        Seen {
            answer,
            method: self.exchange.request.method.as_ref(),
            took: self.exchange.took,
            interim: &self.exchange.interim,
        }
    }

    /// Why there is no answer, where that was not what the request asked for.
    pub(crate) fn unasked_fault(&self) -> Option<&Fault> {
        self.fault().filter(|fault| !matches!(fault, Fault::BrokenOff { .. }))
    }

    pub(crate) fn has_status(&self, status: u16) -> bool {
        self.answer().is_some_and(|answer| answer.status == status)
    }

    /// The answer, or the fault, in a few words.
    pub(crate) fn brief(&self) -> String {
        match &self.exchange.outcome {
            Ok(answer) => brief(answer, self.problem.as_deref()),
            Err(fault) => fault.to_string(),
        }
    }

    /// The exchange as reports show it.
    pub(crate) fn record(&self, secrets: &Secrets) -> ExchangeRecord {
        record(&self.exchange, secrets)
    }
}

/// An exchange as reports show it.
fn record(exchange: &Exchange, secrets: &Secrets) -> ExchangeRecord {
    let sent = &exchange.request;
    let (status, headers, answer) = match &exchange.outcome {
        Ok(answer) => {
            let text = String::from_utf8_lossy(&answer.body);
            (Some(answer.status), masked(&answer.headers, secrets), start(&text, secrets))
        }
        Err(fault) => (None, Vec::new(), secrets.mask(&fault.to_string())),
    };
    ExchangeRecord {
        http_version: http_version(sent.version),
        method: sent.method.as_ref().map_or_else(|| "RAW".to_owned(), ToString::to_string),
        url: secrets.mask(sent.url.as_str()),
        curl: curl(sent, secrets),
        status,
        headers,
        answer,
        took_seconds: exchange.took.as_secs_f64(),
    }
}

/// The version, as reports name it.
pub(crate) fn http_version(version: Version) -> HttpVersion {
    match version {
        Version::Http1 => HttpVersion::Http1,
        Version::Http2 => HttpVersion::Http2,
    }
}

/// The beginning of a body, with secrets masked before it is cut: half a secret is not recognised.
fn start(text: &str, secrets: &Secrets) -> String {
    let shown = secrets.mask_start(text, SHOWN);
    if text.len() <= SHOWN { shown } else { format!("{shown}… ({} bytes)", text.len()) }
}

fn masked(headers: &[(String, String)], secrets: &Secrets) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.clone(), secrets.mask(value))).collect()
}

/// An exchange as the list of a scenario's exchanges shows it.
pub(crate) fn sent(label: &str, exchange: &Exchange, secrets: &Secrets) -> SentExchange {
    let request = &exchange.request;
    let started = jiff::Timestamp::try_from(exchange.started).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    SentExchange {
        label: secrets.mask(label),
        started_at: format!("{started:.3}"),
        headers: masked(&request.headers, secrets),
        body: start(&request.body.to_string(), secrets),
        body_bytes: request.body.len(),
        exchange: record(exchange, secrets),
    }
}
