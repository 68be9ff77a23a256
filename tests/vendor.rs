//! A vendor's own suite: it stands on the one that is built in, adds rules and scenarios, and says what is otherwise.

mod common;

use std::fs;

use serde_json::Value;

use self::common::{Ended, Folder, rules_of_api_video, uptake};

const SUITE: &str = "fixtures/vendor";

/// A suite in a folder of its own, with this suite.yaml.
fn suite(text: &str) -> (Folder, String) {
    let folder = Folder::new();
    folder.write("suite.yaml", text);
    let path = folder.root().display().to_string();
    (folder, path)
}

fn refused(text: &str) -> Ended {
    let (_folder, path) = suite(text);
    uptake(&["lint", "--suite", &path]).with_code(2)
}

#[test]
fn the_sample_has_every_rule_of_ours_and_two_of_its_own() {
    let ours = uptake(&["lint"]).with_code(0);
    let rules = rules_of_api_video();
    assert!(ours.stdout.contains(&format!("they test {rules} of {rules} rules")), "{}", ours.stdout);
    let theirs = uptake(&["lint", "--suite", SUITE]).with_code(0);
    assert!(theirs.stdout.starts_with("acme: "), "{}", theirs.stdout);
    let rules = rules + 2;
    assert!(theirs.stdout.contains(&format!("they test {rules} of {rules} rules")), "{}", theirs.stdout);
}

#[test]
fn its_rules_are_judged_within_its_limits_and_what_it_overrules_is_said() {
    let folder = Folder::new();
    let report = format!("json={}", folder.path("run.json"));
    let ended = uptake(&[
        "check", "--suite", SUITE, "--rule", "ACME-01", "--rule", "ACME-02", "--rule", "TOKEN-13", "--rule",
        "BYTES-02", "--report", &report,
    ])
    .with_code(0);
    let run: Value = serde_json::from_str(&folder.read("run.json")).unwrap();
    let verdict = |id: &str| {
        let rules = run["rules"].as_array().unwrap();
        let rule = rules.iter().find(|rule| rule["id"] == id).unwrap();
        (rule["level"].as_str().unwrap().to_owned(), rule["verdict"].as_str().unwrap().to_owned())
    };
    assert_eq!(verdict("ACME-01"), ("must".into(), "passed".into()));
    assert_eq!(verdict("ACME-02"), ("must".into(), "passed".into()));
    assert_eq!(verdict("TOKEN-13"), ("may".into(), "passed".into()), "the suite takes it back");
    let sent = run["summary"]["bytes_sent"].as_u64().unwrap();
    assert!(sent >= 32 << 20, "the greatest request of this suite is 32 MiB, {sent} bytes were sent");
    assert!(sent < 200 << 20, "and not the documented 200 MiB, {sent} bytes were sent");
    for said in [&ended.stdout, &run["warnings"].to_string()] {
        let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            words.contains("TOKEN-13 is overridden by the suite acme: Acme sorts by createdAt alone"),
            "{said}"
        );
    }
}

#[test]
fn a_scenario_at_the_same_path_takes_the_place_of_ours() {
    let (folder, _) = suite("suite: mine\nextends: api-video\n");
    let ours = fs::read_dir("scenarios/api-video/auth").unwrap().next().unwrap().unwrap();
    let text = fs::read_to_string(ours.path()).unwrap();
    let first = text.lines().next().unwrap();
    let file = format!("auth/{}", ours.file_name().display());
    folder.write(&file, &text.replacen(first, "scenario: It is ours no longer", 1));
    let loaded = uptake_suite::load_suite(folder.root(), &[]).unwrap();
    let names: Vec<_> = loaded.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    assert_eq!(names.len(), uptake_suite::load(&[]).unwrap().scenarios.len());
    assert!(names.contains(&"It is ours no longer"));
    assert!(!names.contains(&first.trim_start_matches("scenario: ")));
}

#[test]
fn a_profile_has_the_last_word_on_limits() {
    let (_folder, path) =
        suite("suite: mine\nextends: api-video\nlimits: { min-segment: 1MiB, max-segment: 2MiB }\n");
    let folder = Folder::new();
    let target = folder
        .write("target.yaml", "target: x\nbase-url: http://127.0.0.1:9\nlimits: { min-segment: 3MiB }\n");
    let ended = uptake(&["check", "--suite", &path, "--target", &target]).with_code(2);
    assert!(
        ended.stderr.contains("the smallest segment is 3145728 bytes, the largest 2097152"),
        "both were heard, and the contradiction is named: {}",
        ended.stderr
    );
}

