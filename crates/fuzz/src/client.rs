//! A client that keeps to the target's rate limit: a request in, the response out. It judges nothing.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::Value as Json;
use tokio::time::Instant;
use url::Url;

use super::error::FuzzError;
use super::subject::Subject;
use uptake_oracle::ContractLimits;
use uptake_target::Target;
use uptake_wire::{Answer, Body, Client, Delivery, Exchange, Fault, Request, Secrets};

/// How often a request is sent again that returned 429.
const MAX_ATTEMPTS: u32 = 20;
/// The longest pause in seconds that a 429 may ask for.
const LONGEST_PAUSE: u64 = 120;
/// The largest body that is read where a body is a whole file.
const LARGEST_CONTENT: u64 = 64 << 20;
/// How long a request waits for the rate limit in all.
const MAX_WAIT: Duration = Duration::from_secs(180);

/// Sends requests to one target.
pub(super) struct RateLimitedClient {
    /// The target.
    pub(super) target: Target,
    /// The upload that a suite describes, where such a one is tested.
    pub(super) subject: Option<Arc<Subject>>,
    /// The values that must not be shown.
    pub(super) secrets: Secrets,
    client: Client,
    key: String,
    /// When a kind of request may be sent again.
    not_before: Mutex<HashMap<Kind, Instant>>,
    /// How many names were given.
    names: AtomicU64,
    requests: AtomicU64,
    bytes: AtomicU64,
}

/// The kinds of requests that have rate limits of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Upload,
    Write,
    Read,
}

/// A response.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) body: Option<Json>,
}

/// Why there is no response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoResponse {
    /// We broke the request off, as the case says.
    BrokenOff,
    /// The target accepted the connection and sent no valid response.
    Unanswered(String),
    /// No connection to the target could be made.
    Unreachable(String),
    /// An error of our own.
    Internal(String),
}

impl From<Answer> for Response {
    fn from(answer: Answer) -> Self {
        Self { status: answer.status, body: answer.json().ok() }
    }
}

impl RateLimitedClient {
    /// A client for this target.
    pub(super) fn new(target: Target, subject: Option<Arc<Subject>>) -> Result<Self, FuzzError> {
        let mut settings = target.settings.clone();
        if subject.as_deref().is_some_and(Subject::reads_content) {
            settings.limits.body = settings.limits.body.max(LARGEST_CONTENT);
        }
        let client = Client::new(settings)?;
        let key = match target.credentials.get("api-key") {
            Some(key) => key.clone(),
            None if subject.is_some() => String::new(),
            None => return Err(FuzzError::NoKey),
        };
        let secrets = Secrets::new();
        for (name, value) in target.secrets() {
            secrets.taint(&name, &value);
        }
        let (not_before, requests, bytes) = (Mutex::default(), AtomicU64::new(0), AtomicU64::new(0));
        let names = AtomicU64::new(0);
        Ok(Self { target, subject, secrets, client, key, not_before, names, requests, bytes })
    }

    /// A text that was not given before, here or in another run.
    pub(super) fn new_name(&self) -> String {
        let number = self.names.fetch_add(1, Ordering::Relaxed);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        format!("{} {number}", now.as_nanos())
    }

