//! What the process tells its caller, and the sentence that goes with it.

mod common;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use uptake_outcome::Verdict;

use self::common::{Bench, Ended, Folder, KEY, Little, Reply, Setup, command, rules_that, run, uptake};

/// One scenario is enough where no rule is to be judged.
const SCENARIO: &str = "scenarios/api-video/auth/key-is-exchanged.yaml";

/// A profile with time-outs so short that a test can wait for them.
fn profile(folder: &Folder, origin: &str, more: &str) -> String {
    folder.write("api.key", KEY);
    let text = format!(
        "target: a server of the tests\nbase-url: {origin}\ncredentials: {{ api-key: {{ file: api.key }} }}\n\
         timeouts: {{ connect: 1s, answer: 500ms }}\n{more}"
    );
    folder.write("target.yaml", &text)
}

/// Asks a server that answers nothing which could be judged: code 3 within seconds, and one sentence that says why.
#[track_caller]
fn nothing_can_be_said(origin: &str, why: &str) -> Ended {
    let folder = Folder::new();
    let target = profile(&folder, origin, "");
    let report = format!("json={}", folder.path("run.json"));
    let began = Instant::now();
    let ended = uptake(&["check", SCENARIO, "--target", &target, "--report", &report]).with_code(3);
    // The time-outs of the profile, and what a busy machine adds to them.
    assert!(began.elapsed() < Duration::from_secs(15), "it took {:?}", began.elapsed());
    let sentences: Vec<_> =
        ended.stdout.lines().filter(|line| line.starts_with("COULD NOT TEST: ")).collect();
    assert_eq!(sentences.len(), 1, "one sentence:\n{}", ended.stdout);
    assert!(
        sentences[0].contains("the target is unreachable") && sentences[0].contains(why),
        "{}",
        sentences[0]
    );
    let run = folder.run("run.json");
    assert_eq!(rules_that(&run, Verdict::Failed), Vec::<&str>::new(), "nothing is held against the server");
    assert_eq!(run.summary.judged, 0);
    ended
}

#[test]
fn a_target_that_nobody_is_at_is_out_of_reach() {
    // A port that was free a moment ago, and that nobody listens on now.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    nothing_can_be_said(&format!("http://{address}"), &format!("no connection to {address}: "));
}

#[test]
fn a_target_that_takes_the_connection_and_hangs_is_given_up_in_time() {
    let server = Little::start(|_| Reply::silence());
    nothing_can_be_said(&server.origin(), "timed out after 0.5 s: the server did not respond");
}

#[test]
fn a_target_that_hangs_in_mid_answer_is_given_up_in_time() {
    // Ten bytes are promised, five come, and the connection stays open.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        std::io::Write::write_all(&mut stream, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
            .unwrap();
        // Until the caller has given up.
        drop(std::io::copy(&mut stream, &mut std::io::sink()));
    });
    nothing_can_be_said(&origin, "timed out after 0.5 s: the response did not end");
    server.join().unwrap();
}

#[test]
fn a_target_that_speaks_something_else_is_told_by_what_it_said() {
    let server = Little::start(|_| Reply::raw("SSH-2.0-OpenSSH_9.2\r\n"));
    nothing_can_be_said(&server.origin(), "what the server sent is not HTTP/1.1");
}

#[test]
fn a_target_that_closes_without_an_answer_is_out_of_reach() {
    let server = Little::start(|_| Reply::raw(""));
    nothing_can_be_said(&server.origin(), "the server closed the connection without a response");
}

#[test]
fn a_target_that_closes_in_mid_answer_is_out_of_reach() {
    let server = Little::start(|_| Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"));
    let why = "the server closed the connection in the middle of the response body (status 200)";
    nothing_can_be_said(&server.origin(), why);
}

#[test]
fn a_target_that_falls_silent_after_the_greeting_is_not_accused() {
    // The first request tries the key.
    let tried = std::sync::atomic::AtomicBool::new(false);
    let server = Little::start(move |asked| {
        let is_greeting = asked.target == "/" || !tried.swap(true, std::sync::atomic::Ordering::SeqCst);
        if is_greeting { Reply::status(404) } else { Reply::raw("") }
    });
    let folder = Folder::new();
    let target = profile(&folder, &server.origin(), "");
    let report = format!("json={}", folder.path("run.json"));
    let area = ["check", "scenarios/api-video/auth", "--target", &target, "--report", &report];
    let ended = uptake(&area).with_code(3);
    let run = folder.run("run.json");
    assert_eq!(rules_that(&run, Verdict::Failed), Vec::<&str>::new(), "{}", ended.stdout);
    assert!(!rules_that(&run, Verdict::Inconclusive).is_empty(), "{}", ended.stdout);
    assert!(ended.stdout.contains("5 requests in a row had no response"), "{}", ended.stdout);
}

#[test]
fn a_quiet_run_that_comes_to_nothing_says_one_sentence() {
    let server = Little::start(|_| Reply::raw(""));
    let folder = Folder::new();
    let target = profile(&folder, &server.origin(), "");
    let ended = uptake(&["check", SCENARIO, "--target", &target, "--quiet"]).with_code(3);
    assert_eq!(ended.stdout, "");
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.starts_with("COULD NOT TEST: the target is unreachable: "), "{}", ended.stderr);
}

