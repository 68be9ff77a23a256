//! Secured connections, and HTTP/2: the same contract on every kind of connection.

use std::path::Path;

use futures_util::future::join_all;
use http::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use uptake_reference::{Config, Server, Storage, Tls};

use crate::http2::{Caller, address, secure, trusting};
use crate::support::{Bench, KEY, KIB, SEGMENT, config, content};

/// The key as a basic credential.
fn key() -> String {
    use base64::Engine as _;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{KEY}:")))
}

fn form(video: Option<&str>, length: usize) -> Vec<u8> {
    let mut form = Vec::new();
    if let Some(video) = video {
        let part = format!("--edge\r\nContent-Disposition: form-data; name=\"videoId\"\r\n\r\n{video}\r\n");
        form.extend_from_slice(part.as_bytes());
    }
    form.extend_from_slice(
        b"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"film.mp4\"\r\n\r\n",
    );
    form.extend(content(length));
    form.extend_from_slice(b"\r\n--edge--\r\n");
    form
}

const FORM: (&str, &str) = ("content-type", "multipart/form-data; boundary=edge");

async fn token(caller: &Caller) -> String {
    let headers = [("authorization", &*key())];
    let (status, body) =
        caller.call(Method::POST, "/upload-tokens", &headers, b"{\"ttl\": 60}".to_vec()).await;
    assert_eq!(status, 200, "{body}");
    body["token"].as_str().unwrap().to_owned()
}

/// What every caller does, by HTTP/2.
async fn converse(bench: &Bench) {
    let caller = Caller::connect(&bench.server).await;
    let token = token(&caller).await;
    let path = format!("/upload?token={token}");
    let ranged = |range| [FORM, ("content-range", range)];
    let (status, body) = caller.call(Method::POST, &path, &ranged("part 1/*"), form(None, SEGMENT)).await;
    assert_eq!(status, 201, "{body}");
    let video = body["videoId"].as_str().unwrap().to_owned();
    let later = form(Some(&video), SEGMENT);
    let (status, _) = caller.call(Method::POST, &path, &ranged("part 2/2"), later).await;
    assert_eq!(status, 201);
    let (status, body) = caller
        .call(Method::GET, &format!("/videos/{video}/status"), &[("authorization", &key())], Vec::new())
        .await;
    assert_eq!((status, &body["ingest"]["status"]), (200, &json!("uploaded")));
    // A refusal reaches a caller that is still sending.
    let (status, body) = caller.call(Method::POST, "/upload?token=to", &[FORM], form(None, 300 * KIB)).await;
    assert_eq!((status, &body["status"]), (401, &json!(401)));
    let (status, _) = caller.call(Method::POST, &path, &[FORM], form(None, 400 * KIB)).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn http2_is_spoken_without_tls_to_callers_that_know() {
    let bench = Bench::start().await;
    converse(&bench).await;
    assert_eq!(bench.get("/upload-tokens").await.status, 200, "HTTP/1.1 is spoken beside it");
}

#[tokio::test]
async fn http2_is_spoken_over_tls() {
    let bench = Bench::with(Config { tls: Some(Tls::SelfSigned), ..config() }).await;
    assert!(bench.server.origin().starts_with("https://127.0.0.1:"));
    converse(&bench).await;
}

#[tokio::test]
async fn calls_side_by_side_on_one_connection_are_all_answered() {
    let bench = Bench::with(Config { tls: Some(Tls::SelfSigned), ..config() }).await;
    let caller = Caller::connect(&bench.server).await;
    let path = format!("/upload?token={}", token(&caller).await);
    let uploads = (0..40).map(|_| caller.call(Method::POST, &path, &[FORM], form(None, 200 * KIB)));
    let statuses: Vec<_> = join_all(uploads).await.into_iter().map(|(status, _)| status).collect();
    assert_eq!(statuses, [201; 40]);
}

#[tokio::test]
async fn a_caller_may_choose_its_protocol_and_gets_http1_without_a_choice() {
    let bench = Bench::with(Config { tls: Some(Tls::SelfSigned), ..config() }).await;
    let certificates = bench.server.certificates().unwrap();
    for (offers, chosen) in [
        (&[&b"h2"[..], b"http/1.1"][..], Some(&b"h2"[..])),
        (&[&b"http/1.1"[..]], Some(b"http/1.1")),
        (&[], None),
    ] {
        let stream = TcpStream::connect(address(&bench.server)).await.unwrap();
        let mut stream = secure(certificates, offers, stream).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), chosen);
        if chosen != Some(b"h2") {
            stream.write_all(b"GET /nothing HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
        }
    }
}

