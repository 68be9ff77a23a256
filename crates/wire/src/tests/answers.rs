//! What comes back, in whatever shape.

use std::time::Duration;

use http::Method;

use super::{OK, body_text, client, hasty, post, seeded, serve};
use crate::response::Bound;
use crate::{Body, Closed, Fault, Phase, Request};

/// What a server that says this, and then closes, is taken to have answered.
async fn answer_to(method: Method, said: &'static str) -> Result<crate::Answer, Fault> {
    let (url, served) = serve(async move |mut peer| {
        peer.head().await;
        peer.say(said).await;
        peer.leave().await;
    })
    .await;
    let outcome = client().send(&Request::new(method, url)).await.outcome;
    served.await.unwrap();
    outcome
}

#[tokio::test]
async fn the_end_of_a_body_is_known_by_length_by_chunks_or_by_the_connections_end() {
    for (said, body) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more", "hello"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\nContent-Length: 5\r\n\r\nhello", "hello"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nT: 1\r\n\r\n",
            "hello",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "hello",
        ),
        ("HTTP/1.1 200 OK\r\n\r\nhello", "hello"),
        ("HTTP/1.0 200 OK\r\n\r\nhello", "hello"),
        ("HTTP/1.1 204 No Content\r\n\r\n", ""),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", ""),
    ] {
        let answer = answer_to(Method::GET, said).await.unwrap();
        assert_eq!(body_text(&answer), body, "of {said}");
    }
}

