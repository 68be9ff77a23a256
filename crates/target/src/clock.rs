//! How a target's clock is moved: an HTTP call that its profile describes, so that any vendor can offer one.

use std::sync::OnceLock;
use std::time::Duration;

use http::Method;
use serde_json::Value as Json;
use thiserror::Error;
use url::Url;

use uptake_wire::{Proxies, TlsSettings, tls_config};
use uptake_yaml::{Node, Reader, Value};

/// Why the clock was not moved. That is neither the harness's fault nor a broken rule.
#[derive(Debug, Clone, Error)]
#[error("the target's clock could not be moved: {0}")]
pub struct ClockError(String);

/// Which dates show the clock that tokens are made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeenBy {
    /// The dates of what the target makes.
    Created,
    /// Its `Date` headers.
    Date,
}

/// The call that moves a clock on.
#[derive(Debug, Clone)]
pub struct ClockControl {
    method: Method,
    url: Url,
    headers: Vec<(String, String)>,
    json: Option<Json>,
    tls: TlsSettings,
    client: OnceLock<reqwest::Client>,
}

/// Where the number of seconds goes.
const SECONDS: &str = "${seconds}";

impl ClockControl {
    /// Reads `clock`: the call that moves it, and which dates show it. One of them is enough.
    pub(super) fn read_clock(
        reader: &Reader,
        node: &Node,
        tls: TlsSettings,
    ) -> Option<(Option<Self>, Option<SeenBy>)> {
        let mut fields = reader.fields(node, "clock")?;
        let seen_by = fields.take("seen-by");
        let advance = if seen_by.is_some() { fields.take("advance") } else { fields.require("advance") };
        drop(fields);
        let words = [("created", SeenBy::Created), ("date", SeenBy::Date)];
        let seen_by = match seen_by {
            Some(node) => Some(reader.word(node, "seen-by", &words)?),
            None => None,
        };
        let control = match advance {
            Some(node) => Some(Self::read(reader, node, tls)?),
            None => None,
        };
        if control.is_none() && seen_by.is_none() { None } else { Some((control, seen_by)) }
    }

    fn read(reader: &Reader, node: &Node, tls: TlsSettings) -> Option<Self> {
        let mut fields = reader.fields(node, "advance")?;
        let calls =
            [("post", Method::POST), ("put", Method::PUT), ("patch", Method::PATCH), ("get", Method::GET)];
        let mut call = None;
        for (name, method) in calls {
            if let Some(node) = fields.take(name) {
                call = Some((method, node));
            }
        }
        let headers = fields.take("headers");
        let json = fields.take("json");
        drop(fields);
        let Some((method, address)) = call else {
            return reader.problem(
                node.at,
                "the request that moves the clock is missing",
                "write `post: URL`",
            );
        };
        let text = reader.text(address, "the call")?;
        // Checked with a number in its place, since the braces are not letters of a URL.
        let Ok(url) = Url::parse(&text.replace(SECONDS, "0")).and_then(|_| Url::parse(&text)) else {
            return reader.problem(
                address.at,
                format!("`{text}` is not a URL"),
                "write a whole URL: http://127.0.0.1:9181/clock/advance",
            );
        };
        let mut pairs = Vec::new();
        if let Some(node) = headers {
            for (key, value) in reader.entries(node, "headers")? {
                pairs.push((key.text.clone(), reader.scalar(value, "a header")?));
            }
        }
        let json = match json {
            Some(node) => Some(plain_json(reader, node)?),
            None => None,
        };
        Some(Self { method, url, headers: pairs, json, tls, client: OnceLock::new() })
    }

    /// A control that posts `{"seconds": N}` to `url`.
    pub fn post(url: Url) -> Self {
        let json = serde_json::json!({ "seconds": SECONDS });
        let tls = TlsSettings::default();
        Self {
            method: Method::POST,
            url,
            headers: Vec::new(),
            json: Some(json),
            tls,
            client: OnceLock::new(),
        }
    }

    /// With the certificates that the target is trusted by: both are usually one server.
    pub(super) fn trusting(self, tls: TlsSettings) -> Self {
        Self { tls, client: OnceLock::new(), ..self }
    }

    /// The same call as the words of a curl command.
    pub fn as_curl(&self, seconds: u64) -> Vec<String> {
        let mut words = ["curl", "-sS", "-X", self.method.as_str()].map(str::to_owned).to_vec();
        for (name, value) in &self.headers {
            let value = value.replace(SECONDS, &seconds.to_string());
            words.extend(["-H".to_owned(), format!("{name}: {value}")]);
        }
        if let Some(json) = &self.json {
            let body = fill(json, seconds).to_string();
            words.extend(["-H", "Content-Type: application/json", "-d", &body].map(str::to_owned));
        }
        words.push(self.written(seconds));
        words
    }

    fn written(&self, seconds: u64) -> String {
        self.url.as_str().replace("$%7Bseconds%7D", &seconds.to_string())
    }

    /// Moves the clock on.
    pub async fn advance(&self, seconds: u64) -> Result<(), ClockError> {
        let fault = |error: reqwest::Error| ClockError(error.without_url().to_string());
        let url = Url::parse(&self.written(seconds)).map_err(|error| ClockError(error.to_string()))?;
        let client = if let Some(client) = self.client.get() {
            client.clone()
        } else {
            let tls = tls_config(self.tls.clone()).map_err(|error| ClockError(error.to_string()))?;
            let builder = reqwest::Client::builder().tls_backend_preconfigured(tls);
            // The same proxies as for the target, which are none for this machine's own addresses.
            let proxied = Proxies::from_environment().of(&url).is_ok_and(|proxy| proxy.is_some());
            let client = if proxied { builder } else { builder.no_proxy() }
                .redirect(reqwest::redirect::Policy::none())
                .timeout(Duration::from_secs(30))
                .build()
                .map_err(fault)?;
            self.client.get_or_init(|| client).clone()
        };
        let mut request = client.request(self.method.clone(), url);
        for (name, value) in &self.headers {
            request = request.header(name, value.replace(SECONDS, &seconds.to_string()));
        }
        if let Some(json) = &self.json {
            request =
                request.header("Content-Type", "application/json").body(fill(json, seconds).to_string());
        }
        let answer = request.send().await.map_err(fault)?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(ClockError(format!("{} {} returned {}", self.method, self.url, answer.status())))
    }
}

fn plain_json(reader: &Reader, node: &Node) -> Option<Json> {
    reader.check_type(node)?;
    Some(match &node.value {
        Value::Null => Json::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Int(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Text(text) | Value::Ambiguous(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(|item| plain_json(reader, item)).collect::<Option<_>>()?,
        Value::Map(entries) => entries
            .iter()
            .map(|(key, value)| Some((key.text.clone(), plain_json(reader, value)?)))
            .collect::<Option<_>>()?,
    })
}

fn fill(json: &Json, seconds: u64) -> Json {
    match json {
        Json::String(text) if text == SECONDS => seconds.into(),
        Json::String(text) => text.replace(SECONDS, &seconds.to_string()).into(),
        Json::Array(items) => items.iter().map(|item| fill(item, seconds)).collect(),
        Json::Object(members) => {
            members.iter().map(|(key, value)| (key.clone(), fill(value, seconds))).collect()
        }
        other => other.clone(),
    }
}
