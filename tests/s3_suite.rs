//! The suite of multipart uploads against the reference server: every rule passes, and is proven by a changed answer or by a
//! defect of the server.

mod common;

use uptake_outcome::{Run, Verdict};
use uptake_reference::s3::{S3Config, S3Defect, S3Server};

use self::common::{Folder, not_passed, rules_that, unproven, uptake};

const SUITE: &str = "scenarios/s3-multipart";
/// The number of its rules.
const RULES: usize = 102;

async fn server(defects: &[S3Defect]) -> S3Server {
    let config = S3Config { defects: defects.to_vec(), ..S3Config::default() };
    S3Server::start(config).await.expect("there is a free port")
}

/// The path of a target profile for a server.
fn target(folder: &Folder, server: &S3Server) -> String {
    let S3Config { access_key, secret_key, .. } = S3Config::default();
    folder.write("access.key", &access_key);
    folder.write("secret.key", &secret_key);
    let (access, secret) = (folder.path("access.key"), folder.path("secret.key"));
    let profile = format!(
        "target: reference\nbase-url: {}\ntimeouts: {{ answer: 10s }}\ncapabilities: detected\n\
         credentials: {{ access-key: {{ file: {access} }}, secret-key: {{ file: {secret} }} }}\n",
        server.bucket()
    );
    folder.write("target.yaml", &profile);
    folder.path("target.yaml")
}

/// Runs the suite, or some of its rules, against a server.
fn check(server: &S3Server, options: &[&str]) -> Run {
    let folder = Folder::new();
    let (target, report) = (target(&folder, server), format!("json={}", folder.path("run.json")));
    let mut arguments = vec!["check", "--suite", SUITE, "--target", &target, "--report", &report];
    arguments.extend(options);
    uptake(&arguments);
    folder.run("run.json")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_passes_against_the_reference_server() {
    let server = server(&[]).await;
    let run = check(&server, &[]);
    assert_eq!(not_passed(&run), []);
    assert_eq!(rules_that(&run, Verdict::Passed).len(), RULES);
    assert_eq!(run.leftovers, []);
    server.shutdown().await;
}

/// The defects, and the rules that each breaks.
const DEFECTS: [(S3Defect, &[&str]); 8] = [
    (S3Defect::StoresBrokenOff, &["S3-20"]),
    (S3Defect::StoresDamaged, &["S3-91", "S3-96"]),
    (S3Defect::LosesLastPart, &["S3-51", "S3-80", "S3-81"]),
    (S3Defect::OrdersByArrival, &["S3-80"]),
    (S3Defect::DamagesAByte, &["S3-80"]),
    (S3Defect::KeepsFirstPart, &["S3-16"]),
    (S3Defect::JoinsEveryPart, &["S3-60"]),
    (S3Defect::EndsWhenRefused, &["S3-56"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_defect_of_the_server_is_found() {
    assert_eq!(DEFECTS.len(), S3Defect::ALL.len());
    for (defect, rules) in DEFECTS {
        let server = server(&[defect]).await;
        let options: Vec<&str> = rules.iter().flat_map(|rule| ["--rule", rule]).collect();
        let run = check(&server, &options);
        assert_eq!(rules_that(&run, Verdict::Failed), rules, "{defect:?}");
        server.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_are_sent_under_load_without_an_error() {
    let (server, folder) = (server(&[]).await, Folder::new());
    let target = target(&folder, &server);
    let report = format!("json={}", folder.path("load.json"));
    let plan = ["--duration", "2s", "--report", &report];
    uptake(&[&["load", "--suite", SUITE, "--target", &target], &plan[..]].concat()).with_code(0);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute: several hundred answers are changed, one after the other"]
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
