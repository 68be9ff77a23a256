//! The oddities that a delivery can ask for, seen from the server's side.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use tokio::sync::{Barrier, oneshot};

use super::{OK, bytes_of, client, hasty, post, seeded, serve};
use crate::{Body, Closed, Fault, Length, Phase, Reading, Request, Stall};

#[tokio::test]
async fn a_chunked_body_comes_whole_without_a_length() {
    let slice = seeded(300_000);
    let (url, seen) = serve(async |mut peer| {
        let head = peer.head().await;
        let mut body = Vec::new();
        loop {
            let mut line = Vec::new();
            while !line.ends_with(b"\r\n") {
                line.extend(peer.bytes(1).await);
            }
            let size = usize::from_str_radix(std::str::from_utf8(&line).unwrap().trim(), 16).unwrap();
            body.extend(peer.bytes(size).await);
            assert_eq!(peer.bytes(2).await, b"\r\n");
            if size == 0 {
                break;
            }
        }
        peer.say(OK).await;
        (head, body)
    })
    .await;
    let mut request = post(&url, Body::content(slice.clone()));
    request.delivery.length = Length::Chunked;
    assert_eq!(client().send(&request).await.outcome.unwrap().status, 200);
    let (head, body) = seen.await.unwrap();
    assert!(head.contains("Transfer-Encoding: chunked\r\n") && !head.contains("Content-Length"), "{head}");
    assert!(body == bytes_of(&slice));
}

#[tokio::test]
async fn a_claimed_length_is_sent_as_it_is_claimed() {
    let (url, seen) = serve(async |mut peer| {
        let head = peer.head().await;
        (head, peer.rest().await)
    })
    .await;
    let mut request = post(&url, Body::content(seeded(10)));
    request.delivery.length = Length::Claimed(12);
    let fault = hasty().send(&request).await.outcome.unwrap_err();
    assert!(matches!(fault, Fault::Timeout { phase: Phase::Waiting, .. }), "{fault}");
    let (head, body) = seen.await.unwrap();
    assert!(head.contains("Content-Length: 12\r\n"), "{head}");
    assert_eq!(body, bytes_of(&seeded(10)));
}

#[tokio::test]
async fn a_body_is_broken_off_at_the_very_byte() {
    for (after, arrived) in [(0, 0), (1, 1), (200_001, 200_001), (300_000, 300_000), (400_000, 300_000)] {
        let (url, seen) = serve(async |mut peer| {
            peer.head().await;
            peer.rest().await
        })
        .await;
        let mut request = post(&url, Body::content(seeded(300_000)));
        request.delivery.break_off = Some(after);
        let exchange = client().send(&request).await;
        assert_eq!(exchange.outcome.unwrap_err(), Fault::BrokenOff { sent: arrived });
        assert_eq!(exchange.request.delivery, format!("broken off after {after} bytes"));
        let arrived = usize::try_from(arrived).unwrap();
        assert!(seen.await.unwrap() == bytes_of(&seeded(300_000))[..arrived]);
    }
}

#[tokio::test]
async fn an_interim_answer_before_the_break_is_kept() {
    let (url, seen) = serve(async |mut peer| {
        peer.head().await;
        let body = peer.bytes(5).await;
        peer.say("HTTP/1.1 104 Upload Resumption Supported\r\nLocation: /u/1\r\n\r\n").await;
        peer.rest().await;
        body
    })
    .await;
    let mut request = post(&url, Body::content(seeded(10)));
    request.delivery.break_off = Some(5);
    let exchange = client().send(&request).await;
    assert_eq!(exchange.outcome.unwrap_err(), Fault::BrokenOff { sent: 5 });
    assert_eq!(exchange.interim[0].status, 104);
    assert_eq!(seen.await.unwrap().len(), 5);
}