#[test]
fn mistakes_are_named_with_their_place() {
    let said = refused("suite: mine\nextends: api-vidoe\n").stderr;
    assert!(said.contains("unknown suite `api-vidoe`") && said.contains("suite.yaml:2:10"), "{said}");
    let said = refused("suite: mine\nextends: .\n").stderr;
    assert!(said.contains("extends itself"), "{said}");
    let said = refused("suite: mine\nextends: api-video\noverrules:\n  TOKEN-99: { reason: x }\n").stderr;
    assert!(said.contains("unknown rule `TOKEN-99` in `overrules`") && said.contains(":4:3"), "{said}");
    let said = refused("suite: mine\nextends: api-video\noverrules:\n  TOKEN-13: { level: may }\n").stderr;
    assert!(said.contains("`reason`"), "nothing is overruled without a reason: {said}");
    let said = refused(
        "suite: mine\nextends: api-video\nrules:\n  - { id: TOKEN-13, area: token, level: must, text: x }\n",
    )
    .stderr;
    assert!(said.contains("already exists in the extended suite") && said.contains("overrules"), "{said}");
    let said =
        refused("suite: mine\nareas: { a: x }\nrules: []\noverrules: { A-01: { reason: x } }\n").stderr;
    assert!(said.contains("`overrules` needs `extends`"), "{said}");
    let said =
        refused("suite: mine\nextends: api-video\noverrules:\n  TOKEN-13: { reason: it is so }\n").stderr;
    assert!(said.contains("the entry for TOKEN-13 changes nothing"), "{said}");
    let said = refused(
        "suite: mine\nextends: api-video\nrules:\n  - { id: x01, area: token, level: must, text: x }\n",
    )
    .stderr;
    assert!(said.contains("`x01` is not a rule id") && said.contains(":4:11"), "{said}");
    let said = refused("suite: mine\nextends: api-video\nlimits: { min-segmnt: 1 }\n").stderr;
    assert!(said.contains("limits has no key `min-segmnt`"), "{said}");
}

#[test]
fn one_vendor_can_stand_on_another_but_not_in_a_circle() {
    let folder = Folder::new();
    folder.write("a/suite.yaml", "suite: a\nextends: api-video\nareas: { own: x }\nrules:\n  - { id: OWN-01, area: own, level: must, text: x }\n");
    folder.write(
        "b/suite.yaml",
        "suite: b\nextends: ../a\noverrules:\n  OWN-01: { level: should, reason: later }\n",
    );
    let loaded = uptake_suite::load_suite(&folder.root().join("b"), &[]).unwrap();
    assert_eq!(loaded.suite.rules.len(), rules_of_api_video() + 1);
    assert_eq!(loaded.suite.rule("OWN-01").unwrap().level, uptake_outcome::Level::Should);
    folder.write("a/suite.yaml", "suite: a\nextends: ../b\n");
    let said = uptake(&["lint", "--suite", &folder.path("b")]).with_code(2).stderr;
    assert!(said.contains("extends itself, directly or") && said.contains("→"), "{said}");
}

#[test]
fn a_schema_at_the_same_path_takes_the_place_of_ours() {
    let (folder, _) = suite("suite: mine\nextends: api-video\n");
    folder.write("schemas/upload-token.json", r#"{ "type": "object", "required": ["colour"] }"#);
    let loaded = uptake_suite::load_suite(folder.root(), &[]).unwrap();
    let errors = loaded.suite.schemas["upload-token"].errors(&serde_json::json!({}));
    assert!(errors.iter().any(|error| error.what.contains("colour")), "{errors:?}");
    folder.write("schemas/upload-token.json", "{ ");
    let said = uptake(&["lint", "--suite", &folder.root().display().to_string()]).with_code(2).stderr;
    assert!(
        said.contains("ends in the middle of a value") && said.contains("upload-token.json:1:"),
        "{said}"
    );
}

#[test]
fn a_folder_without_a_suite_is_named() {
    let folder = Folder::new();
    let file = folder.write("x.yaml", "");
    for (path, why) in [
        (folder.root().display().to_string(), "this directory has no suite.yaml"),
        (folder.path("gone"), "there is no such directory"),
        (file, "it is a file"),
    ] {
        let said = uptake(&["lint", "--suite", &path]).with_code(2).stderr;
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn every_rule_of_ours_has_a_defect_on_record_that_is_still_there() {
    let listed = uptake(&["serve", "--list-defects"]).with_code(0).stdout;
    let planted: Vec<_> = listed.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    let loaded = uptake_suite::load(&[]).unwrap();
    for rule in &loaded.suite.rules {
        let proof = loaded.suite.proof.get(&rule.id).map_or(&[][..], Vec::as_slice);
        assert!(
            !proof.is_empty(),
            "{} has no defect in proof.yaml, which `uptake prove --record` writes",
            rule.id
        );
        for name in proof {
            assert!(planted.contains(&name.as_str()), "{}: {name} is planted no longer", rule.id);
        }
    }
    for id in loaded.suite.proof.keys() {
        assert!(loaded.suite.rule(id).is_some(), "proof.yaml speaks of {id}, which is no rule");
    }
}
