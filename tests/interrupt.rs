//! Ctrl-C in the middle of a run: what was made is removed, what was found is reported.
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use uptake_reference::{Config, Server};

const KEY: &str = "an-api-key-of-the-test";

/// Makes a token, judges a rule, and waits far longer than the test does.
const SCENARIO: &str = r#"
scenario: A run that is interrupted in its middle
steps:
  - make a token:
      post: /upload-tokens
      auth: key
      json: { ttl: 60 }
      expect:
        TOKEN-01: { status: 200, json: { $.ttl: 60 } }
      save: { token: $.token }
  - make a container that only finally removes:
      post: /videos
      auth: key
      json: { title: left to finally }
      save: { video: $.videoId }
      finally: { delete: "/videos/${video}", auth: key }
  - wait:
      wait: 10m
  - never come here:
      get: "/upload-tokens/${token}"
      auth: key
      expect:
        TOKEN-09: { status: 200 }
"#;

fn profile(folder: &Path, origin: &str) -> std::path::PathBuf {
    std::fs::write(folder.join("key"), KEY).unwrap();
    let path = folder.join("target.yaml");
    let text = format!(
        "target: interrupted\nbase-url: {origin}\ncredentials: {{ api-key: {{ file: key }} }}\ncapabilities: [status]\n"
    );
    std::fs::write(&path, text).unwrap();
    path
}

async fn get(origin: &str, path: &str) -> (u16, Value) {
    let answer =
        reqwest_client().get(format!("{origin}{path}")).basic_auth(KEY, Some("")).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(Value::Null))
}

fn reqwest_client() -> reqwest::Client {
    let tls = uptake_wire::tls_config(uptake_wire::TlsSettings::default()).unwrap();
    reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap()
}

async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds().await {
        assert!(Instant::now() < deadline, "{what} did not come about");
        tokio::task::yield_now().await;
    }
}

fn interrupt(child: &Child) {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_removes_what_was_made_and_reports_what_was_found() {
    let server = Server::start(Config { api_key: KEY.into(), ..Config::default() }).await.unwrap();
    let origin = server.origin();
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("interrupted.yaml");
    std::fs::write(&scenario, SCENARIO).unwrap();
    let report = folder.path().join("report.json");
    let child = Command::new(env!("CARGO_BIN_EXE_uptake"))
        .arg("check")
        .arg(&scenario)
        .arg("--target")
        .arg(profile(folder.path(), &origin))
        .arg("--report")
        .arg(format!("json={}", report.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The listing tells when the scenario has come to its wait: both things have been made by then or are about to be.
    until("a token", async || get(&origin, "/upload-tokens").await.1["pagination"]["itemsTotal"] == 1).await;

    interrupt(&child);
    let began = Instant::now();
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();

    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(began.elapsed() < Duration::from_secs(20), "clean-up took {:?}", began.elapsed());
    assert_eq!(get(&origin, "/upload-tokens").await.1["pagination"]["itemsTotal"], 0, "the token is removed");
    let run: Value = serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap();
    assert_eq!(run["ending"]["how"], "interrupted");
    let verdict = |id: &str| {
        run["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == id).unwrap()["verdict"].clone()
    };
    assert_eq!(verdict("TOKEN-01"), "passed", "what had been found is told");
    assert_eq!(verdict("TOKEN-09"), "not-covered", "what had not been judged is not");
    assert_eq!(run["leftovers"], Value::Array(Vec::new()), "nothing is left behind");
}
