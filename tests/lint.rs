//! What is wrong in a scenario file is explained before anything is sent: what, where, and what to do.
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

use std::path::Path;
use std::process::{Command, Output};

fn uptake(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_uptake"));
    command.args(arguments).env_remove("UPTAKE_API_KEY").current_dir(env!("CARGO_MANIFEST_DIR"));
    command.output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
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