#[tokio::test]
async fn a_stalled_body_rests_where_it_is_told_and_then_goes_on() {
    let pause = Duration::from_millis(150);
    let (url, seen) = serve(async |mut peer| {
        peer.head().await;
        peer.bytes(200_001).await;
        let arrived = std::time::Instant::now();
        peer.bytes(1).await;
        let rest = arrived.elapsed();
        peer.bytes(300_000 - 200_002).await;
        peer.say(OK).await;
        rest
    })
    .await;
    let mut request = post(&url, Body::content(seeded(300_000)));
    request.delivery.stall = Some(Stall { after: 200_001, pause });
    // The rest is longer than the time-out: it is our own, and not held against the server.
    assert_eq!(hasty().send(&request).await.outcome.unwrap().status, 200);
    let rest = seen.await.unwrap();
    assert!(rest >= Duration::from_millis(100), "the server saw a rest of {rest:?}");
}

#[tokio::test]
async fn a_server_may_answer_while_the_body_is_stalled() {
    let (url, served) = serve(async |mut peer| {
        peer.head().await;
        peer.bytes(1).await;
        peer.say("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n").await;
        peer.rest().await;
    })
    .await;
    let mut request = post(&url, Body::content(seeded(2)));
    request.delivery.stall = Some(Stall { after: 1, pause: Duration::from_secs(3600) });
    assert_eq!(client().send(&request).await.outcome.unwrap().status, 408);
    served.await.unwrap();
}

#[tokio::test]
async fn the_last_byte_is_held_back_until_all_are_there() {
    let barrier = Arc::new(Barrier::new(3));
    let mut seen = Vec::new();
    let mut sending = Vec::new();
    for len in [1_u64, 300_000] {
        let (tell, told) = oneshot::channel();
        let (url, served) = serve(async move |mut peer| {
            peer.head().await;
            let before = peer.bytes(usize::try_from(len).unwrap() - 1).await;
            let early = peer.0.try_read(&mut [0]).map_err(|error| error.kind());
            tell.send(early).unwrap();
            let last = peer.bytes(1).await;
            peer.say(OK).await;
            [before, last].concat()
        })
        .await;
        let mut request = post(&url, Body::content(seeded(len)));
        request.delivery.hold = vec![Arc::clone(&barrier)];
        sending.push(tokio::spawn(async move { client().send(&request).await }));
        seen.push((told, served, len));
    }
    // The third at the barrier is the test: the requests are whole but for a byte, and nothing more comes.
    let mut bodies = Vec::new();
    for (told, served, len) in seen {
        assert_eq!(told.await.unwrap(), Err(std::io::ErrorKind::WouldBlock));
        bodies.push((served, len));
    }
    barrier.wait().await;
    for exchange in sending {
        assert_eq!(exchange.await.unwrap().outcome.unwrap().status, 200);
    }
    for (served, len) in bodies {
        assert!(served.await.unwrap() == bytes_of(&seeded(len)));
    }
}

#[tokio::test]
async fn a_request_without_a_body_holds_back_the_last_byte_of_its_head() {
    let barrier = Arc::new(Barrier::new(2));
    let (tell, told) = oneshot::channel();
    let (url, served) = serve(async move |mut peer| {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r") {
            head.extend(peer.bytes(1).await);
        }
        tell.send(()).unwrap();
        let last = peer.bytes(1).await;
        peer.say(OK).await;
        last
    })
    .await;
    let mut request = Request::new(Method::DELETE, url);
    request.delivery.hold = vec![Arc::clone(&barrier)];
    let sending = tokio::spawn(async move { client().send(&request).await });
    told.await.unwrap();
    barrier.wait().await;
    assert_eq!(sending.await.unwrap().outcome.unwrap().status, 200);
    assert_eq!(served.await.unwrap(), b"\n");
}

#[tokio::test]
async fn a_request_that_fails_before_its_barriers_keeps_nobody_waiting() {
    let barriers = vec![Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2))];
    let nowhere = url::Url::parse("ftp://nowhere/").unwrap();
    let mut request = Request::new(Method::GET, nowhere);
    request.delivery.hold = barriers.clone();
    assert!(client().send(&request).await.outcome.is_err());
    for barrier in barriers {
        barrier.wait().await;
    }
}

