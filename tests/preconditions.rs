//! A precondition that does not hold is named once; what stands behind it is blocked, and nothing has failed.
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

use std::process::Command;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A server that is out of order: whatever is asked, it is not available.
async fn unavailable() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut caller, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = caller.read(&mut request).await;
                let body = r#"{"type":"https://example.test/service-unavailable","title":"Out of order.","status":503}"#;
                let answer = format!(
                    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                let _ = caller.write_all(answer.as_bytes()).await;
            });
        }
    });
    origin
}

#[tokio::test(flavor = "multi_thread")]
async fn one_broken_precondition_blocks_all_that_stands_behind_it() {
    let origin = unavailable().await;
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("run.json");
    let child = Command::new(env!("CARGO_BIN_EXE_uptake"))
        .args([
            "check",
            "--target",
            &origin,
            "--area",
            "part",
            "--report",
            &format!("json={}", report.display()),
        ])
        .env("UPTAKE_API_KEY", "a-key-of-the-test")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);

    assert_eq!(output.status.code(), Some(4), "nothing was judged:\n{text}");
    let run: Value = serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap();
    let rules = run["rules"].as_array().unwrap();
    assert!(rules.len() > 20, "{}", rules.len());
    // Two rules are judged by large transfers alone, which this run leaves out.
    assert!(
        rules.iter().all(|rule| rule["verdict"]
            .as_str()
            .is_some_and(|verdict| verdict == "blocked" || verdict.starts_with("not"))),
        "{text}"
    );
    let causes = run["causes"].as_array().unwrap();
    assert_eq!(causes.len(), 1, "{causes:#?}");
    let cause = causes[0]["text"].as_str().unwrap();
    assert!(cause.contains("POST /upload-tokens") && cause.contains("503"), "{cause}");
    assert_eq!(text.matches("expected status").count(), 1, "the cause is named once:\n{text}");
}
