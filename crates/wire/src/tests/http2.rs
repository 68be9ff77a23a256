//! HTTP/2, against servers that keep to it and servers that do not.

use std::future::poll_fn;
use std::time::Duration;

use bytes::Bytes;
use h2::server::{SendResponse, handshake};
use h2::{Reason, RecvStream};
use http::{Method, Response};
use tokio::io::AsyncWriteExt as _;

use super::{Peer, body_text, bytes_of, post, seeded, serve};
use crate::response::Bound;
use crate::{Answer, Body, Client, Closed, Exchange, Fault, Phase, Request, Settings, Stall, Version};

/// A client that does not wait long.
fn client(answer_timeout: Duration) -> Client {
    let settings = Settings { version: Version::Http2, answer_timeout, ..Settings::default() };
    Client::new(settings).unwrap()
}

async fn send(request: &Request) -> Exchange {
    client(Duration::from_secs(20)).send(request).await
}

/// A frame.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()];
    [&head.concat(), payload].concat()
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;
/// `:status: 200` in HPACK.
const STATUS_200: [u8; 1] = [0x88];

fn settings() -> Vec<u8> {
    frame(SETTINGS, 0, 0, &[])
}

fn head_of_200() -> Vec<u8> {
    frame(HEADERS, END_HEADERS, 1, &STATUS_200)
}

/// Why a server that says this once, and then nothing, gives no response.
async fn fault_of(said: Vec<Vec<u8>>) -> Fault {
    let (url, served) = serve(async move |mut peer: Peer| {
        peer.bytes(24).await;
        peer.0.write_all(&said.concat()).await.unwrap();
        peer
    })
    .await;
    let exchange = client(Duration::from_millis(300)).send(&Request::new(Method::GET, url)).await;
    drop(served.await);
    exchange.outcome.unwrap_err()
}

/// A server that takes one request over HTTP/2; the handle yields what the script saw.
async fn answering<S, F, T>(script: S) -> (url::Url, tokio::task::JoinHandle<T>)
where
    S: FnOnce(http::Request<RecvStream>, SendResponse<Bytes>) -> F + Send + 'static,
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    serve(async move |peer: Peer| {
        let mut connection = handshake(peer.0).await.unwrap();
        let (request, respond) = connection.accept().await.unwrap().unwrap();
        let mut script = Box::pin(script(request, respond));
        let seen = tokio::select! {
            seen = &mut script => seen,
            _ = poll_fn(|context| connection.poll_closed(context)) => script.await,
        };
        // What was said is sent.
        connection.graceful_shutdown();
        let _ = poll_fn(|context| connection.poll_closed(context)).await;
        seen
    })
    .await
}

/// The body up to its end, or why it has none.
async fn received(body: &mut RecvStream) -> (Vec<u8>, Option<Reason>) {
    let mut received = Vec::new();
    while let Some(piece) = body.data().await {
        match piece {
            Ok(piece) => {
                let _ = body.flow_control().release_capacity(piece.len());
                received.extend_from_slice(&piece);
            }
            Err(error) => return (received, error.reason()),
        }
    }
    (received, None)
}

fn status(status: u16) -> Response<()> {
    Response::builder().status(status).body(()).unwrap()
}

fn ok(respond: &mut SendResponse<Bytes>, text: &'static str) {
    respond
        .send_response(status(200), false)
        .unwrap()
        .send_data(Bytes::from_static(text.as_bytes()), true)
        .unwrap();
}

#[tokio::test]
async fn a_request_goes_out_and_its_response_comes_back() {
    let (url, served) = answering(async |request, mut respond| {
        let (head, mut body) = request.into_parts();
        let received = received(&mut body).await;
        ok(&mut respond, "done");
        (head, received)
    })
    .await;
    let slice = seeded(1 << 20);
    let mut request = post(&url, Body::content(slice.clone()));
    request.headers = vec![("X-Upload".to_owned(), "a".to_owned())];
    let exchange = send(&request).await;
    let answer = exchange.outcome.unwrap();
    assert_eq!((answer.status, body_text(&answer)), (200, "done"));
    assert_eq!(exchange.request.version, Version::Http2);
    let (head, (received, reset)) = served.await.unwrap();
    assert_eq!((received, reset), (bytes_of(&slice), None));
    assert_eq!(head.uri.path_and_query().unwrap(), "/upload?token=abc");
    assert_eq!(head.uri.authority().unwrap().as_str(), url.authority());
    assert_eq!(head.headers["x-upload"], "a");
    assert_eq!(head.headers["content-length"], "1048576");
}

