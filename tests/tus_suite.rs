//! The suite of tus 1.0.0 against a small server that keeps to it: every rule passes, and every rule can fail.

mod common;

use uptake_outcome::{Matrix, Verdict};

use self::common::{Folder, rules_that, tus_server, uptake};

#[test]
fn every_rule_passes_against_a_server_with_all_extensions_which_are_detected() {
    let (server, folder) = (tus_server(), Folder::new());
    let report = format!("json={}", folder.path("run.json"));
    let ended =
        uptake(&["check", "--suite", "scenarios/tus", "--target", &server.origin(), "--report", &report]);
    ended.with_code(0);
    let run = folder.run("run.json");
    let passed = rules_that(&run, Verdict::Passed).len();
    let others: Vec<_> =
        run.rules.iter().filter(|rule| rule.verdict != Verdict::Passed).map(|rule| &rule.id).collect();
    assert_eq!(others, [""; 0]);
    assert!(passed >= 90, "{passed}");
    assert_eq!(run.leftovers, []);
    let detected = run.capabilities.iter().filter(|finding| finding.detected == Some(true)).count();
    assert_eq!(detected, 6);
}

#[test]
fn every_rule_is_proven_by_a_mutation_of_an_answer() {
    let (server, folder) = (tus_server(), Folder::new());
    let report = format!("json={}", folder.path("matrix.json"));
    let arguments =
        ["prove", "--mutate", "--suite", "scenarios/tus", "--target", &server.origin(), "--report", &report];
    let ended = uptake(&arguments);
    let matrix: Matrix = serde_json::from_str(&folder.read("matrix.json")).expect("the report is a matrix");
    let unproven: Vec<_> = matrix.unproven().map(|rule| rule.id.as_str()).collect();
    assert_eq!(unproven, [""; 0], "{}", ended.stdout);
    assert_eq!(matrix.summary.not_provable, 0, "{}", ended.stdout);
}
