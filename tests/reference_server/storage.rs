//! Where the bytes go: what arrived is what was sent, and nothing stays that nobody can use any more.

use std::fs;
use std::path::Path;

use reqwest::Method;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use uptake_reference::{Config, Server, Storage};

use crate::support::{Bench, KIB, Part, SEGMENT, config, content, form, upload};
use crate::wire;

/// A server that keeps its files in a folder of the test's.
async fn keeping() -> (Bench, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::Directory(folder.path().join("store"));
    (Bench::with(Config { storage, ..config() }).await, folder)
}

/// The files of segments and of videos.
fn files(folder: &TempDir) -> Vec<String> {
    ["segments", "videos"]
        .iter()
        .flat_map(|name| fs::read_dir(folder.path().join("store").join(name)).unwrap())
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// A segment cut out of `whole`, so that its place matters.
async fn send(bench: &Bench, token: &str, video: Option<&str>, range: &str, body: &[u8]) -> String {
    let mut parts: Vec<_> = video.map(|video| Part::field("videoId", video)).into_iter().collect();
    parts.push(Part::file("file", "film.mp4", body.to_vec()));
    let request = bench.bare(Method::POST, &format!("/upload?token={token}")).header("Content-Range", range);
    let answer = bench.send(form(request, &parts)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["videoId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn segments_in_any_order_make_the_file_that_was_cut() {
    let (bench, folder) = keeping().await;
    let token = bench.token(0).await;
    let whole = content(2 * SEGMENT + 777);
    let (one, two, end) = (SEGMENT, 2 * SEGMENT, whole.len());
    let range = |from: usize, to: usize| format!("bytes {from}-{}/{end}", to - 1);
    let by_bytes = send(&bench, &token, None, &range(one, two), &whole[one..two]).await;
    send(&bench, &token, Some(&by_bytes), &range(two, end), &whole[two..]).await;
    send(&bench, &token, Some(&by_bytes), &range(0, one), &whole[..one]).await;
    let by_parts = send(&bench, &token, None, "part 3/3", &whole[two..]).await;
    send(&bench, &token, Some(&by_parts), "part 1/3", &whole[..one]).await;
    send(&bench, &token, Some(&by_parts), "part 2/3", &whole[one..two]).await;

    let sum = format!("{:x}", Sha256::digest(&whole));
    for video in [&by_bytes, &by_parts] {
        let address = format!("{}/uploads/{video}", bench.server.control().unwrap());
        let answer = bench.send(bench.client.get(address)).await;
        assert_eq!(answer.json(), json!({ "complete": true, "size": end, "sha256": sum }));
        assert_eq!(fs::read(folder.path().join("store/videos").join(video)).unwrap(), whole);
    }
    assert_eq!(files(&folder).len(), 2, "the segments have gone into the files");
    for video in [&by_bytes, &by_parts] {
        bench.delete(&format!("/videos/{video}")).await;
    }
    assert!(files(&folder).is_empty(), "a deleted video has no file");
}

#[tokio::test]
async fn what_is_refused_or_broken_off_leaves_nothing() {
    let (bench, folder) = keeping().await;
    let token = bench.token(0).await;
    let video = bench.accepted(&upload(&token).part(1, 3)).await;
    let later = upload(&token).into_video(&video);
    for refused in
        [later.clone().part(1, 3), later.clone().part(2, 3).length(1), later.part(2, 3).length(400 * KIB)]
    {
        assert_eq!(bench.upload(&refused).await.status, 400);
    }
    wire::break_off(&bench, &format!("/upload?token={token}"), None).await;
    // The server sees the end of the connection when it comes to it.
    for _ in 0..1000 {
        if files(&folder).len() == 1 {
            return;
        }
        bench.get("/nothing").await;
    }
    panic!("beside the one segment that was accepted there is {:?}", files(&folder));
}

#[tokio::test]
async fn segments_that_nobody_can_complete_go_from_disk() {
    let (bench, folder) = keeping().await;
    let (expiring, deleted) = (bench.token(60).await, bench.token(0).await);
    let video = bench.accepted(&upload(&expiring).part(1, 2)).await;
    bench.accepted(&upload(&deleted).part(1, 2)).await;
    assert_eq!(files(&folder).len(), 2);
    bench.delete(&format!("/upload-tokens/{deleted}")).await;
    assert_eq!(files(&folder).len(), 1);
    bench.advance(60 + 24 * 3600).await;
    bench.token(0).await;
    assert!(files(&folder).is_empty());
    assert_eq!(bench.ingest(&video).await["status"], "uploading");
}

#[tokio::test]
async fn a_temporary_folder_goes_with_its_server() {
    let folder = tempfile::tempdir().unwrap();
    let held = |path: &Path| fs::read_dir(path).unwrap().count();
    let (bench, _) = (Bench::with(Config { storage: Storage::Temporary, ..config() }).await, &folder);
    let token = bench.token(0).await;
    let video = bench.accepted(&upload(&token)).await;
    let found = fs::read_dir(std::env::temp_dir()).unwrap().find_map(|entry| {
        let path = entry.unwrap().path();
        path.join("videos").join(&video).exists().then_some(path)
    });
    let found = found.unwrap();
    assert_eq!((held(&found.join("videos")), held(&found.join("segments"))), (1, 0));
    bench.server.shutdown().await;
    assert!(!found.exists());
}

#[tokio::test]
async fn a_folder_that_cannot_be_is_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "no folder").unwrap();
    let error =
        Server::start(Config { storage: Storage::Directory(file.clone()), ..config() }).await.unwrap_err();
    assert!(error.to_string().contains(&*file.to_string_lossy()), "{error}");
}