#[tokio::test]
async fn interim_responses_are_shown_each_with_its_headers() {
    let (url, served) = answering(async |_, mut respond| {
        respond.send_informational(status(103)).unwrap();
        let told = Response::builder().status(104).header("location", "/u/1").body(()).unwrap();
        respond.send_informational(told).unwrap();
        respond.send_response(status(201), true).unwrap();
    })
    .await;
    let answer = send(&Request::new(Method::POST, url)).await.outcome.unwrap();
    served.await.unwrap();
    let interim: Vec<_> = answer.interim.iter().map(|interim| interim.status).collect();
    assert_eq!((answer.status, interim), (201, vec![103, 104]));
    assert_eq!(answer.interim[1].header("Location"), Some("/u/1"));
}

#[tokio::test]
async fn the_response_to_head_has_no_body() {
    let (url, served) = answering(async |_, mut respond| {
        let head = Response::builder().header("content-length", "5").body(()).unwrap();
        respond.send_response(head, true).unwrap();
    })
    .await;
    let answer = send(&Request::new(Method::HEAD, url)).await.outcome.unwrap();
    served.await.unwrap();
    assert_eq!((answer.header("Content-Length"), body_text(&answer)), (Some("5"), ""));
}

/// What a client learns that sends 64 MiB to a server which refuses them unread, and then says that it needs no more.
async fn refused_early(reading: crate::Reading) -> Result<Answer, Fault> {
    let (url, served) = answering(async |request, mut respond| {
        let mut body = request.into_body();
        body.data().await.unwrap().unwrap();
        let mut stream = respond.send_response(status(413), false).unwrap();
        stream.send_data(Bytes::from_static(b"too large"), true).unwrap();
        // The server's h2 resets the stream with NO_ERROR where the request's body is dropped unread.
    })
    .await;
    let mut request = post(&url, Body::content(seeded(64 << 20)));
    request.delivery.reading = reading;
    let outcome = send(&request).await.outcome;
    served.await.unwrap();
    outcome
}

#[tokio::test]
async fn a_response_that_comes_before_the_body_was_sent_is_read() {
    for reading in [crate::Reading::AtOnce, crate::Reading::Afterwards] {
        let answer = refused_early(reading).await.unwrap();
        assert_eq!((answer.status, body_text(&answer)), (413, "too large"), "{reading:?}");
    }
}

#[tokio::test]
async fn a_body_is_broken_off_by_a_reset_after_all_of_its_bytes() {
    for after in [0, 1, 300_000] {
        let (url, served) =
            answering(async |request, _respond| received(&mut request.into_body()).await).await;
        let slice = seeded(400_000);
        let mut request = post(&url, Body::content(slice.clone()));
        request.delivery.break_off = Some(after);
        let fault = send(&request).await.outcome.unwrap_err();
        assert_eq!(fault, Fault::BrokenOff { sent: after });
        let (received, reset) = served.await.unwrap();
        assert_eq!(received, bytes_of(&slice)[..usize::try_from(after).unwrap()], "after {after}");
        assert_eq!(reset, Some(Reason::CANCEL));
    }
}

