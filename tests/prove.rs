//! `uptake prove`: what caught which planted defect, what nothing caught, and what the exit code says of it.
//!
//! The whole matrix is a stage of CI; here the scenarios of one area are enough, since it is not the suite that is
//! tested.

mod common;

use uptake_outcome::{Fate, Matrix, TestedWith};

use self::common::{Ended, Folder, uptake};

/// Small and quick: none of these scenarios moves a file or the clock.
const AUTH: &str = "scenarios/api-video/auth";

/// Proves the scenarios of one area by `defects`, each with all of them, and reads the matrix.
fn prove(defects: &[&str]) -> (Ended, Matrix) {
    prove_with(defects, &["--full"])
}

/// The same, with these options.
fn prove_with(defects: &[&str], options: &[&str]) -> (Ended, Matrix) {
    let folder = Folder::new();
    let report = format!("json={}", folder.path("matrix.json"));
    let mut arguments = vec!["prove", AUTH, "--report", &report];
    arguments.extend(options);
    for defect in defects {
        arguments.extend(["--defect", defect]);
    }
    let ended = uptake(&arguments);
    let matrix = serde_json::from_str(&folder.read("matrix.json")).expect("the report is a matrix");
    (ended, matrix)
}

#[test]
fn a_defect_is_caught_by_the_rule_that_it_breaks() {
    let (ended, matrix) = prove(&["any-refresh-token-accepted", "any-api-key-exchanged"]);
    let ended = ended.with_code(0);
    let told: Vec<_> = matrix
        .defects
        .iter()
        .map(|defect| (defect.name.as_str(), defect.fate, defect.caught_by.join(" ")))
        .collect();
    // In the order of the catalogue of defects, not in that of the command line.
    assert_eq!(
        told,
        [
            ("any-api-key-exchanged", Fate::Caught, "AUTH-02 AUTH-22".to_owned()),
            ("any-refresh-token-accepted", Fate::Caught, "AUTH-11 AUTH-22".to_owned()),
        ]
    );
    let proven: Vec<_> = matrix.rules.iter().filter(|rule| !rule.proven_by.is_empty()).collect();
    assert_eq!(
        proven.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>(),
        ["AUTH-02", "AUTH-11", "AUTH-22"]
    );
    assert_eq!(proven[0].proven_by, ["any-api-key-exchanged"]);
    assert!(ended.stdout.ends_with("exit code 0)\n"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("Unproven"), "two defects cannot prove every rule: {}", ended.stdout);
}

#[test]
fn a_defect_that_nothing_catches_survives_is_named_and_fails_the_run() {
    let (ended, matrix) = prove(&["part-zero-accepted", "any-api-key-exchanged"]);
    let ended = ended.with_code(1);
    assert_eq!(
        matrix.survivors().map(|defect| defect.name.as_str()).collect::<Vec<_>>(),
        ["part-zero-accepted"]
    );
    let (_, survivors) = ended.stdout.split_once("\nSurvived").expect("there is one");
    assert!(survivors.contains("part-zero-accepted") && !survivors.contains("any-api-key-exchanged"));
    assert!(ended.stderr.contains("survived: part-zero-accepted"), "{}", ended.stderr);
}

#[test]
fn a_defect_that_only_rules_of_another_area_catch_is_diffuse_and_no_failure() {
    let (ended, matrix) = prove(&["error-as-html"]);
    let ended = ended.with_code(0);
    assert_eq!(matrix.defects[0].area, "schema");
    assert_eq!(matrix.defects[0].fate, Fate::Diffuse);
    let caught_by = &matrix.defects[0].caught_by;
    assert!(!caught_by.iter().any(|rule| rule.starts_with("SCHEMA-")), "{caught_by:?}");
    assert!(ended.stdout.contains("Diffuse"), "{}", ended.stdout);
}

#[test]
fn a_recorded_defect_is_tested_with_its_recorded_rules_and_another_until_a_rule_fails() {
    let (ended, matrix) =
        prove_with(&["any-api-key-exchanged", "refresh-token-missing", "part-zero-accepted"], &[]);
    let ended = ended.with_code(1);
    let told: Vec<_> =
        matrix.defects.iter().map(|defect| (defect.name.as_str(), defect.fate, defect.tested_with)).collect();
    assert_eq!(
        told,
        [
            ("any-api-key-exchanged", Fate::Caught, TestedWith::RecordedRules),
            // What is recorded for these two is not judged by the scenarios at hand.
            ("part-zero-accepted", Fate::Survived, TestedWith::WholeSuite),
            ("refresh-token-missing", Fate::Diffuse, TestedWith::SuiteUntilCaught),
        ]
    );
    let recorded = &matrix.defects[0];
    assert_eq!(recorded.caught_by, recorded.rules_tested);
    assert!(recorded.caught_by.iter().all(|rule| rule.starts_with("AUTH-")), "{:?}", recorded.caught_by);
    assert!(ended.stdout.contains("1 by their recorded rules"), "{}", ended.stdout);
}

#[test]
fn the_record_is_what_was_seen_beside_what_was_not_tried() {
    let folder = Folder::new();
    let path = folder.path("proof.yaml");
    uptake(&["prove", AUTH, "--defect", "bearer-refused", "--record", &path]).with_code(0);
    let (old, new) =
        (std::fs::read_to_string("scenarios/api-video/proof.yaml").unwrap(), folder.read("proof.yaml"));
    let lines = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lines(&old), lines(&new), "it catches what it caught, and the others were not planted");
}

