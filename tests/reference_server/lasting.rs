//! A server on a folder of its own knows everything again when it is started anew.

use std::fs;
use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use uptake_reference::{Config, Server, Storage};

use crate::support::{Bench, Part, SEGMENT, config, content, form, upload};

/// A folder, and servers on it, one after the other.
struct Lasting {
    folder: TempDir,
}

impl Lasting {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn config(&self) -> Config {
        Config { storage: Storage::Directory(self.root()), ..config() }
    }

    async fn start(&self) -> Bench {
        Bench::with(self.config()).await
    }

    /// Why no server can be started on it.
    async fn refusal(&self) -> String {
        Server::start(self.config()).await.unwrap_err().to_string()
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.root().join(folder)).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

/// What the control surface knows of a video.
async fn known(bench: &Bench, video: &str) -> Value {
    let address = format!("{}/uploads/{video}", bench.server.control().unwrap());
    bench.send(bench.client.get(address)).await.json()
}

fn sum(whole: &[u8]) -> String {
    format!("{:x}", Sha256::digest(whole))
}

#[tokio::test]
async fn an_upload_goes_on_after_a_restart_and_its_sum_is_right() {
    let lasting = Lasting::new();
    let bench = lasting.start().await;
    let token = bench.token(3600).await;
    let by_parts = bench.accepted(&upload(&token).part(3, "*")).await;
    let by_bytes = bench.accepted(&upload(&token).bytes(SEGMENT, 2 * SEGMENT - 1, "*")).await;
    bench.accepted(&upload(&token).into_video(&by_parts).part(1, "*")).await;
    let before = [bench.ingest(&by_parts).await, bench.ingest(&by_bytes).await];
    bench.server.shutdown().await;

    let bench = lasting.start().await;
    assert_eq!([bench.ingest(&by_parts).await, bench.ingest(&by_bytes).await], before);
    let later = upload(&token).into_video(&by_parts);
    assert_eq!(
        bench.upload(&later.clone().part(3, 3)).await.verdict(),
        "400 video-content-range-by-part-part-already-sent"
    );
    bench.accepted(&later.part(2, 3)).await;
    bench.accepted(&upload(&token).into_video(&by_bytes).bytes(0, SEGMENT - 1, 2 * SEGMENT)).await;
    bench.server.shutdown().await;

    let bench = lasting.start().await;
    let segment = content(SEGMENT);
    for (video, count) in [(&by_parts, 3), (&by_bytes, 2)] {
        let whole = segment.repeat(count);
        let expected = json!({ "complete": true, "size": whole.len(), "sha256": sum(&whole) });
        assert_eq!(known(&bench, video).await, expected);
        assert_eq!(bench.ingest(video).await["filesize"], whole.len());
    }
    assert!(lasting.names("segments").is_empty());
}

#[tokio::test]
async fn tokens_and_videos_are_as_they_were() {
    let lasting = Lasting::new();
    let bench = lasting.start().await;
    let (one, two) = (bench.token(3600).await, bench.token(0).await);
    let deleted = bench.token(0).await;
    bench.delete(&format!("/upload-tokens/{deleted}")).await;
    let details = json!({ "title": "A film", "tags": ["a"], "metadata": [{"key": "k", "value": "v"}] });
    let video = bench.post("/videos", &details).await.json()["videoId"].as_str().unwrap().to_owned();
    let gone = bench.accepted(&upload(&one)).await;
    bench.delete(&format!("/videos/{gone}")).await;
    let paths = [
        "/upload-tokens".to_owned(),
        format!("/upload-tokens/{one}"),
        format!("/upload-tokens/{two}"),
        format!("/upload-tokens/{deleted}"),
        format!("/videos/{video}"),
        format!("/videos/{video}/status"),
        format!("/videos/{gone}"),
    ];
    // Another server has another address, which links and assets name.
    let told = async |bench: &Bench| {
        let mut told = Vec::new();
        for path in &paths {
            let answer = bench.get(path).await;
            told.push((answer.status, answer.text.replace(&bench.server.origin(), "")));
        }
        told
    };
    let before = told(&bench).await;
    bench.server.shutdown().await;
    let bench = lasting.start().await;
    assert_eq!(told(&bench).await, before);
    assert_eq!(bench.token(0).await.len(), 26);
}

#[tokio::test]
async fn sessions_last_and_a_refresh_token_still_serves_once() {
    let lasting = Lasting::new();
    let exchange = async |bench: &Bench, path: &str, body: Value| {
        bench.send(bench.bare(Method::POST, path).body(body.to_string())).await
    };
    let bench = lasting.start().await;
    let session = exchange(&bench, "/auth/api-key", json!({ "apiKey": crate::support::KEY })).await.json();
    let spent = session["refresh_token"].clone();
    let session = exchange(&bench, "/auth/refresh", json!({ "refreshToken": spent })).await.json();
    bench.server.shutdown().await;

    let bench = lasting.start().await;
    let bearer = |bench: &Bench| {
        let token = session["access_token"].as_str().unwrap().to_owned();
        bench.bare(Method::GET, "/upload-tokens").bearer_auth(token)
    };
    assert_eq!(bench.send(bearer(&bench)).await.status, 200);
    let again = exchange(&bench, "/auth/refresh", json!({ "refreshToken": spent })).await;
    assert_ne!(again.status, 200, "it was spent before the restart");
    let fresh = json!({ "refreshToken": session["refresh_token"] });
    assert_eq!(exchange(&bench, "/auth/refresh", fresh).await.status, 200);
    bench.advance(3600).await;
    assert_eq!(bench.send(bearer(&bench)).await.status, 401);
}

#[tokio::test]
async fn time_does_not_run_backward_over_a_restart() {
    let lasting = Lasting::new();
    let bench = lasting.start().await;
    let token = bench.token(60).await;
    let video = bench.accepted(&upload(&token).part(1, 2)).await;
    bench.advance(62).await;
    bench.server.shutdown().await;
    let bench = lasting.start().await;
    assert_eq!(bench.upload(&upload(&token)).await.verdict(), "401 authentication-invalid-upload-token");
    bench.advance(24 * 3600).await;
    bench.server.shutdown().await;
    assert!(lasting.names("segments").is_empty(), "nobody can complete it any more");
    let bench = lasting.start().await;
    assert_eq!(bench.ingest(&video).await["receivedParts"], json!({"parts": [1], "total": 2}));
}

#[tokio::test]
async fn what_has_expired_goes_though_nobody_calls() {
    let lasting = Lasting::new();
    let bench = lasting.start().await;
    let token = bench.token(60).await;
    bench.accepted(&upload(&token).part(1, 2)).await;
    assert_eq!(lasting.names("segments").len(), 1);
    bench.advance(60 + 24 * 3600).await;
    assert!(lasting.names("segments").is_empty());
}

#[tokio::test]
async fn a_seed_never_gives_a_name_again() {
    let lasting = Lasting::new();
    let seeded = || Bench::with(Config { seed: Some(7), ..lasting.config() });
    let bench = seeded().await;
    let before = bench.token(0).await;
    bench.delete(&format!("/upload-tokens/{before}")).await;
    bench.server.shutdown().await;
    let bench = seeded().await;
    assert_ne!(bench.token(0).await, before, "a token that was deleted came to life again");
}

#[tokio::test]
async fn what_a_killed_server_left_behind_is_removed_or_finished() {
    let lasting = Lasting::new();
    let bench = lasting.start().await;
    let token = bench.token(0).await;
    let video = bench.accepted(&upload(&token).part(1, 2)).await;
    bench.server.shutdown().await;
    let root = lasting.root();
    let segment = root.join("segments").join(&lasting.names("segments")[0]);
    fs::write(root.join("segments/segment-of-nobody"), "half").unwrap();
    fs::write(root.join("videos/viNobody"), "half").unwrap();
    fs::write(root.join("segments/notes.txt"), "not ours").unwrap();
    // An assembly that was broken off has put the next segment behind the first.
    let mut bytes = fs::read(&segment).unwrap();
    bytes.extend_from_slice(b"more");
    fs::write(&segment, bytes).unwrap();

    let bench = lasting.start().await;
    let mut names = lasting.names("segments");
    names.sort_unstable();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(names[0], "notes.txt");
    assert!(lasting.names("videos").is_empty());
    bench.accepted(&upload(&token).into_video(&video).part(2, 2)).await;
    assert_eq!(known(&bench, &video).await["sha256"], sum(&content(SEGMENT).repeat(2)));
}

#[tokio::test]
async fn two_servers_do_not_share_a_folder() {
    let lasting = Lasting::new();
    let bench = lasting.start().await;
    let refusal = lasting.refusal().await;
    assert!(refusal.contains("another server") && refusal.contains(&*lasting.root().to_string_lossy()));
    assert_eq!(bench.get("/upload-tokens").await.status, 200, "the first one is unharmed");
    bench.server.shutdown().await;
    lasting.start().await;
}

/// The only file of a folder whose name begins so.
fn only(folder: &Path, prefix: &str) -> PathBuf {
    let mut entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let begins = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with(prefix);
    entries.find(begins).unwrap()
}

#[tokio::test]
async fn a_store_that_is_damaged_is_told_and_left_as_it_is() {
    let lasting = Lasting::new();
    let bench = lasting.start().await;
    let token = bench.token(0).await;
    bench.accepted(&upload(&token).part(1, 3)).await;
    bench.accepted(&upload(&token)).await;
    bench.server.shutdown().await;
    let root = lasting.root();
    let (store, segment) = (root.join("uptake.redb"), only(&root.join("segments"), "segment-"));
    let video = only(&root.join("videos"), "vi");
    let intact = [&store, &segment, &video].map(|file| fs::read(file).unwrap());

    let mut altered = intact[0].clone();
    for byte in altered.iter_mut().skip(4096) {
        *byte ^= 0x55;
    }
    for (file, damage) in [
        (&store, Some(b"this is no store".to_vec())),
        (&store, Some(altered)),
        (&store, Some(intact[0][..intact[0].len() / 2].to_vec())),
        (&segment, Some(intact[1][..100].to_vec())),
        (&segment, None),
        (&video, None),
    ] {
        match damage {
            Some(damage) => fs::write(file, damage).unwrap(),
            None => fs::remove_file(file).unwrap(),
        }
        let refusal = lasting.refusal().await;
        assert!(refusal.contains("cannot use the store in"), "{refusal}");
        assert!(refusal.contains(&*root.to_string_lossy()), "{refusal}");
        for (file, intact) in [&store, &segment, &video].iter().zip(&intact) {
            fs::write(file, intact).unwrap();
        }
    }
    let bench = lasting.start().await;
    assert_eq!(bench.get(&format!("/upload-tokens/{token}")).await.status, 200, "it was left as it was");
}

#[tokio::test]
async fn a_folder_with_something_else_in_it_is_left_alone() {
    let lasting = Lasting::new();
    fs::create_dir_all(lasting.root().join("videos")).unwrap();
    fs::write(lasting.root().join("videos/holiday.mp4"), "dear to somebody").unwrap();
    let refusal = lasting.refusal().await;
    assert!(refusal.contains("it is not a store, and contains videos"), "{refusal}");
    assert_eq!(lasting.names("videos"), ["holiday.mp4"]);
    assert_eq!(lasting.names(""), ["videos"], "nothing was put beside it");
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_is_made_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let lasting = Lasting::new();
    lasting.start().await;
    assert_eq!(fs::metadata(lasting.root()).unwrap().permissions().mode() & 0o777, 0o700);
}

/// Of a caller that leaves as its last segment has arrived, nothing is lost.
#[tokio::test]
async fn a_caller_that_goes_away_at_the_end_takes_nothing_with_it() {
    let lasting = Lasting::new();
    let bench = lasting.start().await;
    let token = bench.token(0).await;
    for _ in 0..20 {
        let video = bench.accepted(&upload(&token).part(1, 2)).await;
        let parts = [Part::field("videoId", &video), Part::file("file", "film.mp4", content(SEGMENT))];
        let request = bench.bare(Method::POST, &format!("/upload?token={token}"));
        let request = form(request.header("Content-Range", "part 2/2"), &parts);
        tokio::select! {
            biased;
            // Whatever has happened by the time that another call is answered.
            _ = async { bench.get("/nothing").await; bench.get("/nothing").await } => {}
            _ = request.send() => {}
        }
        while bench.ingest(&video).await["status"] != "uploaded" {
            let again = upload(&token).into_video(&video).part(2, 2);
            bench.upload(&again).await;
        }
        let expected = sum(&content(SEGMENT).repeat(2));
        while known(&bench, &video).await["sha256"].is_null() {
            tokio::task::yield_now().await;
        }
        assert_eq!(known(&bench, &video).await["sha256"], expected);
    }
    bench.server.shutdown().await;
    let bench = lasting.start().await;
    assert_eq!(bench.get("/upload-tokens").await.status, 200);
    assert!(lasting.names("segments").is_empty());
}
