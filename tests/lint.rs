//! `uptake lint` finds every mistake that can be seen without a server, and says what, where, and what to do.

#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use self::common::{Folder, Little, Reply, command, rules_of_api_video, run, uptake};

/// The scenarios with one mistake each, in the order of their names.
fn broken() -> Vec<PathBuf> {
    let entries = fs::read_dir("fixtures/broken").unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|kind| kind == "yaml")).collect();
    files.sort();
    files
}

fn name(file: &Path) -> String {
    file.file_stem().unwrap().to_string_lossy().into_owned()
}

/// What is said of each is kept beside this file, and was read: what is wrong, where, and what to do.
#[test]
fn each_broken_scenario_is_explained() {
    let files = broken();
    assert!(files.len() >= 30, "the fixtures are there");
    for file in files {
        let ended = uptake(&["lint", &file.display().to_string()]).with_code(2);
        assert_eq!(ended.stdout, "", "{}", file.display());
        shows_the_line(&file, &ended.stderr);
        insta::assert_snapshot!(name(&file), ended.stderr);
    }
}

/// The same of suites, each of which has one mistake in its section `upload`.
#[test]
fn each_broken_upload_of_a_suite_is_explained() {
    let entries = fs::read_dir("fixtures/broken/suites").unwrap();
    let mut folders: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() >= 10, "the fixtures are there");
    for folder in folders {
        let ended = uptake(&["lint", &folder.display().to_string()]).with_code(2);
        assert_eq!(ended.stdout, "", "{}", folder.display());
        shows_the_line(&folder.join("suite.yaml"), &ended.stderr);
        insta::assert_snapshot!(format!("suite-{}", name(&folder)), ended.stderr);
    }
}

/// The place that is named is in the file, and the line that is shown stands there.
#[track_caller]
fn shows_the_line(file: &Path, said: &str) {
    let path = regex::escape(&file.display().to_string());
    let place = regex::Regex::new(&format!(r"\[{path}:(\d+):\d+\]")).unwrap();
    let found = place.captures(said).unwrap_or_else(|| panic!("no place in\n{said}"));
    let line: usize = found[1].parse().unwrap();
    let text = fs::read_to_string(file).unwrap();
    let written = text.lines().nth(line - 1).unwrap_or_else(|| panic!("{path} has no line {line}"));
    assert!(said.contains(written.trim()), "the line `{written}` is missing in\n{said}");
    assert!(said.ends_with("nothing was sent\n"), "{said}");
}

#[test]
fn check_says_the_same_and_asks_nobody() {
    let server = Little::start(|_| Reply::status(404));
    for file in ["unknown-rule", "undefined-variable", "yaml-syntax"] {
        let file = format!("fixtures/broken/{file}.yaml");
        let lint = uptake(&["lint", &file]).with_code(2);
        let mut check = command(&["check", &file, "--target", &server.origin()]);
        let check = run(check.env("UPTAKE_API_KEY", "a-key-of-the-tests")).with_code(2);
        assert_eq!(check.stderr, lint.stderr, "{file}");
    }
    assert_eq!(server.asked().len(), 0, "nothing was sent");
}

#[test]
fn several_mistakes_in_several_files_are_told_at_once() {
    let folder = Folder::new();
    let suite = "suite: little\nareas: { x: all }\nrules:\n  - { id: X-01, area: x, level: must, text: It holds, source: [test] }\n";
    folder.write("suite.yaml", suite);
    folder.write(
        "x/one.yaml",
        "scenario: One\nsteps:\n  - ask: { gett: /, expect: { X-02: { status: 200 } } }\n",
    );
    folder.write(
        "x/two.yaml",
        "scenario: Two\nsteps:\n  - ask: { get: /, expect: { X-01: { status: 20 } } }\n",
    );
    let ended = uptake(&["lint", &folder.path("")]).with_code(2);
    for told in [
        "one.yaml:3:",
        "unknown action `gett` in the step `ask`",
        "did you mean `get`?",
        "X-02",
        "the only rule of this area is X-01",
        "two.yaml:3:",
        "mistakes; nothing was sent",
    ] {
        assert!(ended.stderr.contains(told), "{told} is missing in\n{}", ended.stderr);
    }
}

#[test]
fn the_suites_of_this_repository_are_without_a_mistake() {
    for (suite, told) in [
        ("scenarios/api-video", format!("they test {0} of {0} rules\n", rules_of_api_video())),
        ("scenarios/tus", "they test 96 of 96 rules\n".to_owned()),
        ("scenarios/s3-multipart", "they test 102 of 102 rules\n".to_owned()),
        ("scenarios/gcs-resumable", "they test 53 of 53 rules\n".to_owned()),
        ("scenarios/rufh", "they test 72 of 72 rules\n".to_owned()),
        ("scenarios/rufh-since-8", "they test 88 of 88 rules\n".to_owned()),
        ("scenarios/rufh-6", "they test 92 of 92 rules\n".to_owned()),
        ("scenarios/rufh-8", "they test 91 of 91 rules\n".to_owned()),
        ("scenarios/rufh-9", "they test 96 of 96 rules\n".to_owned()),
    ] {
        let ended = uptake(&["lint", suite]).with_code(0);
        assert!(
            ended.stdout.contains(": no mistakes in ")
                && ended.stdout.contains(&told)
                && ended.stderr.is_empty(),
            "{suite}: {}",
            ended.stdout
        );
    }
    let built_in = uptake(&["lint"]).with_code(0).stdout;
    assert_eq!(
        format!("{built_in}no mistakes in 2 load plans\n"),
        uptake(&["lint", "scenarios/api-video"]).stdout,
        "the suite that is built in is the same, and has no plans"
    );
}

