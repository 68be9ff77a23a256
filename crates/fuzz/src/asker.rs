//! Asks the target: one call in, what it answered out. It keeps to the target's rate limit and judges nothing.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::Value as Json;
use tokio::time::Instant;
use url::Url;

use super::error::FuzzError;
use uptake_target::Target;
use uptake_wire::{Body, Client, Delivery, Fault, Request, Secrets};

/// So often a call is asked again that came too early.
const PATIENCE: u32 = 20;

/// Asks one target.
pub(super) struct Asker {
    /// Who is asked.
    pub(super) target: Target,
    /// What must not be shown.
    pub(super) secrets: Secrets,
    client: Client,
    key: String,
    /// When a kind of call may be made again.
    rested: Mutex<HashMap<Kind, Instant>>,
    requests: AtomicU64,
    bytes: AtomicU64,
}

/// The kinds of calls that targets count apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Upload,
    Write,
    Read,
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    pub(super) status: u16,
    pub(super) body: Option<Json>,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Silence {
    /// Broken off by ourselves, as the case says.
    BrokenOff,
    /// The target took the connection and gave no answer that can be read.
    Unanswered(String),
    /// There is no target.
    Lost(String),
    /// We could not do our part.
    Ours(String),
}

impl Asker {
    /// Asks this target.
    pub(super) fn new(target: Target) -> Result<Self, FuzzError> {
        let client = Client::new(target.settings.clone())?;
        let key = target.credentials.get("api-key").ok_or(FuzzError::NoKey)?.clone();
        let secrets = Secrets::new();
        secrets.taint("api key", &key);
        let (rested, requests, bytes) = (Mutex::default(), AtomicU64::new(0), AtomicU64::new(0));
        Ok(Self { target, secrets, client, key, rested, requests, bytes })
    }

    /// How many calls were made, and how many bytes of bodies went out.
    pub(super) fn sent(&self) -> (u64, u64) {
        (self.requests.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }

    /// A call of a management endpoint, with the key.
    pub(super) async fn manage(
        &self,
        method: Method,
        path: &str,
        json: Option<Json>,
    ) -> Result<Said, Silence> {
        let mut request = Request::new(method, self.url(path)?);
        let basic = STANDARD.encode(format!("{}:", self.key));
        request.headers.push(("Authorization".to_owned(), format!("Basic {basic}")));
        if let Some(json) = json {
            request.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
            request.body = Body::from(json.to_string());
        }
        self.ask(request).await
    }

    /// A call without credentials, wherever it leads.
    pub(super) async fn look(&self, url: Url) -> Result<Said, Silence> {
        self.ask(Request::new(Method::GET, url)).await
    }

    /// A segment.
    pub(super) async fn upload(
        &self,
        token: &str,
        headers: Vec<(String, String)>,
        body: Body,
        delivery: Delivery,
    ) -> Result<Said, Silence> {
        let mut url = self.url("/upload")?;
        url.query_pairs_mut().append_pair("token", token);
        self.ask(Request { method: Method::POST, url, headers, body, delivery }).await
    }

    async fn ask(&self, request: Request) -> Result<Said, Silence> {
        let kind = kind(&request);
        for _ in 0..PATIENCE {
            self.rest(kind).await;
            self.requests.fetch_add(1, Ordering::Relaxed);
            self.bytes.fetch_add(request.body.len(), Ordering::Relaxed);
            let exchange = self.client.send(&request).await;
            let answer = match exchange.outcome {
                Ok(answer) => answer,
                Err(fault) => return Err(silence(&fault)),
            };
            let number = |name| answer.header(name).and_then(|value| value.trim().parse::<u64>().ok());
            let wait = number("X-RateLimit-Retry-After").or_else(|| number("Retry-After")).unwrap_or(1);
            if answer.status == 429 || number("X-RateLimit-Remaining") == Some(0) {
                self.rest_until(kind, Duration::from_secs(wait.clamp(1, 120)));
            }
            if answer.status != 429 {
                return Ok(Said { status: answer.status, body: answer.json().ok() });
            }
            // What was held back for others went out with the first try.
            if !request.delivery.hold.is_empty() {
                break;
            }
        }
        Err(Silence::Ours("the target's rate limit left no room".to_owned()))
    }

    async fn rest(&self, kind: Kind) {
        let until = self.rested.lock().expect("no holder of this lock panics").get(&kind).copied();
        if let Some(until) = until {
            tokio::time::sleep_until(until).await;
        }
    }

    fn rest_until(&self, kind: Kind, wait: Duration) {
        let until = Instant::now() + wait;
        self.rested.lock().expect("no holder of this lock panics").insert(kind, until);
    }

    fn url(&self, path: &str) -> Result<Url, Silence> {
        let base = self.target.base_url.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}{path}")).map_err(|error| Silence::Ours(error.to_string()))
    }
}

fn kind(request: &Request) -> Kind {
    if request.method == Method::GET {
        Kind::Read
    } else if request.url.path().ends_with("/upload") {
        Kind::Upload
    } else {
        Kind::Write
    }
}

fn silence(fault: &Fault) -> Silence {
    match fault {
        Fault::BrokenOff { .. } => Silence::BrokenOff,
        Fault::Resolve { .. } | Fault::Connect { .. } | Fault::Tls { .. } => Silence::Lost(fault.to_string()),
        Fault::Harness(_) => Silence::Ours(fault.to_string()),
        Fault::Timeout { .. } | Fault::ClosedEarly(_) | Fault::Garbage(_) | Fault::Exceeded(_) => {
            Silence::Unanswered(fault.to_string())
        }
    }
}