/// A client of the kind that everybody has, which trusts the certificate because it was told to.
#[tokio::test]
async fn the_certificate_that_is_made_holds_for_this_machine() {
    let bench = Bench::with(Config { tls: Some(Tls::SelfSigned), ..config() }).await;
    let trusting = trusting(bench.server.certificates().unwrap());
    let client = reqwest::Client::builder().no_proxy().tls_backend_preconfigured(trusting).build().unwrap();
    let port = bench.server.origin().rsplit(':').next().unwrap().to_owned();
    for host in ["localhost", "127.0.0.1"] {
        let answer = client.get(format!("https://{host}:{port}/upload-tokens")).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{host}");
    }
    let stranger = bench.client.get(bench.server.origin()).send().await;
    assert!(stranger.unwrap_err().is_connect(), "nobody trusts it unasked");
    let control = bench.server.control().unwrap();
    assert!(control.starts_with("http://"), "{control}");
}

/// Certificates and keys of the tests, in a folder: two that fit, and a key that does not.
fn files(folder: &Path) -> Tls {
    for name in ["one", "two"] {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(folder.join(format!("{name}.pem")), made.cert.pem()).unwrap();
        std::fs::write(folder.join(format!("{name}.key")), made.signing_key.serialize_pem()).unwrap();
    }
    std::fs::write(folder.join("empty"), "").unwrap();
    Tls::Files { certificate: folder.join("one.pem"), key: folder.join("one.key") }
}

#[tokio::test]
async fn a_certificate_of_ones_own_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::with(Config { tls: Some(files(folder.path())), ..config() }).await;
    converse(&bench).await;
    let shown = bench.server.certificates().unwrap();
    assert_eq!(shown, std::fs::read_to_string(folder.path().join("one.pem")).unwrap());
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_is_named_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path());
    for (certificate, key, at_fault, why) in [
        ("gone.pem", "one.key", "gone.pem", "No such file"),
        ("one.pem", "gone.key", "gone.key", "No such file"),
        ("one.key", "one.key", "one.key", "no certificate"),
        ("empty", "one.key", "empty", "no certificate"),
        ("one.pem", "one.pem", "one.pem", "no private key"),
        ("one.pem", "empty", "empty", "no private key"),
        ("one.pem", "two.key", "two.key", "not the key of the certificate in"),
    ] {
        let [certificate, key] = [certificate, key].map(|name| folder.path().join(name));
        let tls = Some(Tls::Files { certificate, key });
        let error = Server::start(Config { tls, ..config() }).await.unwrap_err().to_string();
        assert!(error.contains(at_fault) && error.contains(why), "{error}");
    }
}

#[tokio::test]
async fn an_upload_by_http2_finishes_when_the_server_stops() {
    let bench = Bench::with(Config { storage: Storage::Temporary, ..config() }).await;
    let caller = Caller::connect(&bench.server).await;
    let path = format!("/upload?token={}", token(&caller).await);
    let (body, mut rest) = held(form(None, SEGMENT));
    let origin = bench.server.origin();
    let address = address(&bench.server);
    let stream = TcpStream::connect(&address).await.unwrap();
    let io = hyper_util::rt::TokioIo::new(stream);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, io).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::post(format!("{origin}{path}")).header(FORM.0, FORM.1).body(body).unwrap();
    let answer = tokio::spawn(sender.send_request(request));
    rest.begin().await;
    bench.get("/nothing").await;
    let stopping = tokio::spawn(bench.server.shutdown());
    while TcpStream::connect(&address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    rest.finish().await;
    assert_eq!(answer.await.unwrap().unwrap().status(), 201);
    stopping.await.unwrap();
}

/// A body that is sent when the test says so.
struct Rest {
    sender: tokio::sync::mpsc::Sender<bytes::Bytes>,
    bytes: bytes::Bytes,
}

fn held(bytes: Vec<u8>) -> (Channel, Rest) {
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    (Channel(receiver), Rest { sender, bytes: bytes.into() })
}

impl Rest {
    async fn begin(&mut self) {
        let half = self.bytes.split_to(self.bytes.len() / 2);
        self.sender.send(half).await.unwrap();
    }

    async fn finish(self) {
        self.sender.send(self.bytes.clone()).await.unwrap();
    }
}

/// The same as a body.
struct Channel(tokio::sync::mpsc::Receiver<bytes::Bytes>);

impl http_body::Body for Channel {
    type Data = bytes::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(http_body::Frame::data(bytes))))
    }
}
