//! What the scenario language can say, held against small servers that speak byte by byte. Nothing here is api.video's.
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

mod capabilities;
mod expectations;
mod named_steps;
mod peer;
mod primitives;
mod storage;

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs `uptake check` on `paths` against `origin`, without blocking the servers of the test.
async fn check(folder: &Path, origin: &str, capabilities: &str, paths: &[&Path]) -> Output {
    std::fs::write(folder.join("key"), "the-key-of-the-test").unwrap();
    let profile = folder.join("target.yaml");
    let text = format!(
        "target: small server\nbase-url: {origin}\ncredentials: {{ api-key: {{ file: key }} }}\n\
         timeouts: {{ connect: 2s, answer: 5s }}\ncapabilities: {capabilities}\n"
    );
    std::fs::write(&profile, text).unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_uptake"))
        .arg("check")
        .args(paths)
        .arg("--target")
        .arg(profile)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap()
}

/// What a run printed, both ways.
fn printed(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
