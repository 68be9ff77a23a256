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

#[tokio::test(flavor = "multi_thread")]
async fn what_no_changed_answer_shows_is_found_in_a_defective_server() {
    let defects = [
        (RufhDefect::ForgetsBrokenOff, &["RUFH-54", "RUFH-58"][..]),
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
    ];
    assert_eq!(defects.len(), RufhDefect::ALL.len());
    for (defect, rules) in defects {
        let server = server(&[defect]).await;
        let options: Vec<&str> = rules.iter().flat_map(|rule| ["--rule", rule]).collect();
        let run = check("rufh-9", &server, &options);
        let failed = rules_that(&run, Verdict::Failed);
        assert_eq!(failed, rules, "{defect:?}");
    }
}
