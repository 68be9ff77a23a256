//! Pushes the figures at intervals, one request at a time: a receiver that is slow, hangs or is gone holds up nothing but the next push.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::header::CONTENT_TYPE;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use prost::Message as _;
use reqwest::Client;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval_at, timeout};
use uptake_wire::{Proxies, TlsSettings, explain_tls_cause, tls_config};

use super::message::request;
use super::receiver::OtlpReceiver;
use crate::{Metrics, OtlpError};

/// How long the last push may take, when the run is over.
const LAST: Duration = Duration::from_secs(5);

/// How to trust the receiver's authority.
const TRUST: &str = "name its authority in OTEL_EXPORTER_OTLP_CERTIFICATE";

/// The most bytes of an answer that are read.
const LONGEST_ANSWER: usize = 64 << 10;

/// Pushes that go on until they are finished or this is dropped.
#[derive(Debug)]
pub struct Pushing {
    url: String,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
    tally: Arc<Mutex<Tally>>,
}

/// How pushes went.
#[derive(Debug, Default)]
struct Tally {
    all: usize,
    failed: usize,
    /// Why the last one that failed did.
    reason: String,
    /// Whether the figures of the whole run have arrived.
    is_complete: bool,
}

impl Drop for Pushing {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Pushing {
    /// Begins. Nothing is sent before the first interval is over.
    pub fn start(receiver: OtlpReceiver, metrics: Metrics) -> Result<Self, OtlpError> {
        let client = client(&receiver)?;
        let url = receiver.url().to_owned();
        let (stop, stopped) = oneshot::channel();
        let tally = Arc::<Mutex<Tally>>::default();
        let pusher = Pusher { client, receiver, metrics, tally: Arc::clone(&tally) };
        Ok(Self { url, stop: Some(stop), task: tokio::spawn(pusher.run(stopped)), tally })
    }

    /// Pushes the figures a last time, for a few seconds at most. Gives a warning if a push failed.
    pub async fn finish(mut self) -> Option<String> {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let is_late = timeout(LAST, &mut self.task).await.is_err();
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        let url = &self.url;
        if is_late {
            let seconds = LAST.as_secs();
            return Some(format!(
                "metrics: {url} did not respond to the last push within {seconds} s; its figures are incomplete"
            ));
        }
        let Tally { all, failed, reason, is_complete } = &*tally;
        let outcome = if *is_complete {
            "the figures of the whole run arrived later"
        } else {
            "its figures are incomplete"
        };
        (*failed > 0)
            .then(|| format!("metrics: {failed} of {all} pushes to {url} failed: {reason}; {outcome}"))
    }
}

/// What pushes.
struct Pusher {
    client: Client,
    receiver: OtlpReceiver,
    metrics: Metrics,
    tally: Arc<Mutex<Tally>>,
}

impl Pusher {
    async fn run(self, mut stopped: oneshot::Receiver<()>) {
        let every = self.receiver.interval;
        let mut ticks = interval_at(tokio::time::Instant::now() + every, every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _ = &mut stopped => break,
            }
            // One that is under way when the run ends makes room for the last.
            tokio::select! {
                outcome = self.push() => self.count(outcome, false),
                _ = &mut stopped => break,
            }
        }
        let outcome = self.push().await;
        self.count(outcome, true);
    }

    fn count(&self, outcome: Result<(), String>, is_last: bool) {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.all += 1;
        match outcome {
            Ok(()) => tally.is_complete = is_last,
            Err(reason) => {
                tally.failed += 1;
                tally.reason = reason;
            }
        }
    }

    async fn push(&self) -> Result<(), String> {
        let body = request(&self.metrics, &self.receiver.resource).encode_to_vec();
        let request = self.client.post(self.receiver.url.clone()).headers(self.receiver.headers.clone());
        let request = request.header(CONTENT_TYPE, "application/x-protobuf").body(body);
        let mut answer = request.send().await.map_err(|error| self.explain(error))?;
        if !answer.status().is_success() {
            return Err(format!("it returned {}", answer.status()));
        }
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|error| self.explain(error))? {
            if body.len() + part.len() > LONGEST_ANSWER {
                return Err(format!("its response is longer than {LONGEST_ANSWER} bytes"));
            }
            body.extend_from_slice(&part);
        }
        // A receiver may answer with something else, which is no failure.
        let answer = ExportMetricsServiceResponse::decode(&*body).unwrap_or_default();
        match answer.partial_success.map_or(0, |partial| partial.rejected_data_points) {
            ..1 => Ok(()),
            rejected => Err(format!("it rejected {rejected} data points")),
        }
    }

    fn explain(&self, error: reqwest::Error) -> String {
        if error.is_timeout() {
            return format!("no response within {} ms", self.receiver.timeout.as_millis());
        }
        let error = error.without_url();
        let host = self.receiver.url.host_str().unwrap_or_default();
        if let Some(reason) = explain_tls_cause(&error, host, TRUST) {
            return format!("cannot connect: {reason}");
        }
        let mut deepest: &dyn std::error::Error = &error;
        while let Some(source) = deepest.source() {
            deepest = source;
        }
        let what = if error.is_connect() { "cannot connect: " } else { "" };
        format!("{what}{deepest}")
    }
}

fn client(receiver: &OtlpReceiver) -> Result<Client, OtlpError> {
    let wrong = |name: &'static str| move |error: String| OtlpError::Setting { name, reason: error };
    let tls = tls_config(TlsSettings { ca: receiver.authorities.clone(), ..TlsSettings::default() })
        .map_err(|error| error.to_string())
        .map_err(wrong("OTEL_EXPORTER_OTLP_CERTIFICATE"))?;
    let builder = Client::builder().tls_backend_preconfigured(tls);
    // No proxy for this machine's own addresses.
    let is_proxied = Proxies::from_environment().of(&receiver.url).is_ok_and(|proxy| proxy.is_some());
    let builder = if is_proxied { builder } else { builder.no_proxy() };
    let builder = builder.redirect(reqwest::redirect::Policy::none()).timeout(receiver.timeout);
    builder.build().map_err(|error| error.without_url().to_string()).map_err(wrong("--metrics otlp"))
}
