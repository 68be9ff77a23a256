//! Expectations that are easily misread: each holds for the response that it means, and fails for the one beside it.

use super::peer::{Request, empty, json};
use super::primitives::{asked_of, play};
use super::printed;

/// Runs a request with an expectation of X-01 against a server that gives `answer`; gives the exit code and what was printed.
async fn judged(expect: &str, answer: String) -> (Option<i32>, String) {
    let steps = format!("steps:\n  - ask: {{ get: /, expect: {{ X-01: {expect} }} }}\n");
    let (output, _) = play(&steps, move |_: &Request| answer.clone()).await;
    (output.status.code(), printed(&output))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_interim_answer_is_let_pass_where_none_is_expected() {
    let expect = "{ status: 200, interim: [] }";
    assert_eq!(judged(expect, empty("200 OK", "")).await.0, Some(0));
    let early = format!("HTTP/1.1 103 Early Hints\r\n\r\n{}", empty("200 OK", ""));
    let (code, text) = judged(expect, early).await;
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("no interim answer") && text.contains("an interim 103"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn absent_among_values_means_that_there_is_no_such_header() {
    let expect = r#"{ status: 200, headers: { Upload-Complete: { one-of: [absent, "1"] } } }"#;
    for (header, code) in [
        ("", 0),
        ("Upload-Complete: 1\r\n", 0),
        ("Upload-Complete: 2\r\n", 1),
        ("Upload-Complete: absent\r\n", 1),
    ] {
        let (ended, text) = judged(expect, empty("200 OK", header)).await;
        assert_eq!(ended, Some(code), "{header}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_may_be_named_by_the_fragment_of_its_type() {
    let expect = "{ status: 409, problem: mismatching-upload-offset }";
    for (kind, code) in
        [("https://iana.test/types#mismatching-upload-offset", 0), ("https://iana.test/types#other", 1)]
    {
        let body = format!("{{\"type\": \"{kind}\", \"title\": \"No\", \"status\": 409}}");
        let (ended, text) = judged(expect, json("409 Conflict", "", &body)).await;
        assert_eq!(ended, Some(code), "{kind}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_whose_step_was_skipped_is_not_covered_and_says_why() {
    let steps = "
steps:
  - ask: { get: /, save: { size: $.size }, expect: { X-01: { status: 200 } } }
  - look at a large one:
      only-if: size > 100
      get: /large
      expect: { X-02: { status: 200 } }
";
    let answer = |request: &Request| match request.path() {
        "/" => json("200 OK", "", "{\"size\": 7}"),
        _ => empty("200 OK", ""),
    };
    let (output, asked) = play(steps, answer).await;
    let text = printed(&output);
    assert_eq!(asked_of(&asked), ["GET / HTTP/1.1"], "{text}");
    assert!(text.contains("X-02") && text.contains("skipped because `size > 100` does not hold"), "{text}");
    assert!(!text.contains("the run ended before"), "{text}");
}