#[tokio::test]
async fn a_request_that_is_answered_while_it_is_held_still_counts_at_its_barriers() {
    let barriers = vec![Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2))];
    let (url, served) = serve(async |mut peer| {
        peer.head().await;
        peer.bytes(9).await;
        peer.say(OK).await;
        peer.rest().await.len()
    })
    .await;
    let mut request = post(&url, Body::content(seeded(10)));
    request.delivery.hold = barriers.clone();
    assert_eq!(client().send(&request).await.outcome.unwrap().status, 200);
    assert_eq!(served.await.unwrap(), 0, "the last byte was never sent");
    for barrier in barriers {
        barrier.wait().await;
    }
}

#[tokio::test]
async fn a_body_waits_for_100_and_then_follows() {
    let (url, seen) = serve(async |mut peer| {
        let head = peer.head().await;
        let early = peer.0.try_read(&mut [0]).map_err(|error| error.kind());
        peer.say("HTTP/1.1 100 Continue\r\n\r\n").await;
        peer.bytes(10).await;
        peer.say(OK).await;
        (head, early)
    })
    .await;
    let mut request = post(&url, Body::content(seeded(10)));
    request.delivery.expect_continue = Some(Duration::from_secs(3600));
    let answer = client().send(&request).await.outcome.unwrap();
    assert_eq!((answer.status, answer.interim[0].status), (200, 100));
    let (head, early) = seen.await.unwrap();
    assert!(head.contains("Expect: 100-continue\r\n"), "{head}");
    assert_eq!(early, Err(std::io::ErrorKind::WouldBlock));
}

#[tokio::test]
async fn a_final_answer_instead_of_100_leaves_the_body_unsent() {
    let (url, seen) = serve(async |mut peer| {
        peer.head().await;
        peer.say("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n").await;
        peer.rest().await
    })
    .await;
    let mut request = post(&url, Body::content(seeded(10)));
    request.delivery.expect_continue = Some(Duration::from_secs(3600));
    assert_eq!(client().send(&request).await.outcome.unwrap().status, 417);
    assert!(seen.await.unwrap().is_empty());
}

#[tokio::test]
async fn a_server_that_does_not_know_the_expectation_gets_the_body_all_the_same() {
    let (url, seen) = serve(async |mut peer| {
        peer.head().await;
        let body = peer.bytes(10).await;
        peer.say(OK).await;
        body
    })
    .await;
    let mut request = post(&url, Body::content(seeded(10)));
    request.delivery.expect_continue = Some(Duration::from_millis(1));
    assert_eq!(client().send(&request).await.outcome.unwrap().status, 200);
    assert_eq!(seen.await.unwrap(), bytes_of(&seeded(10)));
}

#[tokio::test]
async fn a_caller_that_reads_afterwards_misses_the_answer_of_a_server_that_closes_under_its_body() {
    let (url, _seen) = serve(async |mut peer| {
        peer.head().await;
        peer.say("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n").await;
        // Dropped with the body unread: the connection is reset.
    })
    .await;
    // More than the kernel's buffers take, so that it is still going out.
    let mut request = post(&url, Body::content(seeded(64 << 20)));
    request.delivery.reading = Reading::Afterwards;
    assert_eq!(client().send(&request).await.outcome.unwrap_err(), Fault::ClosedEarly(Closed::Before));
}

#[tokio::test]
async fn a_caller_that_reads_afterwards_gets_the_answer_of_a_server_that_drains() {
    let (url, seen) = serve(async |mut peer| {
        peer.head().await;
        peer.say(OK).await;
        peer.bytes(8 << 20).await.len()
    })
    .await;
    let mut request = post(&url, Body::content(seeded(8 << 20)));
    request.delivery.reading = Reading::Afterwards;
    assert_eq!(client().send(&request).await.outcome.unwrap().status, 200);
    assert_eq!(seen.await.unwrap(), 8 << 20);
}
