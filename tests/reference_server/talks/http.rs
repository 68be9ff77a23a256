//! The endpoint behaves as an HTTP API that browsers and scripts can use.

use reqwest::Method;
use serde_json::json;
use uptake_reference::{Config, Defects, RateLimit};

use crate::support::{Answer, KEY, config, upload};
use crate::talk::{Talk, told};
use crate::wire;

const MIB: usize = 1024 * 1024;

pub(crate) async fn talk(defects: Defects) -> String {
    let mut talk = Talk::with(defects).await;
    let token = talk.token(0).await;
    for (what, method, path) in [
        ("an unknown URL", Method::GET, "/nothing"),
        ("a path behind another", Method::GET, "/upload-tokens/a/b"),
        ("a path that is not text", Method::GET, "/videos/%ff"),
        ("another method", Method::PUT, "/upload-tokens"),
        ("yet another", Method::GET, "/upload"),
        ("a good call", Method::GET, "/upload-tokens"),
    ] {
        let request = talk.bench.call(method, path);
        let answer = talk.ask(what, request).await;
        labels(&mut talk, &answer);
    }
    let answer = talk.bench.upload(&upload(&token)).await;
    talk.note("an upload", told(&answer));
    labels(&mut talk, &answer);
    let spare = talk.token(0).await;
    let answer = talk.delete("no content", &format!("/upload-tokens/{spare}")).await;
    labels(&mut talk, &answer);
    talk.note("  with a body of", answer.text.len());

    let request = talk
        .bench
        .bare(Method::OPTIONS, "/upload")
        .header("Origin", "https://page.example")
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "content-range,av-origin-client");
    let answer = talk.ask("a pre-flight", request).await;
    labels(&mut talk, &answer);
    for name in ["access-control-allow-headers", "access-control-allow-methods"] {
        talk.note(name, answer.header(name).unwrap_or("none"));
    }

    let remaining =
        |answer: &Answer| answer.header("x-ratelimit-remaining").and_then(|text| text.parse::<u32>().ok());
    let (one, two) = (talk.bench.get("/upload-tokens").await, talk.bench.get("/upload-tokens").await);
    talk.note("remaining falls", remaining(&two) < remaining(&one));
    let answer = talk.bench.post("/auth/api-key", &json!({ "apiKey": KEY })).await;
    talk.note("the key is repeated", answer.text.contains(KEY));
    let status = wire::chunked(&talk.bench, &format!("/upload?token={token}")).await;
    talk.note("a body without a length", status);
    let status = wire::send_before_reading(&talk.bench, "/upload?token=toUnknown", 12 * MIB).await;
    talk.note("a refusal before the body", format!("{status:?}"));

    let limited = limited(defects).await;
    talk.note("with a limit", limited);
    talk.end()
}

async fn limited(defects: Defects) -> String {
    let rate_limit = Some(RateLimit { uploads: 2, writes: 3, reads: 2 });
    let mut talk = Talk::on(Config { defects, rate_limit, ..config() }).await;
    for what in ["one", "two", "three"] {
        let answer = talk.get(what, "/upload-tokens").await;
        talk.note("  limit and remaining", limits(&answer));
    }
    talk.post("a write", "/upload-tokens", &json!({})).await;
    talk.bench.advance(61).await;
    let answer = talk.get("after a minute", "/upload-tokens").await;
    talk.note("  limit and remaining", limits(&answer));
    talk.end()
}

fn limits(answer: &Answer) -> String {
    let waits = answer.header("x-ratelimit-retry-after").and_then(|text| text.parse::<u32>().ok());
    let of = |name| answer.header(name).unwrap_or("none").to_owned();
    let wait = match waits {
        Some(0..=60) => "waits a minute at most",
        Some(_) => "waits longer",
        None => "does not say how long",
    };
    format!("{} {}, {wait}", of("x-ratelimit-limit"), of("x-ratelimit-remaining"))
}

/// What an answer says of itself beside its body.
fn labels(talk: &mut Talk, answer: &Answer) {
    let integer = |name: &str| answer.header(name).is_some_and(|text| text.parse::<u64>().is_ok());
    talk.note("  type", answer.header("content-type").unwrap_or("none"));
    talk.note("  origin", answer.header("access-control-allow-origin").unwrap_or("none"));
    talk.note("  allow", answer.header("allow").unwrap_or("none"));
    let limits = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-retry-after"];
    talk.note("  limits", limits.into_iter().all(integer));
}
