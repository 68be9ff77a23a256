//! The exchanges of a run as an HTTP Archive (HAR 1.2), which the tools of browsers open: a page for each scenario.
//!
//! Secrets are masked. Of a request body that is content of an upload, its size and what it holds is written; of a response body, its
//! beginning. Exchanges without a response have status 0, as in the archives of browsers, and `_error` says why.

use serde_json::{Value, json};

use uptake_outcome::{Run, ScenarioRecord, SentExchange};

/// The exchanges of `run` as an HTTP Archive.
#[expect(clippy::missing_panics_doc, reason = "what is expected cannot fail")]
pub fn har(run: &Run) -> String {
    let records: Vec<(String, &ScenarioRecord)> = run
        .scenarios
        .iter()
        .filter(|record| !record.exchanges.is_empty())
        .zip(1..)
        .map(|(record, number)| (format!("scenario-{number}"), record))
        .collect();
    let pages: Vec<Value> = records.iter().map(|(id, record)| page(id, record)).collect();
    let entries = records
        .iter()
        .flat_map(|(id, record)| record.exchanges.iter().map(move |sent| entry(id, sent)))
        .collect::<Vec<Value>>();
    let document = json!({ "log": {
        "version": "1.2",
        "creator": { "name": "uptake", "version": run.uptake },
        "pages": pages,
        "entries": entries,
    } });
    let mut text = serde_json::to_string_pretty(&document).expect("it is plain data");
    text.push('\n');
    text
}

fn page(id: &str, record: &ScenarioRecord) -> Value {
    json!({
        "id": id,
        "title": format!("{} ({})", record.scenario, record.file),
        "startedDateTime": record.exchanges[0].started_at,
        "pageTimings": {},
    })
}

fn entry(page: &str, sent: &SentExchange) -> Value {
    let exchange = &sent.exchange;
    let took = exchange.took_seconds * 1e3;
    let mut request = json!({
        "method": exchange.method,
        "url": exchange.url,
        "httpVersion": exchange.http_version,
        "headers": named(&sent.headers),
        "queryString": query(&exchange.url),
        "cookies": [],
        "headersSize": -1,
        "bodySize": sent.body_bytes,
    });
    if sent.body_bytes > 0 {
        request["postData"] = json!({ "mimeType": header(&sent.headers, "content-type"), "text": sent.body });
    }
    let mut entry = json!({
        "pageref": page,
        "startedDateTime": sent.started_at,
        "time": took,
        "request": request,
        "response": {
            "status": exchange.status.unwrap_or(0),
            "statusText": "",
            "httpVersion": exchange.http_version,
            "headers": named(&exchange.headers),
            "cookies": [],
            "content": {
                "size": exchange.answer.len(),
                "mimeType": header(&exchange.headers, "content-type"),
                "text": if exchange.status.is_some() { exchange.answer.as_str() } else { "" },
            },
            "redirectURL": header(&exchange.headers, "location"),
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": { "send": 0, "wait": took, "receive": 0 },
        "comment": sent.label,
    });
    if exchange.status.is_none() {
        entry["response"]["_error"] = json!(exchange.answer);
    }
    entry
}

fn named(headers: &[(String, String)]) -> Vec<Value> {
    headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

/// The value of a header, or nothing.
fn header<'h>(headers: &'h [(String, String)], name: &str) -> &'h str {
    let found = headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map_or("", |(_, value)| value.as_str())
}

/// The query as it was sent, parameter by parameter.
fn query(url: &str) -> Vec<Value> {
    let query = url.split('#').next().and_then(|url| url.split_once('?')).map_or("", |(_, query)| query);
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::har;
    use crate::sample;
    use uptake_outcome::{ExchangeRecord, HttpVersion, Run, ScenarioRecord, SentExchange};

    fn sent(status: Option<u16>) -> SentExchange {
        SentExchange {
            label: "send it".to_owned(),
            started_at: "2026-01-01T00:00:00.250Z".to_owned(),
            headers: vec![("Content-Type".to_owned(), "video/mp4".to_owned())],
            body: "5.0 MiB of seeded content".to_owned(),
            body_bytes: 5 << 20,
            exchange: ExchangeRecord {
                http_version: HttpVersion::Http1,
                method: "POST".to_owned(),
                url: "https://a.test/upload?token=***&part".to_owned(),
                curl: String::new(),
                status,
                headers: vec![("location".to_owned(), "/videos/1".to_owned())],
                answer: "it says so".to_owned(),
                took_seconds: 0.5,
            },
        }
    }

    fn log(run: &Run) -> Value {
        serde_json::from_str::<Value>(&har(run)).expect("JSON")["log"].take()
    }

    fn run() -> Run {
        let record = |name: &str, exchanges| ScenarioRecord {
            scenario: name.to_owned(),
            file: "a.yaml".to_owned(),
            took_seconds: 1.0,
            exchanges,
            script: None,
        };
        let scenarios = vec![record("none", Vec::new()), record("two", vec![sent(Some(201)), sent(None)])];
        Run { scenarios, ..sample::green() }
    }

    #[test]
    fn an_upload_is_its_size_and_not_its_bytes() {
        let log = log(&run());
        let request = &log["entries"][0]["request"];
        assert_eq!(request["bodySize"], 5 << 20);
        assert_eq!(
            request["postData"],
            json!({ "mimeType": "video/mp4", "text": "5.0 MiB of seeded content" })
        );
        let query = json!([{ "name": "token", "value": "***" }, { "name": "part", "value": "" }]);
        assert_eq!(request["queryString"], query);
    }

    #[test]
    fn a_scenario_with_exchanges_is_a_page_and_each_entry_names_its_page() {
        let log = log(&run());
        assert_eq!(log["pages"].as_array().map(Vec::len), Some(1));
        for entry in log["entries"].as_array().expect("a list") {
            assert_eq!(entry["pageref"], log["pages"][0]["id"]);
        }
    }

    #[test]
    fn an_exchange_without_a_response_says_why() {
        let response = &log(&run())["entries"][1]["response"];
        assert_eq!((&response["status"], &response["_error"]), (&json!(0), &json!("it says so")));
        assert_eq!(response["content"]["text"], "");
    }

    #[test]
    fn a_run_without_exchanges_is_an_empty_archive() {
        assert_eq!(log(&sample::green())["entries"], json!([]));
    }
}