#[test]
fn a_folder_of_a_suite_can_be_looked_at_alone() {
    let ended = uptake(&["lint", "scenarios/api-video/revoke"]).with_code(0);
    let told = format!(" of {} rules\n", rules_of_api_video());
    assert!(ended.stdout.contains(": no mistakes in ") && ended.stdout.contains(&told), "{}", ended.stdout);
    let both = ["lint", "scenarios/api-video/revoke", "scenarios/tus"];
    assert!(uptake(&both).with_code(2).stderr.contains("it belongs to a different suite"));
}

/// A folder with a mistake in each kind of file.
fn mistakes() -> Folder {
    let folder = Folder::new();
    folder.write("target.yaml", "target: t\nbase-url: https://a.test\nlimit: {}\n");
    folder.write("waivers.yaml", "- { rule: TTL-99, reason: known, until: 2027-01-31 }\n");
    folder.write("plan.yaml", "load: p\nrate: 5/s\nsizes: 1MiB\n");
    folder.write("broken.yaml", "target: [\n");
    folder
}

#[test]
fn profiles_plans_and_waivers_are_held_at_once() {
    let folder = mistakes();
    let paths = ["target.yaml", "waivers.yaml", "plan.yaml", "broken.yaml"].map(|name| folder.path(name));
    let [target, waivers, plan, broken] = paths.each_ref().map(String::as_str);
    let ended = uptake(&["lint", target, waivers, plan, broken]).with_code(2);
    for told in [
        "a target profile has no key `limit`",
        "did you mean `limits`?",
        "unknown rule TTL-99",
        "a plan has no key `sizes`",
        "did you mean `size`?",
        "error: 4 mistakes; nothing was sent",
    ] {
        assert!(ended.stderr.contains(told), "{told} is missing in\n{}", ended.stderr);
    }
    let good = ["fixtures/waivers/known.yaml", "fixtures/targets/sandbox.yaml"];
    let ended = uptake(&["lint", good[0], good[1]]).with_code(0);
    assert_eq!(ended.stdout, "no mistakes in 1 target profile\nno mistakes in 1 waiver file\n");
}

#[test]
fn a_profile_is_held_against_the_capabilities_of_a_suite_that_is_named() {
    let folder = Folder::new();
    let profile = folder.write("t.yaml", "target: t\nbase-url: https://a.test\ncapabilities: [statuss]\n");
    uptake(&["lint", &profile]).with_code(0);
    let ended = uptake(&["lint", &profile, "--suite", "scenarios/api-video"]).with_code(2);
    assert!(ended.stderr.contains("the suite knows no capability `statuss`"), "{}", ended.stderr);
}

#[test]
fn sarif_has_a_result_for_each_mistake_with_its_kind_and_place() {
    let folder = mistakes();
    let report = folder.path("lint.sarif");
    let paths = ["target.yaml", "waivers.yaml", "plan.yaml", "broken.yaml"].map(|name| folder.path(name));
    let mut arguments = vec!["lint".to_owned(), "--report".to_owned(), format!("sarif={report}")];
    arguments.extend(paths);
    uptake(&arguments).with_code(2);
    let log: serde_json::Value = serde_json::from_str(&folder.read("lint.sarif")).unwrap();
    assert_eq!((&log["version"], log["runs"].as_array().unwrap().len()), (&"2.1.0".into(), 1));
    let results = log["runs"][0]["results"].as_array().unwrap();
    let mut found: Vec<(String, String, u64)> = results
        .iter()
        .map(|result| {
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            let name = uri.rsplit('/').next().unwrap().to_owned();
            let rule = result["ruleId"].as_str().unwrap().to_owned();
            (name, rule, place["region"]["startLine"].as_u64().unwrap())
        })
        .collect();
    found.sort();
    let wanted = [
        ("broken.yaml", "yaml-syntax", found[0].2),
        ("plan.yaml", "unknown-key", 3),
        ("target.yaml", "unknown-key", 3),
        ("waivers.yaml", "invalid-value", 1),
    ];
    assert_eq!(found, wanted.map(|(name, rule, line)| (name.to_owned(), rule.to_owned(), line)));
    // Without mistakes the log is written, too: code scanning closes what it no longer finds.
    uptake(&["lint", "fixtures/waivers/known.yaml", "--report", &format!("sarif={report}")]).with_code(0);
    let log: serde_json::Value = serde_json::from_str(&folder.read("lint.sarif")).unwrap();
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
}
