//! `uptake certify` writes a bundle that a vendor can publish; `--verify` finds what was changed in it.

#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

mod common;

use std::fs;

use self::common::{Bench, Ended, KEY, Setup, command, run};
use serde_json::Value;

const SUITE: &str = "suite: small
capabilities: [clock, status, cors]
areas: { door: Who may enter }
rules:
  - { id: DOOR-01, area: door, level: must, text: A call without a key is refused with 401, source: [test] }
  - { id: DOOR-02, area: door, level: should, text: Such a call is refused with 418, source: [test] }
";
const SCENARIO: &str = "scenario: A call without a key
steps:
  - ask: { get: /upload-tokens, expect: { DOOR-01: { status: 401 }, DOOR-02: { status: 418 } } }
";
const WAIVERS: &str = "- { rule: DOOR-02, reason: no teapot, until: 2999-12-31 }\n";

fn bench() -> Bench {
    let bench = Bench::start(Setup::default());
    bench.folder.write("target.yaml", &fs::read_to_string(bench.profile()).unwrap());
    bench.folder.write("small/suite.yaml", SUITE);
    bench.folder.write("small/call.yaml", SCENARIO);
    bench.folder.write("waivers.yaml", WAIVERS);
    bench
}

fn certify(bench: &Bench, arguments: &[&str]) -> Ended {
    let arguments: Vec<&str> = ["certify"].iter().chain(arguments).copied().collect();
    run(command(&arguments).current_dir(bench.folder.root()).env("UPTAKE_API_KEY", KEY))
}

const ALL: [&str; 11] = [
    "bundle",
    "--suite",
    "small",
    "--target",
    "target.yaml",
    "--server",
    "alpha",
    "--server-version",
    "2.4",
    "--waivers",
    "waivers.yaml",
];

#[test]
fn a_bundle_says_what_was_tested_and_verifies() {
    let bench = bench();
    certify(&bench, &ALL).with_code(0);
    let certificate: Value = serde_json::from_str(&bench.folder.read("bundle/certificate.json")).unwrap();
    assert_eq!((&certificate["server"], &certificate["version"]), (&"alpha".into(), &"2.4".into()));
    assert_eq!(certificate["verdicts"], serde_json::json!({ "DOOR-01": "passed", "DOOR-02": "waived" }));
    assert_eq!(
        (&certificate["levels"][0]["met"], &certificate["levels"][1]["met"]),
        (&true.into(), &false.into())
    );
    assert_eq!(bench.folder.read("bundle/suite/suite.yaml"), SUITE);
    assert_eq!(bench.folder.read("bundle/waivers.yaml"), WAIVERS);
    assert!(bench.folder.read("bundle/badge.svg").contains("must met"));
    let verified = certify(&bench, &["--verify", "bundle"]).with_code(0);
    assert!(verified.stdout.contains("\nVALID: 7 files as certified"), "{}", verified.stdout);
    // What the environment says of other commands is of no matter.
    let mut verify = command(&["certify", "--verify", "bundle"]);
    run(verify.current_dir(bench.folder.root()).env("UPTAKE_TARGET", "http://127.0.0.1:9")).with_code(0);
}

#[test]
fn what_was_changed_in_a_bundle_is_found() {
    let bench = bench();
    certify(&bench, &ALL).with_code(0);
    let path = |name: &str| bench.folder.root().join("bundle").join(name);
    for (name, from, to, told) in [
        ("report.json", "\"seed\": 1", "\"seed\": 2", "report.json was changed"),
        (
            "certificate.json",
            "\"DOOR-02\": \"waived\"",
            "\"DOOR-02\": \"passed\"",
            "does not match report.json",
        ),
        ("suite/call.yaml", "401", "200", "the digest does not match the files"),
        ("waivers.yaml", "teapot", "kettle", "waivers.yaml was changed"),
    ] {
        let text = fs::read_to_string(path(name)).unwrap();
        assert!(text.contains(from), "{name}: {text}");
        fs::write(path(name), text.replace(from, to)).unwrap();
        let verified = certify(&bench, &["--verify", "bundle"]).with_code(1);
        assert!(
            verified.stdout.contains(told) && verified.stdout.contains("NOT VALID"),
            "{name}: {}",
            verified.stdout
        );
        fs::write(path(name), text).unwrap();
    }
    fs::remove_file(path("badge.svg")).unwrap();
    assert!(
        certify(&bench, &["--verify", "bundle"]).with_code(1).stdout.contains("badge.svg cannot be read")
    );
    fs::remove_file(path("certificate.json")).unwrap();
    assert!(certify(&bench, &["--verify", "bundle"]).with_code(2).stderr.contains("certificate.json"));
}

#[test]
fn nothing_is_overwritten_and_nothing_is_certified_by_halves() {
    let bench = bench();
    bench.folder.write("bundle/mine.txt", "mine");
    let ended = certify(&bench, &ALL).with_code(2);
    assert!(ended.stderr.contains("not an empty directory; nothing was sent"), "{}", ended.stderr);
    assert!(certify(&bench, &["new", "--target", "target.yaml"]).with_code(2).stderr.contains("--server"));
    let unnamed = certify(&bench, &["new", "--server", "a", "--server-version", "1"]).with_code(2).stderr;
    assert!(unnamed.contains("--target FILE|URL, or the variable UPTAKE_TARGET"), "{unnamed}");
    let nowhere = [
        "new",
        "--suite",
        "small",
        "--target",
        "http://127.0.0.1:9",
        "--server",
        "a",
        "--server-version",
        "1",
    ];
    let ended = certify(&bench, &nowhere).with_code(3);
    assert!(ended.stderr.contains("new was not written: the run did not complete"), "{}", ended.stderr);
    assert!(!bench.folder.root().join("new/certificate.json").exists());
}
