//! One primitive a test.

use std::path::PathBuf;
use std::process::Output;

use base64::Engine as _;
use sha2::Digest as _;

use super::peer::{Log, Request, empty, json, serve};
use super::{check, printed};

const SUITE: &str = r#"
suite: primitives
areas: { x: what the language can say }
capabilities: [extra]
credentials:
  key: { from: api-key, header: { Authorization: "Key ${value}" } }
rules:
  - { id: X-01, area: x, level: must, text: It holds, source: [test] }
  - { id: X-02, area: x, level: must, text: It holds too, source: [test] }
"#;

/// Runs one scenario of a small suite of its own.
pub(super) async fn play(
    steps: &str,
    answer: impl Fn(&Request) -> String + Send + Sync + 'static,
) -> (Output, Vec<Request>) {
    play_in(SUITE, steps, answer).await
}

/// Runs one scenario of a suite.
pub(super) async fn play_in(
    suite: &str,
    steps: &str,
    answer: impl Fn(&Request) -> String + Send + Sync + 'static,
) -> (Output, Vec<Request>) {
    let (origin, log) = serve(answer).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("suite.yaml"), suite).unwrap();
    let scenario: PathBuf = folder.path().join("scenario.yaml");
    std::fs::write(&scenario, format!("scenario: One primitive\n{steps}")).unwrap();
    let output = check(folder.path(), &origin, "[]", &[&scenario]).await;
    (output, asked(&log))
}

/// What was asked after the greeting.
fn asked(log: &Log) -> Vec<Request> {
    log.lock().unwrap().iter().skip(1).cloned().collect()
}

/// The first lines of what was asked.
pub(super) fn asked_of(asked: &[Request]) -> Vec<&str> {
    asked.iter().map(|request| request.line.as_str()).collect()
}

async fn passes(steps: &str, answer: impl Fn(&Request) -> String + Send + Sync + 'static) -> Vec<Request> {
    let (output, asked) = play(steps, answer).await;
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    asked
}

