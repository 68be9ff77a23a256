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
    assert!(text.contains("no interim response") && text.contains("an interim 103"), "{text}");
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

/// Interim responses with these header lines, each a 104, before a final one.
fn after_interim(interim: &[&str]) -> String {
    let early: Vec<_> = interim
        .iter()
        .map(|headers| format!("HTTP/1.1 104 Upload Resumption Supported\r\n{headers}\r\n"))
        .collect();
    early.concat() + &empty("200 OK", "")
}

#[tokio::test(flavor = "multi_thread")]
async fn interim_answers_are_counted_and_their_headers_matched_one_by_one() {
    let (named, moved) = ("Location: /u/1\r\n", "Upload-Offset: 7\r\n");
    for (interim, wanted, code) in [
        ("none", [].as_slice(), 0),
        ("none", &[named], 1),
        ("{ status: 104, count: 0 }", &[], 0),
        ("{ status: 104, count: 0 }", &[named], 1),
        ("{ status: 103, count: 0 }", &[named], 0),
        ("{ status: 104, count: { at-least: 2 } }", &[named], 1),
        ("{ status: 104, first: { Location: /u/1 }, rest: { Location: absent } }", &[named, moved], 0),
        ("{ status: 104, first: { Location: /u/1 } }", &[moved, named], 1),
        ("{ status: 104, first: { Location: absent } }", &[], 1),
        ("{ status: 104, rest: { Location: absent } }", &[], 0),
        ("{ status: 104, rest: { Location: absent } }", &[named, named], 1),
        ("{ all: { Upload-Offset: { sf: 7 } } }", &[moved, moved], 0),
        ("{ all: { Upload-Offset: { sf: 7 } } }", &[moved, named], 1),
        ("{ all: { Location: absent } }", &[], 1),
        ("{ status: 104, any: { Upload-Offset: { sf: 7 } } }", &[named, moved], 0),
        ("{ status: 104, any: { Upload-Offset: { sf: 8 } } }", &[named, moved], 1),
    ] {
        let (ended, text) = judged(&format!("{{ interim: {interim} }}"), after_interim(wanted)).await;
        assert_eq!(ended, Some(code), "{interim} of {wanted:?}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_structured_field_is_compared_by_its_value() {
    for (header, wanted, code) in [
        ("?0", "false", 0),
        ("?0;a=1", "false", 0),
        ("?1", "false", 1),
        ("0", "false", 1),
        ("12", "12", 0),
        ("12.0", "12", 1),
        ("a=1, b", "{ a: 1, b: true }", 0),
        ("a=1", "{ a: 1, b: true }", 1),
    ] {
        let answer = empty("200 OK", &format!("X: {header}\r\n"));
        let (ended, text) = judged(&format!("{{ headers: {{ X: {{ sf: {wanted} }} }} }}"), answer).await;
        assert_eq!(ended, Some(code), "{header}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn interim_answers_are_saved_and_judged_though_the_request_was_broken_off() {
    let steps = r#"
steps:
  - break off:
      post: /files
      body: { size: 1000 }
      delivery: { break-off: 500 }
      save:
        url: { interim: 104, location: true }
        offsets: { interim: 104, header: Upload-Offset, as: sf-integer, list: true }
      expect:
        X-01: { interim: { status: 104, count: 3 }, that: [ "sum(offsets) == 15", "len(offsets) == 2" ] }
  - ask: { get: "${url}", expect: { X-02: { status: 200 } } }
"#;
    let answer = |request: &Request| {
        if request.path() == "/u/1" {
            return empty("200 OK", "");
        }
        after_interim(&["Location: /u/1\r\n", "Upload-Offset: 7\r\n", "Upload-Offset: 8\r\n"])
    };
    let (output, asked) = play(steps, answer).await;
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    assert_eq!(asked_of(&asked).last(), Some(&"GET /u/1 HTTP/1.1"));
}