    /// How many requests were made, and how many bytes of bodies were sent.
    pub(super) fn sent(&self) -> (u64, u64) {
        (self.requests.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }

    /// A request to a management endpoint, with the API key.
    pub(super) async fn manage(
        &self,
        method: Method,
        path: &str,
        json: Option<Json>,
    ) -> Result<Response, NoResponse> {
        let mut request = Request::new(method, self.url(path)?);
        let basic = STANDARD.encode(format!("{}:", self.key));
        request.headers.push(("Authorization".to_owned(), format!("Basic {basic}")));
        if let Some(json) = json {
            request.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
            request.body = Body::from(json.to_string());
        }
        self.send(request).await.map(Response::from)
    }

    /// A GET without credentials, to any URL.
    pub(super) async fn get(&self, url: Url) -> Result<Response, NoResponse> {
        self.send(Request::new(Method::GET, url)).await.map(Response::from)
    }

    /// A segment of an upload.
    pub(super) async fn upload(
        &self,
        token: &str,
        headers: Vec<(String, String)>,
        body: Body,
        delivery: Delivery,
    ) -> Result<Response, NoResponse> {
        let mut url = self.url("/upload")?;
        url.query_pairs_mut().append_pair("token", token);
        self.send(Request { method: Method::POST, url, headers, body, delivery }).await.map(Response::from)
    }

    /// Sends a request as it is; one that is answered 429 is sent again later.
    pub(super) async fn send(&self, request: Request) -> Result<Answer, NoResponse> {
        self.exchange(request).await?.outcome.map_err(|fault| no_response(&fault))
    }

    /// The same, with all of the exchange.
    pub(super) async fn exchange(&self, request: Request) -> Result<Exchange, NoResponse> {
        let kind = kind(&request);
        let latest = Instant::now() + MAX_WAIT;
        for _ in 0..MAX_ATTEMPTS {
            self.wait_for_rate_limit(kind, latest).await?;
            self.requests.fetch_add(1, Ordering::Relaxed);
            self.bytes.fetch_add(request.body.len(), Ordering::Relaxed);
            let exchange = self.client.send(&request).await;
            let answer = match &exchange.outcome {
                Ok(answer) => answer,
                Err(fault) => return Err(no_response(fault)),
            };
            let number = |name| answer.header(name).and_then(|value| value.trim().parse::<u64>().ok());
            let wait = number("X-RateLimit-Retry-After").or_else(|| number("Retry-After"));
            // A date, or a wait without end, is not waited for at all.
            if answer.status == 429 && wait.is_none_or(|wait| wait > LONGEST_PAUSE) {
                let said = answer.header("X-RateLimit-Retry-After").or_else(|| answer.header("Retry-After"));
                if let Some(said) = said {
                    let why = match wait {
                        Some(_) => format!("longer than {LONGEST_PAUSE} s"),
                        None => "which is not a number of seconds".to_owned(),
                    };
                    return Err(NoResponse::Unanswered(format!(
                        "it returned 429 with Retry-After: {said}, {why}"
                    )));
                }
            }
            // Without a 429 a wait that long is not worth believing.
            let wait = wait.unwrap_or(1);
            if answer.status == 429 || number("X-RateLimit-Remaining") == Some(0) && wait <= LONGEST_PAUSE {
                self.pause(kind, Duration::from_secs(wait.clamp(1, LONGEST_PAUSE)));
            }
            if answer.status != 429 {
                return Ok(exchange);
            }
            // A held request was released together with others at its first attempt.
            if !request.delivery.hold.is_empty() {
                break;
            }
        }
        Err(NoResponse::Internal("the target returned 429 too often".to_owned()))
    }

    async fn wait_for_rate_limit(&self, kind: Kind, latest: Instant) -> Result<(), NoResponse> {
        let until = self.not_before.lock().expect("no holder of this lock panics").get(&kind).copied();
        let Some(until) = until else { return Ok(()) };
        if until > latest {
            let seconds = MAX_WAIT.as_secs();
            let why = format!("the target's rate limit asks to wait for more than {seconds} s");
            return Err(NoResponse::Internal(why));
        }
        tokio::time::sleep_until(until).await;
        Ok(())
    }

    fn pause(&self, kind: Kind, wait: Duration) {
        let until = Instant::now() + wait;
        self.not_before.lock().expect("no holder of this lock panics").insert(kind, until);
    }

    /// The target's limits, as the oracle reads them.
    pub(super) fn contract_limits(&self) -> ContractLimits {
        let Target { limits, grace, margin, .. } = &self.target;
        let millis = |length: &Duration| u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
        ContractLimits {
            min_segment: limits.min_segment,
            max_segment: limits.max_segment,
            max_request: limits.max_request,
            max_total: limits.max_total,
            max_parts: limits.max_parts,
            grace: millis(grace),
            margin: millis(margin),
        }
    }

    /// The API key.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// The URL of a path.
    pub(super) fn url(&self, path: &str) -> Result<Url, NoResponse> {
        let base = self.target.base_url.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}{path}")).map_err(|error| NoResponse::Internal(error.to_string()))
    }
}

fn kind(request: &Request) -> Kind {
    if request.method == Method::GET {
        Kind::Read
    } else if ["/upload", "/source"].iter().any(|end| request.url.path().ends_with(end)) {
        Kind::Upload
    } else {
        Kind::Write
    }
}

fn no_response(fault: &Fault) -> NoResponse {
    match fault {
        Fault::BrokenOff { .. } => NoResponse::BrokenOff,
        Fault::Resolve { .. } | Fault::Connect { .. } | Fault::Tls { .. } | Fault::Version { .. } => {
            NoResponse::Unreachable(fault.to_string())
        }
        fault if fault.is_tls() => NoResponse::Unreachable(fault.to_string()),
        Fault::Harness(_) => NoResponse::Internal(fault.to_string()),
        Fault::Timeout { .. }
        | Fault::ClosedEarly(_)
        | Fault::Reset { .. }
        | Fault::GoneAway { .. }
        | Fault::Malformed(_)
        | Fault::MalformedHttp2(_)
        | Fault::Flooded
        | Fault::Exceeded(_) => NoResponse::Unanswered(fault.to_string()),
    }
}
