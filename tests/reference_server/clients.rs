//! Clients as they are: what the vendor's own send, and what they take.

use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use uptake_reference::{ClockKind, Config};

use crate::support::{Bench, KIB, Part, SEGMENT, config, content, form};

/// The vendor's Node.js client names the field after the file, and puts `videoId` behind it.
#[tokio::test]
async fn a_file_under_its_own_name_with_the_id_behind_it() {
    let bench = Bench::start().await;
    let token = bench.token(0).await;
    let send = |parts: Vec<Part>, range: &'static str| {
        let request = bench.bare(Method::POST, &format!("/upload?token={token}"));
        bench.send(form(request.header("Content-Range", range), &parts))
    };
    let answer = send(vec![Part::file("film.mp4", "film.mp4", content(SEGMENT))], "part 1/*").await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let video = answer.json()["videoId"].as_str().unwrap().to_owned();
    let last = vec![Part::file("film.mp4", "film.mp4", content(KIB)), Part::field("videoId", &video)];
    assert_eq!(send(last, "part 2/2").await.json()["videoId"], *video);
    assert_eq!(bench.ingest(&video).await["status"], "uploaded");
}

/// Browsers ask before they send these, on all three.
#[tokio::test]
async fn a_pre_flight_allows_what_the_browser_uploader_sends() {
    let bench = Bench::start().await;
    for path in ["/upload", "/videos/vi1/source", "/auth/refresh"] {
        let request = bench.bare(Method::OPTIONS, path).header("Origin", "https://page.example");
        let answer = bench.send(request.header("Access-Control-Request-Method", "POST")).await;
        assert_eq!(answer.status, 204);
        let allowed = answer.header("access-control-allow-headers").unwrap().to_ascii_lowercase();
        for name in ["content-range", "authorization", "av-origin-client", "av-origin-app", "av-origin-sdk"] {
            assert!(allowed.split(", ").any(|header| header == name), "{name} in {allowed}");
        }
        assert!(answer.header("access-control-allow-methods").unwrap().contains("POST"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    }
}

#[tokio::test]
async fn every_error_allows_the_origin_and_is_labelled_exactly() {
    let bench = Bench::start().await;
    for (method, path) in [
        (Method::POST, "/upload?token=toUnknown"),
        (Method::GET, "/upload-tokens"),
        (Method::GET, "/nothing"),
        (Method::PUT, "/upload"),
        (Method::POST, "/auth/refresh"),
    ] {
        let answer = bench.send(bench.bare(method, path)).await;
        assert!(answer.status >= 400);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    }
}

/// A caller that asks first is told first: it needs not send what is refused.
#[tokio::test]
async fn a_caller_that_waits_for_leave_gets_it_or_a_refusal() {
    let bench = Bench::start().await;
    let token = bench.token(0).await;
    let body = "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.mp4\"\r\n\r\na\r\n--edge--\r\n";
    for (token, expected) in [(token.as_str(), "HTTP/1.1 100"), ("toUnknown", "HTTP/1.1 401")] {
        let address = bench.server.origin();
        let mut socket = TcpStream::connect(address.strip_prefix("http://").unwrap()).await.unwrap();
        let head = format!(
            "POST /upload?token={token} HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n\
             content-type: multipart/form-data; boundary=edge\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut answer = [0; 4096];
        let length = socket.read(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
        assert!(answer.starts_with(expected), "{answer}");
    }
}

/// The server's `Date` is its own clock's, so that a caller can tell how far the clocks are apart.
#[tokio::test]
async fn the_date_of_an_answer_is_the_servers() {
    let bench = Bench::start().await;
    let date =
        |answer: crate::support::Answer| httpdate::parse_http_date(answer.header("date").unwrap()).unwrap();
    let before = date(bench.get("/upload-tokens").await);
    bench.advance(86_400).await;
    let after = date(bench.get("/upload-tokens").await);
    assert!(after.duration_since(before).unwrap().as_secs() >= 86_400);
}

/// A server whose clock is wrong tells its own time everywhere, so that the error can be seen and allowed for.
#[tokio::test]
async fn a_clock_that_is_wrong_is_wrong_in_every_answer_alike() {
    for skew in [90, -90] {
        for clock in [ClockKind::Real, ClockKind::Virtual] {
            let bench = Bench::with(Config { skew, clock, ..config() }).await;
            let answer = bench.post("/upload-tokens", &json!({ "ttl": 60 })).await;
            let date = httpdate::parse_http_date(answer.header("date").unwrap()).unwrap();
            let date = jiff::Timestamp::try_from(date).unwrap();
            let told =
                |member: &str| answer.json()[member].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
            let away = |from: jiff::Timestamp, seconds: i64| (from.as_second() - seconds).abs() <= 10;
            assert!(away(date, jiff::Timestamp::now().as_second() + skew), "{date} with {skew}");
            assert!(away(told("createdAt"), date.as_second()), "{answer:?}");
            assert!(away(told("expiresAt"), date.as_second() + 60), "{answer:?}");
        }
    }
}