#[test]
fn a_filter_that_matches_nothing_judges_nothing() {
    let server = Little::start(|_| Reply::status(404));
    let folder = Folder::new();
    let target = profile(&folder, &server.origin(), "");
    for (filter, told) in [
        (["--rule", "AUTH-99"], "unknown rule `AUTH-99`; did you mean `AUTH-19`?"),
        (["--area", "billing"], "unknown area `billing`; areas of api-video: auth, token, upload"),
    ] {
        // Next to a filter that matches, too: a misspelt one must not turn a gate off.
        for arguments in [
            [&["check", SCENARIO, "--target", &target][..], &filter].concat(),
            [&["check", "--target", &target, "--rule", "AUTH-01"][..], &filter].concat(),
        ] {
            let ended = uptake(&arguments).with_code(2);
            assert!(ended.stderr.contains(told), "{}", ended.stderr);
            assert_eq!(ended.stdout, "");
        }
    }
    // The rule is there, and no level of that name has one in this area.
    let both = ["check", SCENARIO, "--target", &target, "--rule", "AUTH-01", "--level", "may"];
    assert!(uptake(&both).with_code(4).stdout.contains("NOTHING TESTED: no rule selected"));
    assert_eq!(server.asked().len(), 0, "where there is nothing to judge nobody is asked");
}