#[test]
fn a_suite_that_does_not_pass_without_a_defect_proves_nothing() {
    let folder = Folder::new();
    let scenario = folder.write(
        "teapot.yaml",
        "scenario: A key is exchanged by a teapot\nsteps:\n  - exchange:\n      post: /auth/api-key\n      json: { \
         apiKey: \"${credential.api_key}\" }\n      expect: { AUTH-01: { status: 418 } }\n",
    );
    let report = format!("json={}", folder.path("matrix.json"));
    let ended = uptake(&["prove", &scenario, "--report", &report]).with_code(3);
    assert!(ended.stdout.contains("expected  status 418"), "{}", ended.stdout);
    assert!(
        ended.stderr.contains("does not pass against the reference server without a defect"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("planting"), "{}", ended.stderr);
    assert!(!folder.root().join("matrix.json").exists(), "there is no matrix to write");
}

#[test]
fn what_cannot_be_planted_or_written_is_refused_before_anything_runs() {
    let unknown = uptake(&["prove", "--defect", "no-such-thing"]).with_code(2);
    assert!(unknown.stderr.contains("no-such-thing"), "{}", unknown.stderr);
    let junit = uptake(&["prove", "--report", "junit=matrix.xml"]).with_code(2);
    assert!(junit.stderr.contains("json"), "{}", junit.stderr);
    uptake(&["prove", "--report", "json=/no/such/folder/matrix.json"]).with_code(2);
}

#[test]
fn quiet_says_only_what_is_wrong_and_a_report_on_stdout_is_all_that_stands_there() {
    let well = uptake(&["prove", AUTH, "--quiet", "--defect", "bearer-refused"]).with_code(0);
    assert_eq!((well.stdout.as_str(), well.stderr.as_str()), ("", ""));
    let bad = uptake(&["prove", AUTH, "--quiet", "--defect", "part-zero-accepted", "--report", "json=-"])
        .with_code(1);
    let matrix: Matrix = serde_json::from_str(&bad.stdout).expect("the matrix and nothing else");
    assert_eq!(matrix.summary.survived, 1);
    assert_eq!(bad.stderr.lines().count(), 1, "{}", bad.stderr);
    assert!(bad.stderr.starts_with("NOT PROVEN: 1 defect: 1 survived"), "{}", bad.stderr);
}
