//! Callers that mean harm: a documented refusal or a closed connection, and the next caller is served as ever.

use reqwest::Method;
use uptake_reference::{Config, Storage};

use crate::support::{Bench, KIB, Part, config, content, form};
use crate::wire;

/// The next caller is served.
async fn unharmed(bench: &Bench) {
    assert_eq!(bench.get("/upload-tokens").await.status, 200);
}

#[tokio::test]
async fn heads_that_are_none_or_never_end_are_refused() {
    let bench = Bench::start().await;
    let many = "a: b\r\n".repeat(10_000);
    let long = "a".repeat(2 * 1024 * KIB);
    for head in [
        "nonsense\r\n\r\n".to_owned(),
        "GET / HTTP/9.9\r\n\r\n".to_owned(),
        "\0\0\0\0\r\n\r\n".to_owned(),
        format!("GET / HTTP/1.1\r\nhost: a\r\n{many}\r\n"),
        format!("GET / HTTP/1.1\r\nhost: a\r\na: {long}\r\n\r\n"),
        format!("GET /{long} HTTP/1.1\r\nhost: a\r\n\r\n"),
        "POST /upload HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n".to_owned(),
        "POST /upload HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef".to_owned(),
    ] {
        let status = wire::raw(&bench, head.as_bytes()).await;
        assert!(status.is_none_or(|status| (400..500).contains(&status)), "{status:?} for {head:.40}");
        unharmed(&bench).await;
    }
}

#[tokio::test]
async fn a_file_name_is_a_title_and_never_a_path() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::Directory(folder.path().join("store"));
    let bench = Bench::with(Config { storage, ..config() }).await;
    let token = bench.token(0).await;
    for (name, title) in [
        ("../../film.mp4", "film.mp4"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\film.mp4", "film.mp4"),
        ("..", ".."),
        ("a/", ""),
        ("film\u{85}.mp4", "film.mp4"),
        ("<script>alert(1)</script>", "script>"),
        ("film \u{1f3ac}.mp4", "film \u{1f3ac}.mp4"),
    ] {
        let request = bench.bare(Method::POST, &format!("/upload?token={token}"));
        let answer = bench.send(form(request, &[Part::file("file", name, content(KIB))])).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(answer.json()["title"], title, "{name}");
        let video = answer.json()["videoId"].as_str().unwrap().to_owned();
        assert!(folder.path().join("store/videos").join(video).exists());
    }
    let beside = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(beside, 1, "nothing lies beside the store");
    let escaping = form(
        bench.bare(Method::POST, &format!("/upload?token={token}")),
        &[Part::file("file", "\u{1b}[31m", content(KIB))],
    );
    assert_eq!(bench.send(escaping).await.verdict(), "400 invalid-payload");
    let long = "a".repeat(10_000);
    let request = bench.bare(Method::POST, &format!("/upload?token={token}"));
    let answer = bench.send(form(request, &[Part::file("file", &long, content(KIB))])).await;
    assert_eq!(answer.json()["title"].as_str().unwrap().len(), 255);
}

#[tokio::test]
async fn forms_that_swell_are_refused() {
    let bench = Bench::start().await;
    let token = bench.token(0).await;
    let path = format!("/upload?token={token}");
    let many: Vec<_> = (0..40_000).map(|_| Part::field("a", "b")).collect();
    let wide = [Part::field("videoId", &"v".repeat(100 * KIB))];
    let tall = [Part::field("a", &"v".repeat(1200 * KIB))];
    for parts in [&many[..], &wide, &tall] {
        let answer = bench.send(form(bench.bare(Method::POST, &path), parts)).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        unharmed(&bench).await;
    }
    let headers = format!("--edge-of-a-part\r\n{}", "a: b\r\n".repeat(20_000));
    let request = bench.bare(Method::POST, &path);
    let request =
        request.header("Content-Type", "multipart/form-data; boundary=edge-of-a-part").body(headers);
    assert_eq!(bench.send(request).await.verdict(), "400 invalid-payload");
    unharmed(&bench).await;
}

#[tokio::test]
async fn json_that_swells_is_refused() {
    let bench = Bench::start().await;
    for body in
        ["[".repeat(100_000), "\"".repeat(3), format!("{{\"apiKey\": \"{}\"}}", "a".repeat(2 * 1024 * KIB))]
    {
        let request = bench.bare(Method::POST, "/auth/api-key").body(body);
        assert_eq!(bench.send(request).await.verdict(), "400 invalid-payload");
        unharmed(&bench).await;
    }
}

#[tokio::test]
async fn strange_paths_lead_nowhere() {
    let bench = Bench::start().await;
    for path in [
        "/upload-tokens/..%2f..%2fetc%2fpasswd",
        "/videos/%00",
        "/videos/%ff%fe",
        "//videos",
        "/videos/",
        "/UPLOAD",
        "/upload-tokens/%2e%2e",
        "/embed/viUnknown",
    ] {
        let answer = bench.get(path).await;
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
    }
}

#[tokio::test]
async fn a_body_that_ends_early_leaves_the_connection_to_nobody() {
    let bench = Bench::start().await;
    let token = bench.token(0).await;
    for _ in 0..50 {
        wire::break_off(&bench, &format!("/upload?token={token}"), Some("part 1/2")).await;
    }
    unharmed(&bench).await;
}

/// Of a body that lies about its length nothing is kept, and what follows it is no call.
#[tokio::test]
async fn bodies_that_lie_about_their_length_are_refused() {
    let bench = Bench::start().await;
    let token = bench.token(0).await;
    let head = format!(
        "POST /upload?token={token} HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=edge\r\n"
    );
    let form =
        "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nabc\r\n--edge--\r\n";
    let chunked = "transfer-encoding: chunked\r\n";
    for rest in [
        format!("content-length: {}\r\n\r\n{form}", form.len() - 20),
        format!("content-length: {}\r\n\r\n{form}", form.len() + 20),
        format!("content-length: 0\r\n\r\n{form}"),
        format!("\r\n{form}"),
        format!("content-length: 99999999999999999999999\r\n\r\n{form}"),
        format!("content-length: 18446744073709551615\r\n\r\n{form}"),
        format!("content-length: +5\r\n\r\n{form}"),
        format!("content-length: 0x10\r\n\r\n{form}"),
        format!("content-length: 5\r\n{chunked}\r\n0\r\n\r\n"),
        format!("transfer-encoding: gzip\r\n\r\n{form}"),
        format!("{chunked}\r\nffffffffffffffff\r\n{form}"),
        format!("{chunked}\r\nfffffffffffffffff\r\n{form}"),
        format!("{chunked}\r\n-1\r\n{form}"),
        format!("{chunked}\r\nzz\r\n{form}"),
        format!("{chunked}\r\n5;{}\r\nabcde\r\n0\r\n\r\n", "a=b;".repeat(100_000)),
        format!("{chunked}\r\n5\r\nabcdefgh\r\n0\r\n\r\n"),
        format!("{chunked}\r\n0\r\n{}\r\n", "a: b\r\n".repeat(100_000)),
        format!("{chunked}\r\n{:x}\r\n{form}\r\n", form.len()),
        format!("{chunked}\r\n{}", "1\r\na\r\n".repeat(100_000)),
    ] {
        let said = format!("{head}{rest}");
        let status = wire::raw(&bench, said.as_bytes()).await;
        assert!(status.is_none_or(|status| (400..500).contains(&status)), "{status:?} for {rest:.60}");
        unharmed(&bench).await;
    }
}
