//! What suites for storage services need: XML, signatures, bodies made of lists, and content that is read back.

use std::process::Output;

use super::peer::{Request, empty, json};
use super::primitives::{asked_of, play_in};
use super::printed;

const SUITE: &str = r#"
suite: storage
areas: { x: what the language can say }
problem: { xml: /Error/Code }
credentials:
  key:
    from: api-key
    sign: { sigv4: header, access-key: ID, secret-key: "${value}", region: here, service: s3 }
  url:
    from: [api-key]
    sign: { sigv4: query, access-key: ID, secret-key: "${credential.api_key}", region: here, service: s3, expires: int(value), at: "0" }
  spare: { from: no-such-key, optional: true, header: { X-Spare: "${value}" } }
auth: key
resources:
  upload:
    made-by: [ "POST /*" ]
    id: { xml: //Id }
    address: "${path}?id=${percent(id)}"
    remove: DELETE ${id}
    gone: [204]
rules:
  - { id: X-01, area: x, level: must, text: It holds, source: [test], refusal: { conforms: [ { status: 4xx, problem: Gone } ] } }
  - { id: X-02, area: x, level: must, text: It holds too, source: [test] }
every-answer:
  X-02: { when: { method: DELETE }, status: 204 }
"#;

const MADE: &str = "<Made xmlns=\"urn:x\"><Id>a b</Id><Part><N>1</N></Part><Part><N>2</N></Part></Made>";

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

/// Runs a request with an expectation of X-01 against a server that gives `answer`.
async fn judged(expect: &str, answer: String) -> (Option<i32>, String) {
    let steps = format!(
        "content: {{ movie: {{ size: 100 }} }}\nsteps:\n  - ask: {{ get: /, expect: {{ X-01: {expect} }} }}\n"
    );
    let (output, _) = play_in(SUITE, &steps, move |_: &Request| answer.clone()).await;
    (code(&output), printed(&output))
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_of_an_xml_body_are_held_against_matchers() {
    for (expect, ends) in [
        ("{ xml: { /Made/Id: a b, \"//Part[*]/N\": { equals: [\"1\", \"2\"] }, \"//Part[2]/N\": 2 } }", 0),
        ("{ xml: { //Id: another } }", 1),
        ("{ xml: { //Gone: present } }", 1),
    ] {
        let (ended, text) = judged(expect, json("200 OK", "", MADE)).await;
        assert_eq!(ended, Some(ends), "{expect}: {text}");
    }
    let (ended, text) = judged("{ xml: { //Id: present } }", json("200 OK", "", "{}")).await;
    assert_eq!(ended, Some(1), "{text}");
    assert!(text.contains("expected  an XML body"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_its_code_where_the_suite_says() {
    for (status, body, ends) in [
        ("404 Not Found", "<Error><Code>Gone</Code></Error>", 0),
        ("410 Gone", "<Error><Code>Gone</Code></Error>", 0),
        ("404 Not Found", "<Error><Code>Other</Code></Error>", 1),
        ("500 No", "<Error><Code>Gone</Code></Error>", 1),
    ] {
        let (ended, text) = judged("refused", json(status, "", body)).await;
        assert_eq!(ended, Some(ends), "{status} {body}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_the_content_is_told() {
    let (ended, text) =
        judged("{ body: { of: movie, from: 10, length: 20 } }", json("200 OK", "", MADE)).await;
    assert_eq!(ended, Some(1), "{text}");
    assert!(text.contains("20 bytes of `movie` from byte 10"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_signed_and_what_they_make_is_removed_by_its_address() {
    let steps = r#"
let: { parts: "[[1, 'a<b'], [2, 'c']]" }
steps:
  - make it:
      post: /film
      text: [ "<List>", { for-each: { part: parts }, text: "<N>${item(part, 0)}</N><E>${xml_escape(item(part, 1))}</E>" }, "</List>" ]
      expect: { status: 200 }
      save: { id: { xml: //Id }, film: { url: true } }
  - ask without: { get: "/${id}", auth: spare, expect: { X-01: { status: 204, that: "ends(film, '/film')" } } }
  - ask by a URL: { get: "${film}?x=1", auth: { url: 60 }, expect: { status: 204 } }
"#;
    let answer = |request: &Request| match request.method() {
        "POST" => json("200 OK", "", MADE),
        _ => empty("204 No Content", ""),
    };
    let (output, asked) = play_in(SUITE, steps, answer).await;
    let text = printed(&output);
    assert_eq!(code(&output), Some(0), "{text}");
    let made = &asked[0];
    assert_eq!(String::from_utf8_lossy(&made.body), "<List><N>1</N><E>a&lt;b</E><N>2</N><E>c</E></List>");
    let authorization = made.header("authorization");
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=ID/"), "{authorization}");
    assert!(
        authorization.contains("/here/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date,")
    );
    assert_eq!((asked[1].header("authorization"), asked[1].header("x-spare")), ("", ""));
    let lines = asked_of(&asked);
    assert!(
        lines[2].starts_with(
            "GET /film?x=1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ID%2F19700101%2Fhere"
        ) && lines[2].contains("&X-Amz-Expires=60&"),
        "{}",
        lines[2]
    );
    assert_eq!(lines[3], "DELETE /film?id=a%20b HTTP/1.1");
    assert!(!text.contains("the-key-of-the-test"), "{text}");
}
