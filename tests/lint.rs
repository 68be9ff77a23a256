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
        "`ask` does nothing: there is no action `gett`",
        "did you mean `get`?",
        "X-02",
        "has X-01 alone",
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
        ("scenarios/tus", "they test 6 of 6 rules\n".to_owned()),
        ("scenarios/rufh", "they test 3 of 3 rules\n".to_owned()),
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
    assert!(uptake(&both).with_code(2).stderr.contains("it belongs to another suite"));
}
