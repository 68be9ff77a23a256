//! How a body goes out is the scenario's choice, and what arrives is just that.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use uptake_outcome::{Retried, Run, Verdict};

use self::common::{Asked, Ended, Folder, Little, Others, Reply, rules_that, uptake};

const SUITE: &str = "
suite: little
areas: { x: all }
uploads: { to: /upload, field: file, range-header: Content-Range, carry: { id: $.id } }
rules:
  - { id: X-01, area: x, level: must, text: It holds, source: [test] }
  - { id: X-02, area: x, level: must, text: It holds too, source: [test] }
";

/// Runs one scenario against a server.
fn play(server: &Little, steps: &str) -> (Ended, Run) {
    play_in(SUITE, server, steps)
}

/// The same with another suite.
fn play_in(suite: &str, server: &Little, steps: &str) -> (Ended, Run) {
    let folder = Folder::new();
    folder.write("suite.yaml", suite);
    folder.write("x/scenario.yaml", &format!("scenario: One delivery\n{steps}"));
    let profile = format!("target: little\nbase-url: {}\ntimeouts: {{ answer: 20s }}\n", server.origin());
    let target = folder.write("target.yaml", &profile);
    let report = format!("json={}", folder.path("run.json"));
    let ended = uptake(&["check", &folder.path("x"), "--target", &target, "--report", &report]);
    (ended, folder.run("run.json"))
}

#[track_caller]
fn passes(server: &Little, steps: &str) {
    play(server, steps).0.with_code(0);
}

fn fine() -> Little {
    Little::start(|_| Reply::status(200))
}

#[test]
fn a_body_stalls_where_the_scenario_says() {
    let server = fine();
    let steps = r#"
steps:
  - pause in the middle:
      put: /stalled
      text: abcdefgh
      delivery: { stall: { after: 4, for: 1s } }
      save: { took: { took: true } }
      expect: { X-01: { status: 200, that: "took >= 1000" } }
  - go through:
      put: /through
      text: abcdefgh
      expect: { X-02: { status: 200 } }
"#;
    passes(&server, steps);
    let stalled = server.one("PUT /stalled");
    assert!(stalled.arrivals.contains(&4), "four bytes were there before the others: {:?}", stalled.arrivals);
    assert_eq!(stalled.body, b"abcdefgh");
}

#[test]
fn a_body_may_come_without_its_length_or_with_a_wrong_one() {
    let server = fine();
    let steps = r"
steps:
  - chunked:
      put: /chunked
      body: { size: 200KiB }
      delivery: { length: chunked }
      expect: { X-01: { status: 200 } }
  - claims less than it sends:
      put: /claimed
      text: abcdefgh
      delivery: { length: 5 }
      expect: { X-02: { status: 200 } }
";
    passes(&server, steps);
    let chunked = server.one("PUT /chunked");
    assert_eq!(
        (chunked.header("transfer-encoding"), chunked.header("content-length")),
        (Some("chunked"), None)
    );
    assert_eq!((chunked.body.len(), chunked.whole), (200 << 10, true));
    let claimed = server.one("PUT /claimed");
    assert_eq!(claimed.header("content-length"), Some("5"));
    assert!(
        claimed.bytes.ends_with(b"abcdefgh") || claimed.bytes.ends_with(b"abcde"),
        "the claim alone is wrong"
    );
}

#[test]
fn a_body_may_wait_for_leave() {
    let server = fine();
    let steps = r"
steps:
  - ask for leave first:
      put: /with-leave
      text: abcdefgh
      interim: true
      delivery: { expect: 100-continue }
      expect: { X-01: { status: 200, interim: [ { status: 100 } ] } }
";
    passes(&server, steps);
    let asked = server.one("PUT /with-leave");
    assert_eq!(
        (asked.header("expect"), asked.body.as_slice()),
        (Some("100-continue"), b"abcdefgh".as_slice())
    );
}

#[test]
fn a_request_that_may_be_cut_is_sent_once_and_passes() {
    let server = Little::start(|asked| match asked.target.as_str() {
        "/cut" => Reply::raw("HTTP/1.1 400 Ba"),
        _ => Reply::status(400),
    });
    let step = |allowed: &str| {
        format!(
            "steps:\n  - ask: {{ get: /cut, {allowed}expect: {{ X-01: {{ status: 400 }} }} }}\n  - go on: {{ get: /after, expect: {{ X-02: {{ status: 400 }} }} }}\n"
        )
    };
    passes(&server, &step("may-break: true, "));
    assert_eq!(server.lines(), ["GET /cut", "GET /after"]);
    // Without it the network is to blame, and nothing is judged.
    let (_, run) = play(&server, &step(""));
    let verdicts: Vec<_> = run.rules.iter().map(|rule| rule.verdict).collect();
    assert_eq!(verdicts, [Verdict::Inconclusive, Verdict::Inconclusive]);
}

