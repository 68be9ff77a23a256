//! Another protocol, in its own suite: a small tus server passes it, and a wrong one is caught.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

use super::peer::{Request, empty, serve};
use super::{check, printed};

/// What a wrong server does wrong.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    OffsetsUnchecked,
    ChecksumsUnchecked,
}

#[derive(Default)]
struct Files {
    lengths: BTreeMap<String, usize>,
    offsets: BTreeMap<String, usize>,
}

fn answer(files: &Mutex<Files>, fault: Fault, request: &Request) -> String {
    let tus = "Tus-Resumable: 1.0.0\r\n";
    if request.method() == "GET" {
        return empty("404 Not Found", "");
    }
    if request.header("tus-resumable") != "1.0.0" {
        return empty("412 Precondition Failed", "Tus-Version: 1.0.0\r\n");
    }
    let mut files = files.lock().unwrap();
    let path = request.path().to_owned();
    if request.method() == "POST" {
        let name = format!("/files/{}", files.lengths.len() + 1);
        files.lengths.insert(name.clone(), request.header("upload-length").parse().unwrap());
        files.offsets.insert(name.clone(), 0);
        // Relative, as the protocol allows.
        return empty("201 Created", &format!("{tus}Location: {name}\r\n"));
    }
    let Some(offset) = files.offsets.get(&path).copied() else { return empty("404 Not Found", tus) };
    match request.method() {
        "HEAD" => {
            let length = files.lengths[&path];
            let headers = format!(
                "{tus}Upload-Offset: {offset}\r\nUpload-Length: {length}\r\nCache-Control: no-store\r\n"
            );
            format!("HTTP/1.1 200 OK\r\n{headers}\r\n")
        }
        "PATCH" => {
            if fault != Fault::OffsetsUnchecked && request.header("upload-offset") != offset.to_string() {
                return empty("409 Conflict", tus);
            }
            let sum = request.header("upload-checksum").strip_prefix("sha1 ").unwrap_or("");
            let right = sum.is_empty() || sum == STANDARD.encode(Sha1::digest(&request.body));
            if fault != Fault::ChecksumsUnchecked && !right {
                return empty("460 Checksum Mismatch", tus);
            }
            let after = offset + request.body.len();
            files.offsets.insert(path, after);
            empty("204 No Content", &format!("{tus}Upload-Offset: {after}\r\n"))
                .replace("Content-Length: 0\r\n", "")
        }
        "DELETE" => {
            files.offsets.remove(&path);
            empty("204 No Content", tus).replace("Content-Length: 0\r\n", "")
        }
        _ => empty("405 Method Not Allowed", tus),
    }
}

async fn run(fault: Fault) -> (Option<i32>, String, usize) {
    let files = Mutex::new(Files::default());
    let (origin, log) = serve(move |request| answer(&files, fault, request)).await;
    let folder = tempfile::tempdir().unwrap();
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/tus");
    let output = check(folder.path(), &origin, "[checksum, termination]", &[&suite]).await;
    let deleted = log.lock().unwrap().iter().filter(|request| request.method() == "DELETE").count();
    (output.status.code(), printed(&output), deleted)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tus_server_passes_the_tus_suite_and_is_left_clean() {
    let (code, text, deleted) = run(Fault::None).await;
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("6 rules: 6 passed"), "{text}");
    assert_eq!(deleted, 4, "each upload that was created is removed by its `finally`:\n{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tus_server_that_is_wrong_fails_the_rule_that_it_breaks() {
    for (fault, rule) in [(Fault::OffsetsUnchecked, "TUS-04"), (Fault::ChecksumsUnchecked, "TUS-06")] {
        let (code, text, _) = run(fault).await;
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains(&format!("  {rule}  must")) && text.contains("6 rules: 1 failed"), "{text}");
    }
}
