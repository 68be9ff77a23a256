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
    let raw = RawBytes { bytes: b"\x00nonsense / HTTP/0.1\n".to_vec(), then: Then::KeepOpen };
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
    let raw = RawBytes { bytes: b"GET / HTTP/1.1\r\n".to_vec(), then: Then::HalfClose };
    assert_eq!(client().send_raw(&url, &raw).await.outcome.unwrap().status, 200);
    assert_eq!(seen.await.unwrap(), raw.bytes);
}

#[tokio::test]
async fn a_connection_that_is_kept_open_times_out_or_is_closed_by_the_server() {
    let (url, served) = serve(async |mut peer| peer.rest().await).await;
    let raw = RawBytes { bytes: b"GET / HT".to_vec(), then: Then::KeepOpen };
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
    let raw = RawBytes { bytes: b"HEAD / HTTP/1.1\r\n\r\n".to_vec(), then: Then::KeepOpen };
    assert_eq!(client().send_raw(&url, &raw).await.outcome.unwrap().status, 200);
    served.await.unwrap();
}
