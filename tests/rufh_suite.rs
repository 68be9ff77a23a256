//! The suites of resumable uploads over HTTP against the reference server: every rule passes in each version, and what the rules
//! of a version are changes by intention alone.

mod common;

use uptake_outcome::{Run, Verdict};
use uptake_reference::rufh::{RufhConfig, RufhDefect, RufhServer};

use self::common::{Folder, rules_that, uptake};

/// The suites, each with the number of its rules.
const SUITES: [(&str, usize); 3] = [("rufh-6", 92), ("rufh-8", 91), ("rufh-9", 96)];

async fn server(defects: &[RufhDefect]) -> RufhServer {
    let config = RufhConfig { defects: defects.to_vec(), ..RufhConfig::default() };
    RufhServer::start(config).await.expect("there is a free port")
}

/// Runs a suite, or one of its rules, against a server.
fn check(suite: &str, server: &RufhServer, options: &[&str]) -> Run {
    let folder = Folder::new();
    // A server that keeps a request waiting is to be noticed soon.
    let profile = "timeouts: { answer: 5s }\ncapabilities: detected\n";
    folder.write("target.yaml", &format!("target: reference\nbase-url: {}\n{profile}", server.origin()));
    let (suite, report) = (format!("scenarios/{suite}"), format!("json={}", folder.path("run.json")));
    let target = folder.path("target.yaml");
    let mut arguments = vec!["check", "--suite", &suite, "--target", &target, "--report", &report];
    arguments.extend(options);
    uptake(&arguments);
    folder.run("run.json")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_of_each_version_passes_against_the_reference_server() {
    let server = server(&[]).await;
    for (suite, rules) in SUITES {
        let run = check(suite, &server, &[]);
        let others: Vec<_> = run
            .rules
            .iter()
            .filter(|rule| rule.verdict != Verdict::Passed)
            .map(|rule| (&rule.id, rule.verdict))
            .collect();
        assert_eq!(others, [], "{suite}");
        assert_eq!(rules_that(&run, Verdict::Passed).len(), rules, "{suite}");
        assert_eq!(run.leftovers, [], "{suite}");
    }
    server.shutdown().await;
}

#[test]
fn the_rules_of_a_version_are_frozen() {
    for (suite, _) in SUITES {
        let listed =
            uptake(&["rules", "--suite", &format!("scenarios/{suite}"), "--json"]).with_code(0).stdout;
        let listed: serde_json::Value = serde_json::from_str(&listed).expect("it is JSON");
        let rules = listed["rules"].as_array().expect("a list of rules").iter();
        let lines =
            rules.map(|rule| ["id", "level", "text"].map(|key| rule[key].as_str().unwrap_or("?")).join(" "));
        insta::assert_snapshot!(suite, lines.collect::<Vec<_>>().join("\n"));
    }
}

/// The defects, and the rules that each breaks in the versions that have them.
const DEFECTS: [(RufhDefect, &[&str]); 16] = [
    (RufhDefect::ForgetsBrokenOff, &["RUFH-54", "RUFH-58"]),
    (RufhDefect::CompletesBrokenOff, &["RUFH-56", "RUFH-59"]),
    (RufhDefect::WaitsForPrevious, &["RUFH-83"]),
    (RufhDefect::TellsMovingOffset, &["RUFH-62"]),
    (RufhDefect::AppendsInParallel, &["RUFH-63"]),
    (RufhDefect::CompletesByLength, &["RUFH-34"]),
    (RufhDefect::KeepsDamagedContent, &["RUFH-64", "RUFH-65"]),
    (RufhDefect::StoresOtherBytes, &["RUFH-39", "RUFH-60"]),
    (RufhDefect::KeepsCancelled, &["RUFH-51", "RUFH-52"]),
    (RufhDefect::CancelsWithoutEnding, &["RUFH-84"]),
    (RufhDefect::ExceedsLength, &["RUFH-42", "RUFH-43"]),
    (RufhDefect::AppendsAtOtherOffset, &["RUFH-24"]),
    (RufhDefect::AppendsToCompleted, &["RUFH-38"]),
    (RufhDefect::AnnouncesToEveryone, &["RUFH-01", "RUFH-81"]),
    (RufhDefect::TellsUnsentOffset, &["RUFH-14", "RUFH-29"]),
    (RufhDefect::Redirects, &["RUFH-18", "RUFH-53"]),
];

/// Runs each defect against the rules that it breaks.
async fn defects_are_found(suite: &str) {
    assert_eq!(DEFECTS.len(), RufhDefect::ALL.len());
    let known = uptake(&["rules", "--suite", suite, "--json"]).with_code(0).stdout;
    for (defect, rules) in DEFECTS {
        let rules: Vec<&str> =
            rules.iter().copied().filter(|rule| known.contains(&format!("\"{rule}\""))).collect();
        if rules.is_empty() {
            continue;
        }
        let server = server(&[defect]).await;
        let options: Vec<&str> = rules.iter().flat_map(|rule| ["--rule", rule]).collect();
        let run = check(suite, &server, &options);
        assert_eq!(rules_that(&run, Verdict::Failed), rules, "{suite}: {defect:?}");
        server.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_changed_answer_shows_is_found_in_a_defective_server_of_version_9() {
    defects_are_found("rufh-9").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_changed_answer_shows_is_found_in_a_defective_server_of_version_8() {
    defects_are_found("rufh-8").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_changed_answer_shows_is_found_in_a_defective_server_of_version_6() {
    defects_are_found("rufh-6").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: some changed answers keep a client waiting"]
async fn every_rule_is_proven_by_a_changed_answer_or_by_a_defect() {
    let by_defect: Vec<&str> = DEFECTS.iter().flat_map(|(_, rules)| *rules).copied().collect();
    for (suite, rules) in SUITES {
        let server = server(&[]).await;
        let folder = Folder::new();
        let profile = "timeouts: { answer: 5s }\ncapabilities: detected\n";
        folder.write("target.yaml", &format!("target: reference\nbase-url: {}\n{profile}", server.origin()));
        let (target, report) = (folder.path("target.yaml"), format!("json={}", folder.path("proof.json")));
        let suite_folder = format!("scenarios/{suite}");
        let options = ["--suite", &suite_folder, "--target", &target, "--report", &report];
        // Rules that only a defect proves survive every changed answer, so the exit code is 1.
        uptake(&[&["prove", "--mutate"], &options[..]].concat()).with_code(1);
        let proof: uptake_outcome::Matrix =
            serde_json::from_str(&folder.read("proof.json")).expect("a matrix");
        assert_eq!(proof.rules.len(), rules, "{suite}");
        let unproven =
            proof.rules.iter().filter(|rule| rule.proven_by.is_empty()).map(|rule| rule.id.as_str());
        let unproven: Vec<&str> = unproven.filter(|rule| !by_defect.contains(rule)).collect();
        assert!(unproven.is_empty(), "{suite}: nothing proves {unproven:?}");
        server.shutdown().await;
    }
}
