//! `uptake prove --mutate`: the answers of any server are changed on their way, and each rule must fail by one of the changes.

mod common;

use uptake_outcome::{Fate, Matrix, ProvenBy, TestedWith, Verdict};

use self::common::{Ended, Folder, Little, Reply, uptake};

/// Proves by mutations, and reads the matrix.
fn prove(options: &[&str]) -> (Ended, Matrix) {
    let folder = Folder::new();
    let report = format!("json={}", folder.path("matrix.json"));
    let mut arguments = vec!["prove", "--mutate", "--report", &report];
    arguments.extend(options);
    let ended = uptake(&arguments);
    assert!(folder.root().join("matrix.json").exists(), "{}{}", ended.stdout, ended.stderr);
    let matrix = serde_json::from_str(&folder.read("matrix.json")).expect("the report is a matrix");
    (ended, matrix)
}

const SUITE: &str = "
suite: echo
areas: { x: An echo }
rules:
  - { id: X-01, area: x, level: must, text: It echoes, source: [test] }
  - { id: X-02, area: x, level: must, text: It counts, source: [test] }
  - { id: X-03, area: x, level: must, text: It is there, source: [test] }
";
const SCENARIO: &str = "
scenario: It echoes and counts
steps:
  - ask: { get: /echo, expect: { X-01: { status: 200, json: { $.said: echo } } } }
  - count: { get: /count, expect: { X-02: { headers: { Count: '7' } }, X-03: { answered: true } } }
";

fn echo() -> Little {
    Little::start(|asked| match asked.target.as_str() {
        "/count" => Reply::status(200).header("Count", 7),
        _ => Reply::status(200).json(&serde_json::json!({ "said": "echo" })),
    })
}

fn suite(rules: &str) -> Folder {
    let folder = Folder::new();
    folder.write("suite.yaml", rules);
    folder.write("x.yaml", SCENARIO);
    folder
}

#[test]
fn a_rule_that_no_change_of_an_answer_fails_is_unproven() {
    let (server, folder) = (echo(), suite(SUITE));
    let (ended, matrix) = prove(&["--suite", &folder.path(""), "--target", &server.origin()]);
    let ended = ended.with_code(1);
    assert_eq!(matrix.by, ProvenBy::Mutations);
    let proven = |id: &str| {
        let rule = matrix.rules.iter().find(|rule| rule.id == id).expect("a rule of the suite");
        rule.proven_by
            .iter()
            .map(|name| name.rsplit(':').next().expect("a change").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(proven("X-01")[0], "status-202");
    assert_eq!(proven("X-02")[0], "no-count");
    assert!(proven("X-03").is_empty(), "an answer is an answer, whatever it says");
    let (_, unproven) =
        ended.stdout.split_once("\nUnproven (no mutation makes these rules fail)\n").expect("one");
    assert!(unproven.trim_start().starts_with("X-03 must It is there"), "{unproven}");
    assert!(ended.stdout.contains("1 unproven"), "{}", ended.stdout);
    for result in &matrix.defects {
        assert_eq!(result.tested_with, TestedWith::Scenario);
        assert_eq!(result.caught_by.is_empty(), result.fate == Fate::Survived, "{}", result.name);
    }
    let caught = matrix.defects.iter().find(|result| result.caught_by == ["X-02"]).expect("one");
    assert_eq!(caught.description, "In the response to “count” (GET), the header Count is missing.");
}

#[test]
fn a_server_that_fails_the_suite_without_a_mutation_proves_nothing_unless_that_is_waived() {
    let (server, folder) = (echo(), suite(&SUITE.replace("It counts", "It counts to eight")));
    folder.write(
        "x.yaml",
        &SCENARIO.replace("Count: '7'", "Count: '8'").replace(", X-03: { answered: true }", ""),
    );
    let (path, origin) = (folder.path(""), server.origin());
    let ended = uptake(&["prove", "--mutate", "--suite", &path, "--target", &origin]).with_code(3);
    assert!(ended.stderr.contains("does not pass without a mutation") && ended.stderr.contains("--waivers"));
    assert!(ended.stdout.contains("X-02"), "{}", ended.stdout);
    let beside = Folder::new();
    let waivers = beside
        .write("waivers.yaml", "- { rule: X-02, reason: It counts to seven only, until: 2099-01-01 }\n");
    let (ended, matrix) = prove(&["--suite", &path, "--target", &origin, "--waivers", &waivers]);
    let ended = ended.with_code(0);
    assert_eq!(matrix.rules[1].not_provable, Some(Verdict::Waived));
    assert_eq!((matrix.summary.proven, matrix.summary.unproven, matrix.summary.not_provable), (1, 0, 2));
    assert!(
        ended.stdout.contains("Not provable on this server (waived without a mutation)"),
        "{}",
        ended.stdout
    );
}

#[test]
fn rules_of_the_built_in_suite_are_proven_by_the_answers_of_the_reference_server() {
    let (ended, matrix) = prove(&["--rule", "AUTH-01", "--max-mutations", "40"]);
    ended.with_code(0);
    let proven: Vec<_> =
        matrix.rules.iter().filter(|rule| !rule.proven_by.is_empty()).map(|rule| &rule.id).collect();
    assert_eq!(proven, ["AUTH-01"]);
}

#[test]
fn options_of_mutations_are_refused_without_them_and_with_planted_defects() {
    for options in [
        &["--target", "http://127.0.0.1:1"][..],
        &["--area", "token"],
        &["--mutate", "--defect", "ttl-in-milliseconds"],
        &["--mutate", "--record", "proof.yaml"],
        &["--mutate", "--ca", "a.pem"],
    ] {
        let ended = uptake(&[&["prove"], options].concat()).with_code(2);
        assert!(ended.stderr.contains("error"), "{options:?}: {}", ended.stderr);
    }
    let unknown = uptake(&["prove", "--mutate", "--area", "tokn"]).with_code(2);
    assert!(unknown.stderr.contains("token"), "{}", unknown.stderr);
}

#[test]
fn a_server_that_is_not_there_is_no_proof() {
    let folder = suite(SUITE);
    let ended = uptake(&["prove", "--mutate", "--suite", &folder.path(""), "--target", "http://127.0.0.1:1"]);
    let ended = ended.with_code(3);
    assert!(ended.stderr.contains("without a mutation"), "{}", ended.stderr);
}
