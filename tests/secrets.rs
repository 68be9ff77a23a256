//! No secret leaves a run: neither the API key nor any token that the server gave out, in no usual form.
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use regex::Regex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use uptake_reference::{ClockKind, Config, Defect, Limits, Server};

const KEY: &str = "sk/live+secret=key&of the test";

/// Passes everything on, and keeps what the server said.
async fn recorder(to: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let said = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&said);
    tokio::spawn(async move {
        while let Ok((caller, _)) = listener.accept().await {
            tokio::spawn(pass(caller, to, Arc::clone(&kept)));
        }
    });
    (address, said)
}

async fn pass(caller: TcpStream, to: SocketAddr, kept: Arc<Mutex<Vec<u8>>>) {
    let Ok(server) = TcpStream::connect(to).await else { return };
    let (mut from_caller, mut to_caller) = caller.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_caller, &mut to_server).await;
        let _ = to_server.shutdown().await;
    });
    let mut whole = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from_server.read(&mut buffer).await {
        whole.extend_from_slice(&buffer[..count]);
        if to_caller.write_all(&buffer[..count]).await.is_err() {
            break;
        }
    }
    kept.lock().unwrap().extend(whole);
}

/// Every form in which a secret is looked for.
fn forms(secret: &str) -> Vec<String> {
    let percent: String =
        secret
            .bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect();
    let unpadded = |text: &str| text.trim_end_matches('=').to_owned();
    // The last letters of an encoding depend on what follows the secret.
    let inner = |text: String| text[..text.len() - 2].to_owned();
    vec![
        secret.to_owned(),
        percent.clone(),
        percent.to_lowercase(),
        inner(unpadded(&STANDARD.encode(secret))),
        inner(URL_SAFE_NO_PAD.encode(secret)),
        inner(unpadded(&STANDARD.encode(format!("{secret}:")))),
    ]
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it takes a minute: a stage of .ci/run"]
async fn a_failing_run_tells_no_secret() {
    let failing = [Defect::all(), &[]].concat();
    let wanted = [
        "upload-answers-200",
        "created-at-missing",
        "error-status-differs",
        "expired-token-accepted",
        "token-answers-201",
        "api-key-repeated",
    ];
    let defects = failing.into_iter().filter(|defect| wanted.contains(&defect.name())).collect();
    let server = Server::start(Config {
        api_key: KEY.into(),
        control: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        clock: ClockKind::Virtual,
        limits: Limits {
            min_segment: 64 << 10,
            max_segment: 1 << 20,
            max_request: 1 << 20,
            ..Limits::default()
        },
        defects,
        ..Config::default()
    })
    .await
    .unwrap();
    let (address, said) = recorder(server.origin().strip_prefix("http://").unwrap().parse().unwrap()).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("key"), KEY).unwrap();
    let profile = folder.path().join("target.yaml");
    let text = format!(
        "target: leaky\nbase-url: http://{address}\ncredentials: {{ api-key: {{ file: key }} }}\n\
         limits: {{ min-segment: 64KiB, max-segment: 1MiB, max-request: 1MiB }}\ncapabilities: [clock, status, cors]\n\
         clock: {{ advance: {{ post: \"{}/clock/advance\", json: {{ seconds: \"${{seconds}}\" }} }} }}\n",
        server.control().unwrap()
    );
    std::fs::write(&profile, text).unwrap();
    let (json, junit) = (folder.path().join("run.json"), folder.path().join("run.xml"));
    let command = Command::new(env!("CARGO_BIN_EXE_uptake"))
        .arg("check")
        .arg("--target")
        .arg(&profile)
        .args([
            "--report",
            &format!("json={}", json.display()),
            "--report",
            &format!("junit={}", junit.display()),
        ])
        .env_remove("UPTAKE_API_KEY")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let output = tokio::task::spawn_blocking(move || command.wait_with_output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(1), "the run fails: {}", String::from_utf8_lossy(&output.stderr));

    let mut secrets = BTreeSet::from([KEY.to_owned()]);
    let given = String::from_utf8_lossy(&said.lock().unwrap()).into_owned();
    let pattern = Regex::new(r#""(?:token|access_token|refresh_token)"\s*:\s*"([^"]{8,})""#).unwrap();
    secrets.extend(pattern.captures_iter(&given).map(|found| found[1].to_owned()));
    assert!(secrets.len() > 100, "the server gave out many tokens, and only {} were seen", secrets.len());
    let written = [
        ("stdout", String::from_utf8_lossy(&output.stdout).into_owned()),
        ("stderr", String::from_utf8_lossy(&output.stderr).into_owned()),
        ("json", std::fs::read_to_string(json).unwrap()),
        ("junit", std::fs::read_to_string(junit).unwrap()),
    ];
    for (place, text) in &written {
        for secret in &secrets {
            for form in forms(secret) {
                assert!(!text.contains(&form), "{place} tells a secret as {form}");
            }
        }
    }
    assert!(written[0].1.contains("$TOKEN"), "a masked token has a name");
}
