//! An exchange as a page shows it.

use super::page::shown;
use uptake_outcome::text::duration;
use uptake_outcome::{ExchangeRecord, SentExchange};

/// A request and its response.
#[derive(Debug)]
pub(super) struct ExchangeView {
    pub(super) request: String,
    pub(super) response: String,
    pub(super) curl: String,
}

impl ExchangeView {
    pub(super) fn new(exchange: &ExchangeRecord) -> Self {
        let took = took(exchange.took_seconds);
        let mut response = match exchange.status {
            Some(status) => format!("{status}, {took}\n"),
            None => "no response\n".to_owned(),
        };
        for (name, value) in &exchange.headers {
            response.push_str(name);
            response.push_str(": ");
            response.push_str(value);
            response.push('\n');
        }
        if !exchange.answer.is_empty() {
            response.push('\n');
            response.push_str(&pretty(&exchange.answer));
        }
        Self {
            request: shown(&format!("{} {} {}", exchange.method, exchange.url, exchange.http_version)),
            response: shown(&response),
            curl: shown(&exchange.curl),
        }
    }
}

impl ExchangeView {
    /// An exchange of which the whole request is known.
    pub(super) fn sent(sent: &SentExchange) -> Self {
        let mut view = Self::new(&sent.exchange);
        let headers: Vec<String> =
            sent.headers.iter().map(|(name, value)| format!("\n{name}: {value}")).collect();
        let body = if sent.body_bytes == 0 { String::new() } else { format!("\n\n{}", pretty(&sent.body)) };
        view.request = shown(&format!("{}{}{body}", view.request, headers.concat()));
        view
    }
}

/// JSON with line breaks; anything else as it is.
fn pretty(body: &str) -> String {
    let value: Option<serde_json::Value> = serde_json::from_str(body).ok();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| body.to_owned())
}

/// A short time reads well in milliseconds.
pub(super) fn took(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.0} ms", seconds * 1e3) } else { duration(seconds) }
}