#[tokio::test]
async fn the_answer_to_head_has_no_body() {
    let answer = answer_to(Method::HEAD, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").await.unwrap();
    assert_eq!((answer.header("content-length"), body_text(&answer)), (Some("5"), ""));
}

/// Such a body is a fault that a rule must be able to see.
#[tokio::test]
async fn a_body_that_may_not_be_is_shown_where_it_comes_along_with_the_head() {
    for said in ["HTTP/1.1 204 No Content\r\n\r\n{}", "HTTP/1.1 304 Not Modified\r\n\r\n{}"] {
        let answer = answer_to(Method::GET, said).await.unwrap();
        assert_eq!(body_text(&answer), "{}", "of {said}");
    }
    let answer = answer_to(Method::GET, "HTTP/1.1 101 Switching Protocols\r\n\r\nhello").await.unwrap();
    assert_eq!(body_text(&answer), "");
}

#[tokio::test]
async fn headers_keep_their_order_spelling_and_repetition() {
    let said = "HTTP/1.1 460 Checksum Mismatch\r\nx-b: 1\r\nX-A: 2\r\nX-B: 3\r\nX-L: caf\u{e9}\r\nContent-Length: 0\r\n\r\n";
    let answer = answer_to(Method::GET, said).await.unwrap();
    assert_eq!(answer.status, 460);
    let headers: Vec<_> =
        answer.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(headers, [("x-b", "1"), ("X-A", "2"), ("X-B", "3"), ("X-L", "café"), ("Content-Length", "0")]);
    assert_eq!(answer.header("X-b"), Some("1"));
}

#[tokio::test]
async fn interim_answers_are_shown_each_with_its_headers() {
    let said = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 104 Upload Resumption Supported\r\nLocation: /u/1\r\n\r\n\
                HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";
    let answer = answer_to(Method::POST, said).await.unwrap();
    assert_eq!(answer.status, 201);
    let interim: Vec<_> = answer.interim.iter().map(|interim| interim.status).collect();
    assert_eq!(interim, [103, 104]);
    assert_eq!(answer.interim[1].header("location"), Some("/u/1"));
}

#[tokio::test]
async fn interim_answers_are_kept_where_no_final_one_follows() {
    let (url, served) = serve(async |mut peer| {
        peer.head().await;
        peer.say("HTTP/1.1 104 Upload Resumption Supported\r\nLocation: /u/1\r\n\r\n").await;
        peer.leave().await;
    })
    .await;
    let exchange = client().send(&Request::new(Method::POST, url)).await;
    served.await.unwrap();
    assert_eq!(exchange.outcome.unwrap_err(), Fault::ClosedEarly(Closed::Before));
    assert_eq!(exchange.interim[0].header("Location"), Some("/u/1"));
}

#[tokio::test]
async fn a_connection_that_closes_too_early_is_told_from_one_that_speaks_nonsense() {
    let in_body = Fault::ClosedEarly(Closed::InBody { status: 200 });
    for (said, fault) in [
        ("", Fault::ClosedEarly(Closed::Before)),
        ("HTTP/1.1 200 OK\r\nContent-", Fault::ClosedEarly(Closed::InHead)),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", in_body.clone()),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", in_body),
    ] {
        assert_eq!(answer_to(Method::GET, said).await.unwrap_err(), fault, "of {said}");
    }
    for said in [
        "SSH-2.0-OpenSSH_9.6\r\n",
        "HTTP/2 200\r\n\r\n",
        "hello",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n",
    ] {
        let fault = answer_to(Method::GET, said).await.unwrap_err();
        assert!(matches!(fault, Fault::Malformed(_)), "{fault} of {said}");
    }
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit_and_no_further() {
    for framing in ["Content-Length: 6291456", "X: until the end"] {
        let (url, served) = serve(async move |mut peer| {
            peer.head().await;
            peer.say(&format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n")).await;
            // The client leaves before it has heard everything.
            let _ = tokio::io::AsyncWriteExt::write_all(&mut peer.0, &vec![b'x'; 6 << 20]).await;
        })
        .await;
        let fault = client().send(&Request::new(Method::GET, url)).await.outcome.unwrap_err();
        assert_eq!(fault, Fault::Exceeded(Bound::Body(1 << 20)));
        assert_eq!(fault.to_string(), "the response's body exceeded 1 MiB");
        served.await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_left_within_the_time_out() {
    let (url, served) = serve(async |mut peer| peer.rest().await).await;
    let exchange = hasty().send(&Request::new(Method::GET, url)).await;
    let late = Fault::Timeout { phase: Phase::Waiting, after: Duration::from_millis(60) };
    assert_eq!(exchange.outcome.unwrap_err(), late);
    assert_eq!(late.to_string(), "timed out after 0.06 s: the server did not respond");
    served.await.unwrap();
}

#[tokio::test]
async fn an_answer_that_does_not_come_to_its_end_times_out_too() {
    let (url, served) = serve(async |mut peer| {
        peer.head().await;
        peer.say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell").await;
        peer.rest().await
    })
    .await;
    let fault = hasty().send(&Request::new(Method::GET, url)).await.outcome.unwrap_err();
    assert_eq!(fault, Fault::Timeout { phase: Phase::Reading, after: Duration::from_millis(60) });
    served.await.unwrap();
}

#[tokio::test]
async fn a_server_that_takes_no_more_of_the_body_times_out() {
    let (url, served) = serve(async |mut peer| {
        peer.head().await;
        peer
    })
    .await;
    let fault = hasty().send(&post(&url, Body::content(seeded(64 << 20)))).await.outcome.unwrap_err();
    assert_eq!(fault, Fault::Timeout { phase: Phase::Sending, after: Duration::from_millis(60) });
    served.await.unwrap();
}

#[tokio::test]
async fn an_answer_that_comes_before_the_body_is_sent_ends_the_sending() {
    let (url, served) = serve(async |mut peer| {
        peer.head().await;
        peer.say("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno").await;
        peer
    })
    .await;
    let answer = client().send(&post(&url, Body::content(seeded(64 << 20)))).await.outcome.unwrap();
    assert_eq!((answer.status, body_text(&answer)), (401, "no"));
    served.await.unwrap();
}

#[tokio::test]
async fn the_answer_of_a_server_that_resets_the_connection_under_our_writing_is_heard() {
    let (url, served) = serve(async |mut peer| {
        peer.head().await;
        peer.bytes(1).await;
        // Both happen before the client, on the same thread, is heard again. Since much is unread, closing resets.
        assert_eq!(peer.0.try_write(OK.as_bytes()).unwrap(), OK.len());
        drop(peer);
    })
    .await;
    let exchange = client().send(&post(&url, Body::content(seeded(64 << 20)))).await;
    assert_eq!(exchange.outcome.map(|answer| answer.status), Ok(200));
    served.await.unwrap();
}

/// The peer's connection breaks while its response is under way.
#[tokio::test]
async fn a_body_that_ends_with_a_reset_is_not_whole() {
    let (url, served) = serve(async |mut peer| {
        peer.head().await;
        peer.say("HTTP/1.1 200 OK\r\n\r\nhello").await;
        // With a time of 0 to linger, closing resets.
        socket2::SockRef::from(&peer.0).set_linger(Some(Duration::ZERO)).unwrap();
    })
    .await;
    let fault = client().send(&Request::new(Method::GET, url)).await.outcome.unwrap_err();
    served.await.unwrap();
    // What was not read before the reset is lost with it.
    let early = [Fault::ClosedEarly(Closed::Before), Fault::ClosedEarly(Closed::InBody { status: 200 })];
    assert!(early.contains(&fault), "{fault}");
}