/// Another upload is as good as the first, while a segment could arrive twice.
#[test]
fn an_upload_that_begins_is_sent_again_where_it_was_lost_and_a_later_segment_is_not() {
    let suite = format!(
        "{SUITE}resources:\n  video: {{ made-by: [POST /upload], status: 201, id: $.id, remove: \"DELETE /videos/${{id}}\", gone: [204, 404] }}\n"
    );
    for (fields, again) in [("", Retried::Request), ("{ id: upload-7 }, ", Retried::Scenario)] {
        let losses = AtomicUsize::new(0);
        let server = Little::start(move |asked| match asked.method.as_str() {
            "POST" if losses.fetch_add(1, Ordering::SeqCst) == 0 => Reply::raw(""),
            "POST" => Reply::status(201).json(&json!({ "id": "upload-7" })),
            _ => Reply::status(204),
        });
        let steps = format!(
            "steps:\n  - send: {{ post: /upload, form: [ {fields}{{ file: {{ size: 10, name: a.mp4 }} }} ], expect: {{ X-01: {{ status: 201 }} }} }}\n"
        );
        let (ended, run) = play_in(&suite, &server, &steps);
        ended.with_code(0);
        assert_eq!(run.retries.iter().map(|retry| retry.what).collect::<Vec<_>>(), [again], "{fields}");
    }
}

#[test]
fn segments_are_cut_and_labelled_as_planned_and_belong_together() {
    let server = Little::start(|_| Reply::status(201).json(&json!({ "id": "upload-7" })));
    let steps = r"
uploads:
  movie: { size: 2500, segment: 1000, framing: bytes, name: movie.bin }
  parts: { size: 2500, segment: 1000, framing: part, total: last }
steps:
  - by ranges:
      upload: movie
      expect: { X-01: { status: 201 } }
  - by parts, the last before the second:
      upload: parts
      segments: [1, 3, 2]
      expect: { X-02: { status: 201 } }
";
    passes(&server, steps);
    let uploads: Vec<_> = server.asked().into_iter().filter(|asked| asked.target == "/upload").collect();
    let ranges: Vec<_> = uploads.iter().map(|asked| asked.header("content-range").unwrap()).collect();
    assert_eq!(
        ranges,
        [
            "bytes 0-999/2500",
            "bytes 1000-1999/2500",
            "bytes 2000-2499/2500",
            "part 1/*",
            "part 3/3",
            "part 2/*"
        ]
    );
    let carries = |asked: &Asked| String::from_utf8_lossy(&asked.body).contains("upload-7");
    let carried: Vec<_> = uploads.iter().map(carries).collect();
    assert_eq!(
        carried,
        [false, true, true, false, true, true],
        "the first segment's answer names the upload"
    );
    assert!(String::from_utf8_lossy(&uploads[0].body).contains("filename=\"movie.bin\""));
}

#[test]
fn segments_that_go_together_are_on_the_wire_at_once() {
    // The server answers none before all are there: one after the other they would never be answered.
    let server = Little::watching(|asked: &Asked, others: &Others| {
        if asked.header("content-range").is_some_and(|range| range != "part 1/4") {
            let there =
                |all: &[Asked]| all.iter().filter(|asked| asked.target == "/upload" && asked.whole).count();
            others.wait_for(|all| there(all) == 4);
        }
        Reply::status(201).json(&json!({ "id": "upload-7" }))
    });
    let steps = r"
uploads:
  movie: { size: 4000, segment: 1000, framing: part }
steps:
  - all at once, but for the first, which names the upload:
      upload: movie
      together: true
      expect: { X-01: { status: 201 } }
";
    passes(&server, steps);
}

#[test]
fn a_request_is_asked_again_within_its_time_and_no_longer() {
    let ready_after = |tries: usize| {
        Little::watching(move |asked: &Asked, others: &Others| {
            let mut count = 0;
            others.look(|all| count = all.iter().filter(|other| other.target == asked.target).count());
            Reply::status(200).json(&json!({ "state": if count > tries { "ready" } else { "busy" } }))
        })
    };
    let steps = |within: &str| {
        format!(
            "steps:\n  - until it is ready:\n      get: /state\n      within: {within}\n      \
             expect: {{ X-01: {{ json: {{ $.state: ready }} }} }}\n"
        )
    };
    let server = ready_after(3);
    passes(&server, &steps("15s"));
    assert_eq!(server.lines().len(), 4, "three times it was busy");

    let server = ready_after(1_000_000);
    let (ended, run) = play(&server, &steps("200ms"));
    assert_eq!(ended.code, 1, "{}", ended.stdout);
    assert_eq!(rules_that(&run, Verdict::Failed), ["X-01"], "the last answer is judged");
    assert!(server.lines().len() > 1, "it was asked again");
}
