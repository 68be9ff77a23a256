//! An exchange as `-v` and `-vv` print it. Secrets are masked before an exchange gets here.

use std::fmt::Write as _;

use uptake_outcome::SentExchange;
use uptake_outcome::text::bytes;

/// One line: `201 POST https://a.test/upload (5.0 MiB) in 12 ms: A token expires › send it`. Without a response, the reason
/// stands for the status.
pub(super) fn line(scenario: &str, sent: &SentExchange) -> String {
    let exchange = &sent.exchange;
    let status = exchange.status.map_or_else(|| "---".to_owned(), |status| status.to_string());
    let mut text =
        format!("{status} {} {}{}", exchange.method, exchange.url, exchange.http_version.addition());
    if sent.body_bytes > 0 {
        let _ = write!(text, " ({})", bytes(sent.body_bytes));
    }
    let _ = write!(text, " in {}", milliseconds(exchange.took_seconds));
    if exchange.status.is_none() {
        let _ = write!(text, ", no response: {}", exchange.answer);
    }
    if !scenario.is_empty() {
        let _ = write!(text, ": {scenario}");
    }
    // A request without a name is labelled with its method and path, which stand here already.
    if !sent.label.starts_with(&format!("{} ", exchange.method)) {
        let _ = write!(text, " › {}", sent.label);
    }
    one_line(&text)
}

/// The line, and the headers of request and response below it.
pub(super) fn with_headers(scenario: &str, sent: &SentExchange) -> String {
    let mut text = line(scenario, sent);
    for (mark, headers) in [('>', &sent.headers), ('<', &sent.exchange.headers)] {
        for (name, value) in headers {
            let _ = write!(text, "\n  {mark} {}", one_line(&format!("{name}: {value}")));
        }
    }
    text
}

fn milliseconds(seconds: f64) -> String {
    if seconds < 10.0 { format!("{:.0} ms", seconds * 1e3) } else { format!("{seconds:.1} s") }
}

/// The text without control characters: nothing that a server sends acts on the terminal.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::{line, with_headers};
    use uptake_outcome::{ExchangeRecord, HttpVersion, SentExchange};

    fn sent(status: Option<u16>) -> SentExchange {
        SentExchange {
            label: "send it".to_owned(),
            started_at: "2026-01-01T00:00:00.250Z".to_owned(),
            headers: vec![("Authorization".to_owned(), "Bearer ***".to_owned())],
            body: "5.0 MiB of seeded content".to_owned(),
            body_bytes: 5 << 20,
            exchange: ExchangeRecord {
                http_version: HttpVersion::Http1,
                method: "POST".to_owned(),
                url: "https://a.test/upload?token=***".to_owned(),
                curl: String::new(),
                status,
                headers: vec![("server".to_owned(), "x\u{1b}[2J".to_owned())],
                answer: "the connection was closed".to_owned(),
                took_seconds: 0.0123,
            },
        }
    }

    #[test]
    fn an_exchange_is_one_line_with_its_status_and_its_scenario() {
        assert_eq!(
            line("A token expires", &sent(Some(201))),
            "201 POST https://a.test/upload?token=*** (5.0 MiB) in 12 ms: A token expires › send it"
        );
    }

    #[test]
    fn an_exchange_without_a_response_says_why() {
        assert_eq!(
            line("", &sent(None)),
            "--- POST https://a.test/upload?token=*** (5.0 MiB) in 12 ms, no response: the connection was closed › send it"
        );
    }

    #[test]
    fn a_request_without_a_name_is_not_named_twice() {
        let unnamed = SentExchange { label: "POST /upload".to_owned(), ..sent(Some(201)) };
        assert_eq!(line("A", &unnamed), "201 POST https://a.test/upload?token=*** (5.0 MiB) in 12 ms: A");
    }

    #[test]
    fn headers_stand_below_and_act_on_no_terminal() {
        let text = with_headers("A", &sent(Some(201)));
        let (_, below) = text.split_once('\n').expect("headers follow");
        assert_eq!(below, "  > Authorization: Bearer ***\n  < server: x [2J");
    }
}
