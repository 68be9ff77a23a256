//! Callers that are slow, or silent: they are given up, and keep nobody from being served.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;
use uptake_reference::{Config, Tls};

use crate::frames::{END_HEADERS, Frames, HEADERS, frame, head, header};
use crate::http2::address;
use crate::support::{Bench, config, connections};

/// How long the servers of these tests wait.
const PATIENCE: Duration = Duration::from_millis(300);
/// Far more than that, and far less than a test may take: whoever is not given up by then never is.
const LONG: Duration = Duration::from_secs(60);

async fn impatient() -> Bench {
    Bench::with(Config { patience: PATIENCE, ..config() }).await
}

async fn connect(bench: &Bench) -> TcpStream {
    TcpStream::connect(address(&bench.server)).await.unwrap()
}

/// What comes back until the server ends the connection.
async fn until_given_up(stream: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    // A connection that is reset has ended, too.
    drop(tokio::time::timeout(LONG, stream.read_to_end(&mut heard)).await.expect("it is given up"));
    String::from_utf8_lossy(&heard).into_owned()
}

#[tokio::test]
async fn a_caller_that_says_nothing_or_half_of_it_is_given_up() {
    let bench = impatient().await;
    for said in [
        "",
        "G",
        "GET /upload-tokens HTTP/1.1\r\nhost: a\r\n",
        // What HTTP/2 begins with, and half of it.
        "PRI * HTTP/2.0\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let mut stream = connect(&bench).await;
        stream.write_all(said.as_bytes()).await.unwrap();
        let heard = until_given_up(&mut stream).await;
        assert!(!heard.contains("HTTP/1.1 5") && !heard.contains("HTTP/1.1 2"), "{said}: {heard}");
    }
    assert_eq!(bench.get("/upload-tokens").await.status, 200);
}

/// A head that comes letter by letter is one that does not come.
#[tokio::test]
async fn a_head_that_trickles_is_given_up() {
    let bench = impatient().await;
    let stream = connect(&bench).await;
    let (mut reader, mut writer) = stream.into_split();
    let trickle = async {
        let mut letters = "GET / HTTP/1.1\r\nhost: a\r\nx: ".bytes().chain(std::iter::repeat(b'a'));
        let mut now_and_then = tokio::time::interval(PATIENCE / 10);
        loop {
            now_and_then.tick().await;
            if writer.write_all(&[letters.next().unwrap()]).await.is_err() {
                break;
            }
        }
    };
    let mut heard = Vec::new();
    let listen = tokio::time::timeout(LONG, reader.read_to_end(&mut heard));
    tokio::select! {
        heard = listen => drop(heard.expect("it is given up")),
        () = trickle => {}
    }
    assert_eq!(bench.get("/upload-tokens").await.status, 200);
}

#[tokio::test]
async fn a_body_that_stops_is_answered_and_given_up() {
    let bench = impatient().await;
    let token = bench.token(0).await;
    let form = "content-type: multipart/form-data; boundary=edge\r\n";
    for (path, body) in [
        (
            format!("/upload?token={token}"),
            "--edge\r\ncontent-disposition: form-data; name=\"a\"; filename=\"a\"\r\n\r\nabc",
        ),
        (format!("/upload?token={token}"), ""),
        ("/auth/refresh".to_owned(), "{\"refreshToken\":"),
        // A refusal whose body is to be dropped must not wait for it.
        ("/upload?token=toUnknown".to_owned(), "--edge"),
        ("/nothing".to_owned(), "a"),
    ] {
        let mut stream = connect(&bench).await;
        let head = format!("POST {path} HTTP/1.1\r\nhost: a\r\n{form}content-length: 5000\r\n\r\n{body}");
        stream.write_all(head.as_bytes()).await.unwrap();
        let heard = until_given_up(&mut stream).await;
        let status = heard.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).unwrap_or_default();
        assert!(["408", "401", "404"].contains(&status), "{path}: {heard}");
        assert!(heard.contains("application/json"), "{heard}");
    }
}