#[tokio::test(flavor = "multi_thread")]
async fn interim_answers_are_seen_in_their_order_with_their_headers() {
    let steps = r"
steps:
  - ask:
      get: /early
      interim: true
      expect:
        X-01: { status: 200, interim: [ { status: 103, headers: { Link: present } }, { status: 104, headers: { Location: /files/7 } } ] }
";
    let answer = |_: &Request| {
        format!(
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 104 Upload Resumption Supported\r\nLocation: /files/7\r\n\r\n{}",
            empty("200 OK", "")
        )
    };
    passes(steps, answer).await;
    let swapped = |_: &Request| {
        format!(
            "HTTP/1.1 104 X\r\nLocation: /files/7\r\n\r\nHTTP/1.1 103 Y\r\nLink: </a>\r\n\r\n{}",
            empty("200 OK", "")
        )
    };
    let (output, _) = play(steps, swapped).await;
    assert_eq!(output.status.code(), Some(1), "{}", printed(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn any_method_and_any_status_are_spoken() {
    let steps = r#"
steps:
  - purge:
      request: "PURGE /cache"
      expect:
        X-01: { status: 799 }
"#;
    let asked = passes(steps, |_| empty("799 Whatever", "")).await;
    assert_eq!(asked[0].line, "PURGE /cache HTTP/1.1");
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_are_captured_by_type_and_calculated_with() {
    let steps = r#"
let: { chunk: 5 }
steps:
  - ask:
      get: /state
      save:
        offset: { header: Upload-Offset, as: int }
        until: { header: Upload-Expires, as: http-date }
        limits: { header: Upload-Limit, as: sf }
        complete: { header: Upload-Complete, as: sf }
      expect:
        X-01:
          that:
            - offset + chunk == 12
            - until - epoch('2026-01-01T00:00:00Z') == 60
            - limits.max_size == 100
            - not complete
  - go on from there:
      patch: /state
      headers: { Upload-Offset: "${offset + chunk}" }
      expect: { X-02: { status: 204 } }
"#;
    let asked = passes(steps, |request| match request.method() {
        "GET" => empty(
            "200 OK",
            "Upload-Offset: 7\r\nUpload-Expires: Thu, 01 Jan 2026 00:01:00 GMT\r\nUpload-Limit: max_size=100\r\nUpload-Complete: ?0\r\n",
        ),
        _ => "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
    })
    .await;
    assert_eq!(asked[1].header("upload-offset"), "12");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_location_is_followed_when_asked_and_credentials_stay_at_home() {
    let steps = r#"
steps:
  - create:
      post: /files/
      auth: key
      save: { next: { location: true } }
      expect: { X-01: { status: 201 } }
  - look there:
      get: "${next}"
      auth: key
      expect: { X-02: { status: 200 } }
"#;
    let answer = |location: &'static str| {
        move |request: &Request| match request.method() {
            "POST" => empty("201 Created", &format!("Location: {location}\r\n")),
            _ => empty("200 OK", ""),
        }
    };
    let asked = passes(steps, answer("7?part=1")).await;
    assert_eq!(asked[1].line, "GET /files/7?part=1 HTTP/1.1");
    assert_eq!(asked[1].header("authorization"), "Key the-key-of-the-test");

    let (output, asked) = play(steps, answer("http://elsewhere.test/files/7")).await;
    let text = printed(&output);
    assert_eq!(asked.len(), 1, "nothing is sent abroad");
    assert!(text.contains("credentials are not sent to http://elsewhere.test"), "{text}");
    assert!(text.contains("1 blocked"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_an_answer_and_not_followed() {
    let steps = "steps:\n  - ask:\n      get: /old\n      expect: { X-01: { status: 302, headers: { Location: /new } } }\n";
    let asked = passes(steps, |_| empty("302 Found", "Location: /new\r\n")).await;
    assert_eq!(asked.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loop_ends_with_its_condition_or_at_its_limit() {
    let steps = r#"
let: { offset: 0, size: 10 }
steps:
  - until it is full:
      repeat:
        until: offset == size
        limit: 5
        steps:
          - send a little:
              post: /more
              json: { at: "${offset}" }
              save: { offset: $.offset }
  - it is full:
      check: true
      expect: { X-01: { that: offset == 10 } }
"#;
    let answer = |step: i64| {
        move |request: &Request| {
            let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap_or_default();
            let at = body["at"].as_i64().unwrap_or(0);
            json("200 OK", "", &format!("{{\"offset\":{}}}", (at + step).min(10)))
        }
    };
    let asked = passes(steps, answer(3)).await;
    assert_eq!(asked.len(), 4, "3, 6, 9, 10");
    let (output, asked) = play(steps, answer(0)).await;
    assert_eq!((output.status.code(), asked.len()), (Some(4), 5), "{}", printed(&output));
    assert!(printed(&output).contains("did not end within 5 rounds"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_can_be_broken_off_and_what_is_left_looked_at() {
    let steps = r"
steps:
  - break off:
      post: /upload
      body: { size: 100KiB }
      delivery: { break-off: 30KiB }
  - look:
      get: /state
      expect: { X-01: { status: 200 } }
";
    let asked = passes(steps, |_| empty("200 OK", "")).await;
    let post = asked.iter().find(|request| request.method() == "POST").unwrap();
    assert!(post.is_cut);
    assert_eq!(post.body.len(), 30 * 1024);
}

#[tokio::test(flavor = "multi_thread")]
async fn last_bytes_are_held_back_until_all_have_met() {
    // The server answers a whole request at once, so the order in which they come whole is the order of the log.
    let steps = r"
steps:
  - race:
      parallel:
        - one:
            post: /held/1
            text: abc
            delivery: { hold: [sent, free] }
        - two:
            post: /held/2
            text: abc
            delivery: { hold: [sent, free] }
        - between:
            steps:
              - all are on the wire:
                  meet: sent
              - while they hang:
                  delete: /token
                  expect: { X-01: { status: 204 } }
              - let them go:
                  meet: free
";
    let asked = passes(steps, |request| match request.method() {
        "DELETE" => "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
        _ => empty("200 OK", ""),
    })
    .await;
    let order: Vec<_> = asked.iter().map(Request::method).collect();
    assert_eq!(order, ["DELETE", "POST", "POST"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_bytes_go_out_to_the_letter() {
    let steps = r#"
steps:
  - speak by hand:
      raw: { send: "BREW /pot HTTP/1.1\r\nHost: x\r\nX-Odd:  spaced\r\n\r\n" }
      expect: { X-01: { status: 418 } }
"#;
    let asked = passes(steps, |_| empty("418 I'm a teapot", "")).await;
    assert_eq!(asked[0].line, "BREW /pot HTTP/1.1");
    assert_eq!(asked[0].header("x-odd"), " spaced");
}

#[tokio::test(flavor = "multi_thread")]
async fn content_is_repeatable_and_its_digest_known() {
    let steps = r#"
content:
  movie: { size: 300001 }
steps:
  - send the second half:
      put: /half
      headers: { Repr-Digest: "sha-256=${digest('sha256', 'sf', 'movie')}" }
      body: { of: movie, from: 150000 }
      expect: { X-01: { status: 200 } }
  - send it whole:
      put: /whole
      headers: { X-Crc: "${digest('crc32c', 'hex', 'movie')}" }
      body: { of: movie }
      expect: { X-02: { status: 200 } }
"#;
    let asked = passes(steps, |_| empty("200 OK", "")).await;
    let (half, whole) = (&asked[0], &asked[1]);
    assert_eq!(half.body[..], whole.body[150_000..]);
    let sum = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(&whole.body));
    assert_eq!(half.header("repr-digest"), format!("sha-256=:{sum}:"));
    assert_eq!(whole.header("x-crc"), format!("{:08x}", crc32c::crc32c(&whole.body)));
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_go_out_in_the_written_order() {
    let steps = r#"
steps:
  - send:
      post: /form
      form:
        - b: second letter
        - file: { text: content, name: "a \"b\".txt", type: text/plain }
        - a: first letter
      expect: { X-01: { status: 200 } }
"#;
    let asked = passes(steps, |_| empty("200 OK", "")).await;
    let text = String::from_utf8_lossy(&asked[0].body).into_owned();
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} is missing in {text}"));
    assert!(at("name=\"b\"") < at("name=\"file\"") && at("name=\"file\"") < at("name=\"a\""));
    assert!(text.contains("filename=\"a %22b%22.txt\""), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_must_come_and_does_not_is_a_failure_and_else_inconclusive() {
    for (wants, code) in [("{ answered: true, status: 200 }", 1), ("{ status: 200 }", 3)] {
        let steps = format!("steps:\n  - ask:\n      get: /x\n      expect: {{ X-01: {wants} }}\n");
        let answer = |request: &Request| match request.path() {
            "/" => empty("200 OK", ""),
            _ => "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell".to_owned(),
        };
        let (output, _) = play(&steps, answer).await;
        assert_eq!(output.status.code(), Some(code), "{}", printed(&output));
    }
}
