//! The suite of resumable uploads of Google Cloud Storage against the reference server: every rule passes, and is proven by a
//! changed answer; each defect of the server fails the rules that it breaks and no others.

mod common;

use uptake_outcome::{Run, Verdict};
use uptake_reference::gcs::{GcsConfig, GcsDefect, GcsServer};

use self::common::{Folder, not_passed, rules_that, unproven, uptake};

const SUITE: &str = "scenarios/gcs-resumable";
/// The number of its rules.
const RULES: usize = 53;

async fn server(defects: &[GcsDefect]) -> GcsServer {
    let config = GcsConfig { defects: defects.to_vec(), ..GcsConfig::default() };
    GcsServer::start(config).await.expect("there is a free port")
}

/// The path of a target profile for a server.
fn target(folder: &Folder, server: &GcsServer) -> String {
    folder.write("token.key", &GcsConfig::default().token);
    let (origin, bucket, token) = (server.origin(), GcsServer::BUCKET, folder.path("token.key"));
    let profile = format!(
        "target: reference\nbase-url: {origin}\nvars: {{ bucket: {bucket} }}\ntimeouts: {{ answer: 10s }}\n\
         credentials: {{ gcs-token: {{ file: {token} }} }}\n"
    );
    folder.write("target.yaml", &profile);
    folder.path("target.yaml")
}

/// Runs the suite against a server.
fn check(server: &GcsServer) -> Run {
    let folder = Folder::new();
    let (target, report) = (target(&folder, server), format!("json={}", folder.path("run.json")));
    uptake(&["check", "--suite", SUITE, "--target", &target, "--fail-on", "should", "--report", &report]);
    folder.run("run.json")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_passes_against_the_reference_server() {
    let server = server(&[]).await;
    let run = check(&server);
    assert_eq!(not_passed(&run), []);
    assert_eq!(rules_that(&run, Verdict::Passed).len(), RULES);
    assert_eq!(run.leftovers, []);
    server.shutdown().await;
}

/// The defects, and the rules that each breaks.
const DEFECTS: [(GcsDefect, &[&str]); 14] = [
    (GcsDefect::StoresOddChunks, &["GCS-31"]),
    (GcsDefect::ReplacesStoredBytes, &["GCS-33"]),
    (GcsDefect::ClosesGaps, &["GCS-34", "GCS-37"]),
    (GcsDefect::CountsUnsentBytes, &["GCS-36"]),
    (GcsDefect::DamagesLaterChunks, &["GCS-28", "GCS-29", "GCS-33", "GCS-36"]),
    (GcsDefect::EndsAtUnknownTotal, &["GCS-29"]),
    (GcsDefect::DiscardsWhenRefused, &["GCS-37"]),
    (GcsDefect::StoresDamagedContent, &["GCS-62"]),
    (GcsDefect::IgnoresCrc32c, &["GCS-61", "GCS-62"]),
    (GcsDefect::SharesSessions, &["GCS-03", "GCS-54"]),
    (GcsDefect::KeepsCancelledSessions, &["GCS-51", "GCS-52", "GCS-53"]),
    (GcsDefect::CancelsSessionsOfName, &["GCS-54"]),
    (GcsDefect::ShowsIncompleteObjects, &["GCS-04", "GCS-32", "GCS-53"]),
    (GcsDefect::KeepsOldObject, &["GCS-71"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_defect_of_the_server_fails_the_rules_that_it_breaks() {
    assert_eq!(DEFECTS.map(|(defect, _)| defect), GcsDefect::ALL);
    for (defect, rules) in DEFECTS {
        let server = server(&[defect]).await;
        let run = check(&server);
        assert_eq!(rules_that(&run, Verdict::Failed), rules, "{defect:?}");
        server.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_are_sent_under_load_without_an_error() {
    let (server, folder) = (server(&[]).await, Folder::new());
    let target = target(&folder, &server);
    let report = format!("json={}", folder.path("load.json"));
    let plan = ["--duration", "2s", "--fail-if", "errors > 0", "--report", &report];
    uptake(&[&["load", "--suite", SUITE, "--target", &target], &plan[..]].concat()).with_code(0);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn generated_uploads_find_nothing() {
    let (server, folder) = (server(&[]).await, Folder::new());
    let target = target(&folder, &server);
    let plan = ["--cases", "60", "--seed", "7", "--out", &folder.path("found")];
    uptake(&[&["fuzz", "--suite", SUITE, "--target", &target], &plan[..]].concat()).with_code(0);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes long: hundreds of answers are changed, one after the other"]
async fn every_rule_is_proven_by_a_changed_answer() {
    let (server, folder) = (server(&[]).await, Folder::new());
    let (target, report) = (target(&folder, &server), format!("json={}", folder.path("proof.json")));
    uptake(&["prove", "--mutate", "--suite", SUITE, "--target", &target, "--report", &report]);
    let proof: uptake_outcome::Matrix = serde_json::from_str(&folder.read("proof.json")).expect("a matrix");
    assert_eq!(proof.rules.len(), RULES);
    let unproven = unproven(&proof);
    assert!(unproven.is_empty(), "nothing proves {unproven:?}");
    server.shutdown().await;
}