#[test]
fn usage_that_is_wrong_is_explained() {
    for (arguments, told) in [
        (&["check", "--no-such-flag"][..], "--no-such-flag"),
        (&["check", "--jobs", "0"], "--jobs"),
        (&["check", "--level", "maybe"], "must, should, may"),
        (&["check", "--fail-on", "may"], "must, should"),
        (
            &["check", "--report", "xml=x"],
            "unknown report format `xml`: use json, junit, markdown, github, html, ctrf or har",
        ),
        (&["check", "--report", "out.json"], "write FORMAT=FILE"),
        (&["check", "--insecure"], "--target"),
        (&["judge"], "judge"),
        (&[], "check"),
    ] {
        let ended = uptake(arguments).with_code(2);
        assert_eq!(ended.stdout, "", "{arguments:?}");
        assert!(ended.stderr.contains(told), "{arguments:?}: {}", ended.stderr);
    }
    for arguments in [&["--help"][..], &["--version"], &["check", "--help"]] {
        let ended = uptake(arguments).with_code(0);
        assert!(!ended.stdout.is_empty() && ended.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn scenarios_that_are_not_there_are_bad_input() {
    let ended = uptake(&["check", "no/such/scenario.yaml"]).with_code(2);
    assert!(ended.stderr.contains("no/such/scenario.yaml: cannot be read"), "{}", ended.stderr);
    let folder = Folder::new();
    let ended = uptake(&["check", &folder.path("")]).with_code(2);
    assert!(
        ended.stderr.contains("there is no suite.yaml in this directory or above it"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_report_that_cannot_be_written_is_known_before_anything_is_sent() {
    let server = Little::start(|_| Reply::status(404));
    let folder = Folder::new();
    let target = profile(&folder, &server.origin(), "");
    for report in [folder.path("no/such/folder/run.json"), folder.path("")] {
        let report = format!("json={report}");
        let ended = uptake(&["check", SCENARIO, "--target", &target, "--report", &report]).with_code(2);
        assert!(ended.stderr.contains("cannot write the json report to "), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
    assert_eq!(server.asked().len(), 0, "nothing was sent");
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_could_not_be_written_after_all_leaves_nothing_to_trust() {
    let bench = Bench::start(Setup::default());
    let full = ["check", SCENARIO, "--target", bench.profile(), "--report", "json=/dev/full"];
    let ended = uptake(&full).with_code(3);
    assert!(
        ended.stdout.contains("REPORT NOT WRITTEN: the json report was not written to /dev/full: "),
        "{}",
        ended.stdout
    );
    assert!(ended.stdout.contains("1 passed"), "what was found is still shown:\n{}", ended.stdout);

    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = command(&["check", SCENARIO, "--target", bench.profile()]);
    let status = command.stdout(full).stderr(std::process::Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(3), "a terminal report is one too");
}

#[test]
fn what_fails_the_run_is_the_users_choice() {
    // Looking at the clock when a segment begins, and not when it has come, is against what servers should do.
    let bench = Bench::start(Setup::wrong(&["judged-at-the-start".parse().unwrap()]));
    let ttl = "scenarios/api-video/ttl/ends-after-expiry.yaml";
    let (ended, run) = bench.check(&[ttl]);
    assert_eq!(rules_that(&run, Verdict::Failed), ["TTL-07"]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    assert!(ended.stdout.contains("1 failed (not required)"), "{}", ended.stdout);
    let (ended, run) = bench.check(&[ttl, "--fail-on", "should"]);
    assert_eq!(rules_that(&run, Verdict::Failed), ["TTL-07"]);
    assert_eq!(ended.code, 1, "{}", ended.stdout);
    assert!(ended.stdout.contains("FAILED: ") && ended.stdout.contains("exit code 1"), "{}", ended.stdout);
}

#[test]
fn a_failure_against_ones_own_server_is_told_apart_from_one_against_a_target() {
    let bench = Bench::start(Setup::wrong(&["exchange-answers-201".parse().unwrap()]));
    let (ended, _) = bench.check(&[SCENARIO]);
    let ended = ended.with_code(1);
    assert!(!ended.stderr.contains("a fault of uptake's own"), "{}", ended.stderr);
}

#[test]
fn a_target_given_as_url_wants_its_key_in_the_environment() {
    let server = Little::start(|_| Reply::status(404));
    let origin = server.origin();
    let ended = uptake(&["check", SCENARIO, "--target", &origin]).with_code(2);
    assert!(ended.stderr.contains("set the environment variable UPTAKE_API_KEY"), "{}", ended.stderr);
    let mut empty = command(&["check", SCENARIO, "--target", &origin]);
    let ended = run(empty.env("UPTAKE_API_KEY", " ")).with_code(2);
    assert!(ended.stderr.contains("the environment variable UPTAKE_API_KEY"), "{}", ended.stderr);
    for (url, why) in [
        ("ftp://host", "only http and https are supported"),
        ("https://key@host", "a URL must not contain credentials"),
        ("http://", "invalid target `http://`"),
    ] {
        let mut wrong = command(&["check", SCENARIO, "--target", url]);
        let ended = run(wrong.env("UPTAKE_API_KEY", KEY)).with_code(2);
        assert!(ended.stderr.contains(why), "{url}: {}", ended.stderr);
    }
    assert_eq!(server.asked().len(), 0, "nothing was sent");
}

#[test]
fn a_key_in_the_environment_is_enough() {
    let bench = Bench::start(Setup::default());
    let mut command = command(&["check", SCENARIO, "--target", &bench.origin]);
    let ended = run(command.env("UPTAKE_API_KEY", KEY)).with_code(0);
    assert!(ended.stdout.contains("PASSED: 1 rule: 1 passed"), "{}", ended.stdout);
}

#[test]
fn a_wrong_profile_is_shown_with_its_lines() {
    let folder = Folder::new();
    let text = "target: x\nbase-url: nowhere\ncapabilities: [status]\nlimits: { min-segmnt: 1 }\ntimeouts: { answer: 5 }\n";
    let path = folder.write("wrong.yaml", text);
    let ended = uptake(&["check", SCENARIO, "--target", &path]).with_code(2);
    for told in [
        format!("{path}:2:11"),
        "`nowhere` is not a URL".to_owned(),
        "base-url: nowhere".to_owned(),
        format!("{path}:4:11"),
        "limits has no key `min-segmnt`".to_owned(),
        format!("{path}:5:21"),
        "3 mistakes; nothing was sent".to_owned(),
    ] {
        assert!(ended.stderr.contains(&told), "{told} is missing in\n{}", ended.stderr);
    }
    let ended = uptake(&["check", SCENARIO, "--target", &folder.path("gone.yaml")]).with_code(2);
    assert!(ended.stderr.contains("cannot read the target profile ") && ended.stderr.contains("gone.yaml"));
}

#[test]
fn a_capability_that_the_suite_does_not_know_is_shown_where_it_stands() {
    let server = Little::start(|_| Reply::status(404));
    let folder = Folder::new();
    let path = profile(&folder, &server.origin(), "capabilities: [status, time-travel]\n");
    let ended = uptake(&["check", SCENARIO, "--target", &path]).with_code(2);
    for told in [
        &format!("{path}:5:24"),
        "the suite knows no capability `time-travel`",
        "it knows: clock, status, rate-limit, cors",
    ] {
        assert!(ended.stderr.contains(told), "{told} is missing in\n{}", ended.stderr);
    }
    assert_eq!(server.asked().len(), 0, "nothing was sent");
}