#[tokio::test]
async fn a_body_rests_where_it_is_told_to_and_comes_whole() {
    let (url, served) = answering(async |request, mut respond| {
        let mut body = request.into_body();
        let first = body.data().await.unwrap().unwrap();
        let _ = body.flow_control().release_capacity(first.len());
        let (rest, _) = received(&mut body).await;
        ok(&mut respond, "");
        (first.len(), rest.len())
    })
    .await;
    let mut request = post(&url, "0123456789".to_owned());
    request.delivery.stall = Some(Stall { after: 4, pause: Duration::from_millis(30) });
    assert_eq!(send(&request).await.outcome.unwrap().status, 200);
    assert_eq!(served.await.unwrap(), (4, 6));
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit_and_no_further() {
    let (url, served) = answering(async |_, mut respond| {
        let mut stream = respond.send_response(status(200), false).unwrap();
        stream.send_data(vec![b'x'; 2 << 20].into(), true).unwrap();
    })
    .await;
    let fault = send(&Request::new(Method::GET, url)).await.outcome.unwrap_err();
    served.await.unwrap();
    assert_eq!(fault, Fault::Exceeded(Bound::Body(1 << 20)));
}

#[tokio::test]
async fn heads_and_interim_responses_are_read_up_to_their_limits() {
    let (url, served) = answering(async |_, mut respond| {
        let head = Response::builder().header("x-long", "x".repeat(70 << 10)).body(()).unwrap();
        let _ = respond.send_response(head, true);
    })
    .await;
    let fault = send(&Request::new(Method::GET, url)).await.outcome.unwrap_err();
    drop(served.await);
    assert_eq!(fault, Fault::Exceeded(Bound::Head(64 << 10)));

    let (url, served) = answering(async |_, mut respond| {
        for _ in 0..3 {
            let hint = Response::builder().status(103).header("link", "x".repeat(30 << 10)).body(()).unwrap();
            let _ = respond.send_informational(hint);
        }
        let _ = respond.send_response(status(200), true);
    })
    .await;
    let fault = send(&Request::new(Method::GET, url)).await.outcome.unwrap_err();
    drop(served.await);
    assert_eq!(fault, Fault::Exceeded(Bound::Interim(64 << 10)));
}

#[tokio::test]
async fn headers_that_never_end_are_not_read_for_ever() {
    let (url, served) = serve(async |mut peer: Peer| {
        peer.bytes(24).await;
        let begun = [settings(), frame(HEADERS, 0, 1, &STATUS_200)].concat();
        peer.0.write_all(&begun).await.unwrap();
        // `accept-encoding: gzip, deflate`, over and over.
        let more = frame(CONTINUATION, 0, 1, &[0x90; 100]);
        while peer.0.write_all(&more).await.is_ok() {}
    })
    .await;
    let fault = send(&Request::new(Method::GET, url)).await.outcome.unwrap_err();
    served.await.unwrap();
    assert_eq!(fault, Fault::Flooded);
}

#[tokio::test]
async fn a_server_that_ends_the_connection_or_the_stream_is_named_with_its_code() {
    let nothing_processed = frame(GOAWAY, 0, 0, &[0; 8]);
    let fault = fault_of(vec![settings(), nothing_processed]).await;
    assert_eq!(fault, Fault::GoneAway { code: "NO_ERROR".to_owned(), when: Closed::Before });
    assert_eq!(fault.to_string(), "the server ended the connection (GOAWAY, NO_ERROR) without a response");

    let refused = frame(RST_STREAM, 0, 1, &7_u32.to_be_bytes());
    let fault = fault_of(vec![settings(), refused]).await;
    assert_eq!(fault, Fault::Reset { code: "REFUSED_STREAM".to_owned(), when: Closed::Before });

    let broken = frame(RST_STREAM, 0, 1, &2_u32.to_be_bytes());
    let fault = fault_of(vec![settings(), head_of_200(), frame(DATA, 0, 1, b"hel"), broken]).await;
    assert_eq!(
        fault.to_string(),
        "the server reset the stream (RST_STREAM, INTERNAL_ERROR) in the middle of the response body (status 200)"
    );
}

#[tokio::test]
async fn a_server_that_falls_silent_is_left_within_the_time_out() {
    let late = |phase| Fault::Timeout { phase, after: Duration::from_millis(300) };
    assert_eq!(fault_of(Vec::new()).await, late(Phase::Waiting));
    assert_eq!(fault_of(vec![settings()]).await, late(Phase::Waiting));
    assert_eq!(fault_of(vec![settings(), head_of_200()]).await, late(Phase::Reading));
}

#[tokio::test]
async fn a_server_that_opens_no_window_for_the_body_times_out() {
    let (url, served) = answering(async |request, respond| (request, respond)).await;
    let request = post(&url, Body::content(seeded(1 << 20)));
    let fault = client(Duration::from_millis(300)).send(&request).await.outcome.unwrap_err();
    drop(served);
    assert_eq!(fault, Fault::Timeout { phase: Phase::Sending, after: Duration::from_millis(300) });
}

#[tokio::test]
async fn a_server_of_another_protocol_is_told_from_one_that_errs() {
    let fault = fault_of(vec![b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".to_vec()]).await;
    let Fault::Version { why, .. } = &fault else { panic!("{fault}") };
    assert_eq!(why, "it responded to an HTTP/2 request in HTTP/1.1");
    for nonsense in [b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(), frame(DATA, 0, 0, b"x")] {
        let fault = fault_of(vec![nonsense]).await;
        assert!(matches!(fault, Fault::MalformedHttp2(_)), "{fault}");
    }
}

#[tokio::test]
async fn a_server_that_closes_at_once_gives_no_response() {
    let (url, served) = serve(async |mut peer: Peer| {
        peer.bytes(24).await;
        peer.leave().await;
    })
    .await;
    let fault = send(&Request::new(Method::GET, url)).await.outcome.unwrap_err();
    served.await.unwrap();
    assert_eq!(fault, Fault::ClosedEarly(Closed::Before));
}

#[test]
fn the_command_that_repeats_a_request_names_the_version() {
    let mut sent = crate::Sent {
        version: Version::Http2,
        method: Some(Method::GET),
        url: url::Url::parse("https://a.test/x").unwrap(),
        headers: vec![(":authority".to_owned(), "a.test".to_owned())],
        body: crate::BodySummary::Empty,
        delivery: String::new(),
    };
    let secrets = crate::Secrets::new();
    assert_eq!(crate::curl(&sent, &secrets), "curl --http2 https://a.test/x");
    sent.url = url::Url::parse("http://a.test/x").unwrap();
    sent.headers[0].1 = "b.test".to_owned();
    assert_eq!(
        crate::curl(&sent, &secrets),
        "curl --http2-prior-knowledge -H 'Host: b.test' http://a.test/x"
    );
}
