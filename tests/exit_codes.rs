//! What the process tells its caller: a target that cannot be judged is never a failed rule, bad input is named with its
//! place, and a report's counts agree.
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

fn uptake(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_uptake"));
    command
        .args(arguments)
        .env("UPTAKE_API_KEY", "a-key-of-the-test")
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    command.output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A server that says this to whoever asks, and closes; or says nothing, and holds on.
fn server(says: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for caller in listener.incoming() {
            let mut caller = caller.unwrap();
            let _ = caller.read(&mut [0; 4096]);
            match says {
                Some(says) => drop(caller.write_all(says.as_bytes())),
                None => held.push(caller),
            }
        }
    });
    origin
}

fn profile(folder: &Path, origin: &str) -> String {
    let path = folder.join("target.yaml");
    let profile = format!(
        "target: odd\nbase-url: {origin}\ncredentials: {{ api-key: {{ env: UPTAKE_API_KEY }} }}\ntimeouts: {{ connect: 1s, answer: 1s }}\n"
    );
    std::fs::write(&path, profile).unwrap();
    path.display().to_string()
}

#[test]
fn a_target_that_cannot_be_judged_ends_with_3_and_a_sentence() {
    let cases = [
        (server(None), "the server did not answer"),
        (server(Some("SSH-2.0-OpenSSH\r\n")), "not HTTP/1.1"),
        (
            server(Some("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")),
            "closed the connection in the middle",
        ),
        ("http://127.0.0.1:1".to_owned(), "no connection to"),
    ];
    for (origin, sentence) in cases {
        let folder = tempfile::tempdir().unwrap();
        let began = Instant::now();
        let output = uptake(&["check", "--target", &profile(folder.path(), &origin)]);
        assert_eq!(output.status.code(), Some(3), "{}", text(&output));
        assert!(text(&output).contains(sentence), "{sentence} is not in {}", text(&output));
        assert!(!text(&output).contains("failed:"), "{}", text(&output));
        assert!(began.elapsed() < Duration::from_secs(20), "within the time-outs");
    }
}

#[test]
fn a_filter_that_matches_nothing_ends_with_4() {
    assert_eq!(uptake(&["check", "--rule", "NO-SUCH-RULE"]).status.code(), Some(4));
    assert_eq!(uptake(&["check", "--area", "nowhere"]).status.code(), Some(4));
}

#[test]
fn bad_input_ends_with_2_before_anything_is_sent() {
    for arguments in [
        &["check", "--no-such-flag"][..],
        &["check", "--target", "/no/such/profile.yaml"],
        &["check", "--target", "ftp://127.0.0.1/"],
        &["check", "/no/such/scenario.yaml"],
        &["check", "--report", "json=/no/such/folder/run.json"],
        &["check", "--report", "html=x"],
        &["rules", "NO-SUCH-RULE"],
    ] {
        let output = uptake(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output));
        assert!(
            output.stdout.is_empty() && !output.stderr.is_empty(),
            "{arguments:?}: diagnostics go to stderr"
        );
    }
}

#[test]
fn a_report_that_cannot_be_written_ends_with_3() {
    let output = uptake(&["check", "--rule", "AUTH-02", "--report", "json=/dev/full"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output));
    assert!(text(&output).contains("/dev/full"), "{}", text(&output));
}

#[test]
fn every_broken_scenario_is_explained_with_its_place() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/broken");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        count += 1;
        let name = path.display().to_string();
        let output = uptake(&["lint", &name]);
        let said = text(&output);
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        assert!(said.contains(&format!("{name}:")) || said.contains(".yaml:"), "the place is named: {said}");
        assert!(said.contains("here"), "the line is shown: {said}");
    }
    assert!(count >= 30, "only {count} broken scenarios");
}

#[test]
fn every_suite_of_the_house_is_without_a_mistake() {
    for suite in ["scenarios/api-video", "scenarios/tus", "scenarios/rufh"] {
        let output = uptake(&["lint", suite]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    }
}

#[test]
fn junit_and_json_tell_the_same_counts() {
    let folder = tempfile::tempdir().unwrap();
    let (json, junit) = (folder.path().join("run.json"), folder.path().join("run.xml"));
    let output = uptake(&[
        "check",
        "--area",
        "auth",
        "--quiet",
        "--report",
        &format!("json={}", json.display()),
        "--report",
        &format!("junit={}", junit.display()),
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "a quiet success says nothing");
    let run: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap();
    let xml = std::fs::read_to_string(junit).unwrap();
    let document = roxmltree::Document::parse(&xml).unwrap();
    let count = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
    assert_eq!(count("testcase"), run["rules"].as_array().unwrap().len());
    assert_eq!(count("failure"), 0);
    assert_eq!(run["summary"]["passed"], 15);
    let schema: serde_json::Value =
        serde_json::from_slice(&uptake(&["schema"]).stdout).expect("the schema is JSON");
    assert!(jsonschema::is_valid(&schema, &run), "the report fits its own schema");
}