/// A byte now and then keeps a body alive, but not for ever.
#[tokio::test]
async fn a_body_that_trickles_is_given_up() {
    let bench = Bench::with(Config { patience: Duration::from_millis(60), ..config() }).await;
    let path = format!("/upload?token={}", bench.token(0).await);
    let began = Instant::now();
    let (mut reader, mut writer) = connect(&bench).await.into_split();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=edge\r\n\
         content-length: 100000\r\n\r\n--edge\r\ncontent-disposition: form-data; name=\"a\"; filename=\"a\"\r\n\r\n"
    );
    writer.write_all(head.as_bytes()).await.unwrap();
    let trickle = async {
        let mut now_and_then = tokio::time::interval(Duration::from_millis(5));
        while writer.write_all(b"a").await.is_ok() {
            now_and_then.tick().await;
        }
    };
    let mut heard = vec![0; 1024];
    let listen = tokio::time::timeout(LONG, reader.read(&mut heard));
    let length = tokio::select! {
        heard = listen => heard.expect("it is given up").unwrap(),
        () = trickle => 0,
    };
    let heard = String::from_utf8_lossy(&heard[..length]).into_owned();
    assert!(heard.starts_with("HTTP/1.1 408"), "{heard} after {:?}", began.elapsed());
}

#[tokio::test]
async fn http2_without_a_call_or_with_half_of_one_is_given_up() {
    let bench = impatient().await;
    let open = [header("content-type", 0), header("content-length", 0)].concat();
    for said in [
        Vec::new(),
        frame(HEADERS, 0, 1, &head("GET", "/")),
        frame(HEADERS, END_HEADERS, 1, &head("POST", "/upload?token=to")),
        frame(HEADERS, END_HEADERS, 1, &[head("POST", "/auth/refresh"), open].concat()),
    ] {
        let mut frames = Frames::connect(&bench, &[]).await;
        assert!(frames.write(&said).await);
        let heard = tokio::time::timeout(LONG, frames.listen()).await.expect("it is given up");
        assert!(!heard.failed);
    }
    assert_eq!(bench.get("/upload-tokens").await.status, 200);
}

/// Answers that nobody lets be sent are not kept for ever, and there are not more of them than calls side by side.
#[tokio::test]
async fn answers_that_nobody_fetches_are_given_up() {
    let bench = impatient().await;
    // No answer may have a byte of body.
    let mut frames = Frames::connect(&bench, &[0, 4, 0, 0, 0, 0]).await;
    for stream in (0..500_u32).map(|number| number * 2 + 1) {
        frames.write(&frame(HEADERS, END_HEADERS | 1, stream, &head("GET", "/upload-tokens"))).await;
    }
    let heard = tokio::time::timeout(LONG, frames.listen()).await.expect("it is given up");
    assert!(!heard.failed);
    let mut stream = connect(&bench).await;
    let calls = "GET /upload-tokens HTTP/1.1\r\nhost: a\r\n\r\n".repeat(100_000);
    // Whoever sends and never reads is not read from either, at some point.
    drop(tokio::time::timeout(LONG, stream.write_all(calls.as_bytes())).await.expect("it is given up"));
    assert_eq!(bench.get("/upload-tokens").await.status, 200);
}

#[tokio::test]
async fn thousands_of_idle_connections_keep_nobody_out_and_are_given_up() {
    for tls in [None, Some(Tls::SelfSigned)] {
        let bench = Bench::with(Config { tls: tls.clone(), ..config() }).await;
        let mut idle = Vec::new();
        for _ in 0..connections(3000) {
            idle.push(connect(&bench).await);
        }
        // They are silent, and others are served at once.
        let control = bench.server.control().unwrap();
        assert_eq!(bench.send(bench.client.get(format!("{control}/clock"))).await.status, 200);
        if tls.is_none() {
            assert_eq!(bench.get("/upload-tokens").await.status, 200);
        }
        drop(idle);

        let bench = Bench::with(Config { tls, patience: PATIENCE, ..config() }).await;
        let mut idle = Vec::new();
        for _ in 0..connections(1000) {
            idle.push(connect(&bench).await);
        }
        join_all(idle.iter_mut().map(until_given_up)).await;
    }
}
