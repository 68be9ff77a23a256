//! What `check` does where the target refuses to listen: a wrong key, a wait without end, a clean-up that comes too late.

mod common;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;
use uptake_outcome::{Ending, Run, Verdict};

use self::common::{Ended, Folder, Little, Reply, command, run, uptake, verdict_on};

const SUITE: &str = "
suite: little
areas: { x: all }
credentials: { key: { from: api-key, header: { Authorization: 'Key ${value}' }, opens: /things } }
resources:
  thing: { made-by: [POST /things], status: 2xx, id: $.id, remove: 'DELETE /things/${id}', auth: key, gone: [204] }
rules:
  - { id: X-01, area: x, level: must, text: It holds, source: [test] }
";

/// Runs a scenario of a suite of its own against a server of its own.
fn checked(server: &Little, steps: &str, options: &[&str]) -> (Ended, Run, Duration) {
    let folder = Folder::new();
    folder.write("suite.yaml", SUITE);
    folder.write("x/one.yaml", &format!("scenario: One\nsteps:\n{steps}"));
    folder.write("api.key", "a-key-of-the-tests");
    let profile = format!(
        "target: little\nbase-url: {}\ncredentials: {{ api-key: {{ file: api.key }} }}\n",
        server.origin()
    );
    let target = folder.write("target.yaml", &profile);
    let report = format!("json={}", folder.path("run.json"));
    let (scenarios, runs) = (folder.path("x"), folder.path("runs"));
    let fixed = ["check", scenarios.as_str(), "--target", &target, "--report", &report, "--runs", &runs];
    let began = Instant::now();
    let ended = uptake(&[&fixed, options].concat());
    (ended, folder.run("run.json"), began.elapsed())
}

const ONE: &str = "  - ask: { get: /one, expect: { X-01: { status: 200 } } }\n";

#[test]
fn a_key_that_is_refused_judges_no_rule() {
    for status in [401, 403] {
        let server = Little::start(move |_| Reply::status(status));
        let (ended, run, _) = checked(&server, ONE, &[]);
        let ended = ended.with_code(3);
        let why = format!("the target refuses the credential `api-key`: GET /things returned {status}");
        assert_eq!(run.ending, Ending::CredentialRefused { why: why.clone() });
        assert!(ended.stdout.contains(&why), "{}", ended.stdout);
        assert_eq!(verdict_on(&run, "X-01"), Verdict::NotCovered);
        assert_eq!(server.lines(), ["GET /things"], "nothing else is sent");
    }
}

#[test]
fn a_key_that_works_is_tried_in_place_of_the_greeting() {
    let server = Little::start(|_| Reply::status(200));
    let (ended, run, _) = checked(&server, ONE, &[]);
    ended.with_code(0);
    assert_eq!(verdict_on(&run, "X-01"), Verdict::Passed);
    assert_eq!(server.lines(), ["GET /things", "GET /one"]);
}

#[test]
fn a_wait_longer_than_the_run_may_take_is_inconclusive_at_once() {
    let in_a_day = SystemTime::now() + Duration::from_secs(86_400);
    let epoch = in_a_day.duration_since(UNIX_EPOCH).unwrap().as_secs().to_string();
    for value in ["86400".to_owned(), epoch, httpdate::fmt_http_date(in_a_day)] {
        let told = value.clone();
        let server = Little::start(move |asked| match asked.line().as_str() {
            "GET /one" => Reply::status(429).header("Retry-After", &told),
            _ => Reply::status(200),
        });
        let (_, run, took) = checked(&server, ONE, &["--max-wait", "1s"]);
        assert_eq!(verdict_on(&run, "X-01"), Verdict::Inconclusive, "{value}");
        assert!(run.causes[0].text.contains(&format!("Retry-After: {value}")), "{}", run.causes[0].text);
        assert!(took < Duration::from_secs(20), "{value}: it took {took:?}");
    }
}

#[test]
fn a_retry_after_that_nobody_can_read_is_backed_off_from_within_a_bound() {
    for (value, said) in [
        (Some("soon"), "Retry-After: soon, which is neither a number of seconds nor a date"),
        (Some("-5"), "Retry-After: -5, which is neither a number of seconds nor a date"),
        (Some("1e300"), "Retry-After: 1e300, which is neither a number of seconds nor a date"),
        (None, "without Retry-After"),
    ] {
        let server = Little::start(move |asked| match asked.line().as_str() {
            "GET /one" => {
                let refused = Reply::status(429);
                value.map_or(refused.clone(), |value| refused.header("Retry-After", value))
            }
            _ => Reply::status(200),
        });
        let (_, run, took) = checked(&server, ONE, &["--max-wait", "1s"]);
        assert_eq!(verdict_on(&run, "X-01"), Verdict::Inconclusive, "{value:?}");
        let cause = &run.causes[0].text;
        assert!(cause.contains(&format!("{said}; sent again with back-off")), "{cause}");
        assert!(took < Duration::from_secs(20), "{value:?}: it took {took:?}");
        assert_eq!(server.lines(), ["GET /things", "GET /one", "GET /one"], "once more, within --max-wait");
    }
}

#[test]
fn a_clean_up_that_may_not_go_on_leaves_the_rest_behind() {
    let server = Little::start(|asked| match asked.line().as_str() {
        "POST /things" => Reply::status(201).json(&json!({ "id": "7" })),
        "DELETE /things/7" => Reply::status(429).header("Retry-After", "86400"),
        _ => Reply::status(200),
    });
    let steps = "  - make: { post: /things, expect: { X-01: { status: 201 } } }\n";
    let (_, run, took) = checked(&server, steps, &["--max-wait", "1s"]);
    assert_eq!(run.leftovers.len(), 1, "{:?}", run.leftovers);
    assert!(took < Duration::from_secs(20), "it took {took:?}");
}

#[test]
fn what_is_gone_already_was_not_left_behind() {
    let server = Little::start(|asked| match asked.line().as_str() {
        "DELETE /doors/1" => Reply::status(404),
        "DELETE /doors/2" => Reply::status(500),
        _ => Reply::status(200),
    });
    let steps = "  - one: { post: /doors, finally: { delete: /doors/1 } }\n\
                 \x20 - two: { post: /doors, finally: { delete: /doors/2 }, expect: { X-01: { status: 200 } } }\n";
    let (_, run, _) = checked(&server, steps, &[]);
    let left: Vec<_> = run.leftovers.iter().map(|left| left.why.as_str()).collect();
    assert_eq!(left, ["it returned 500"]);
}

#[test]
fn a_damaged_run_folder_does_not_keep_the_others_from_being_cleaned() {
    let folder = Folder::new();
    folder.write("runs/run-1/journal.jsonl", "{\"garbage\": true}\n");
    folder.write("runs/run-2/journal.jsonl", "");
    let mut clean = command(&["clean", "--runs", &folder.path("runs")]);
    let ended = run(&mut clean).with_code(2);
    assert!(ended.stderr.contains("run-1/journal.jsonl is damaged"), "{}", ended.stderr);
    assert!(ended.stdout.contains("run-2: removed 0 resources"), "{}", ended.stdout);
    assert!(!std::path::Path::new(&folder.path("runs/run-2")).exists(), "it holds nothing");
    assert!(std::path::Path::new(&folder.path("runs/run-1")).exists());
}
