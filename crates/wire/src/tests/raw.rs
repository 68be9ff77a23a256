//! Bytes as they are.

use super::{OK, body_text, client, hasty, serve};
use crate::{Closed, Fault, Phase, RawBytes, Then};

#[tokio::test]
async fn raw_bytes_are_written_as_they_are() {
    let (url, seen) = serve(async |mut peer| {
        let bytes = peer.bytes(21).await;
        peer.say("HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno").await;
        peer.leave().await;
        bytes
    })
    .await;
    let raw =
        RawBytes { earlier: Vec::new(), bytes: b"\x00nonsense / HTTP/0.1\n".to_vec(), then: Then::KeepOpen };
    let exchange = client().send_raw(&url, &raw).await;
    assert_eq!(seen.await.unwrap(), raw.bytes);
    let answer = exchange.outcome.unwrap();
    assert_eq!((answer.status, body_text(&answer)), (400, "no"));
    assert_eq!(exchange.request.method, None);
}

#[tokio::test]
async fn a_half_closed_connection_is_still_listened_to() {
    let (url, seen) = serve(async |mut peer| {
        let bytes = peer.rest().await;
        peer.say(OK).await;
        bytes
    })
    .await;
    let raw = RawBytes { earlier: Vec::new(), bytes: b"GET / HTTP/1.1\r\n".to_vec(), then: Then::HalfClose };
    assert_eq!(client().send_raw(&url, &raw).await.outcome.unwrap().status, 200);
    assert_eq!(seen.await.unwrap(), raw.bytes);
}

#[tokio::test]
async fn a_connection_that_is_kept_open_times_out_or_is_closed_by_the_server() {
    let (url, served) = serve(async |mut peer| peer.rest().await).await;
    let raw = RawBytes { earlier: Vec::new(), bytes: b"GET / HT".to_vec(), then: Then::KeepOpen };
    let fault = hasty().send_raw(&url, &raw).await.outcome.unwrap_err();
    assert!(matches!(fault, Fault::Timeout { phase: Phase::Waiting, .. }), "{fault}");
    served.await.unwrap();

    let (url, served) = serve(async |mut peer| {
        peer.bytes(8).await;
        peer.leave().await;
    })
    .await;
    let fault = client().send_raw(&url, &raw).await.outcome.unwrap_err();
    assert_eq!(fault, Fault::ClosedEarly(Closed::Before));
    served.await.unwrap();
}

#[tokio::test]
async fn the_answer_to_a_raw_head_has_no_body() {
    let (url, served) = serve(async |mut peer| {
        peer.head().await;
        peer.say("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n").await;
        peer.rest().await;
    })
    .await;
    let raw =
        RawBytes { earlier: Vec::new(), bytes: b"HEAD / HTTP/1.1\r\n\r\n".to_vec(), then: Then::KeepOpen };
    assert_eq!(client().send_raw(&url, &raw).await.outcome.unwrap().status, 200);
    served.await.unwrap();
}

#[tokio::test]
async fn several_requests_go_over_one_connection_and_the_last_answer_is_read() {
    let (url, seen) = serve(async |mut peer| {
        let first = peer.head().await;
        peer.say("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno").await;
        let second = peer.head().await;
        peer.say("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n").await;
        let third = peer.head().await;
        peer.say(OK).await;
        [first, second, third].map(|head| head.len())
    })
    .await;
    let get = b"GET / HTTP/1.1\r\n\r\n".to_vec();
    let head = b"HEAD / HTTP/1.1\r\n\r\n".to_vec();
    let raw = RawBytes { earlier: vec![get.clone(), head.clone()], bytes: get.clone(), then: Then::KeepOpen };
    assert_eq!(client().send_raw(&url, &raw).await.outcome.unwrap().status, 200);
    assert_eq!(seen.await.unwrap(), [get.len(), head.len(), get.len()]);
}

#[tokio::test]
async fn a_server_that_closes_between_two_requests_has_given_no_answer() {
    let (url, served) = serve(async |mut peer| {
        peer.head().await;
        peer.say("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
        peer.leave().await;
    })
    .await;
    let get = b"GET / HTTP/1.1\r\n\r\n".to_vec();
    let raw = RawBytes { earlier: vec![get.clone()], bytes: get, then: Then::KeepOpen };
    let fault = client().send_raw(&url, &raw).await.outcome.unwrap_err();
    assert_eq!(fault, Fault::ClosedEarly(Closed::Before));
    served.await.unwrap();
}

#[tokio::test]
async fn what_follows_the_answer_to_head_is_the_next_answer() {
    let (url, served) = serve(async |mut peer| {
        peer.head().await;
        peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno").await;
        peer.head().await;
        peer.say(OK).await;
    })
    .await;
    let [head, get] = ["HEAD", "GET"].map(|method| format!("{method} / HTTP/1.1\r\n\r\n").into_bytes());
    let raw = RawBytes { earlier: vec![head], bytes: get, then: Then::KeepOpen };
    let fault = client().send_raw(&url, &raw).await.outcome.unwrap_err();
    assert!(matches!(fault, Fault::Malformed(_)), "{fault}");
    served.await.unwrap();
}
