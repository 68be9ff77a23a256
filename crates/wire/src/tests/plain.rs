//! What goes out when nothing odd is asked for.

use bytes::Bytes;
use http::Method;
use tokio::net::TcpListener;
use url::Url;

use super::{OK, body_text, bytes_of, client, post, seeded, serve};
use crate::{Body, Fault, FilePart, Form, Request};
use uptake_payload::{Content, Seed};

const AGENT: &str = concat!("uptake/", env!("CARGO_PKG_VERSION"));

#[tokio::test]
async fn a_request_carries_what_it_names_and_only_host_agent_and_length_beside() {
    let (url, seen) = serve(async |mut peer| {
        let head = peer.head().await;
        let body = peer.bytes(13).await;
        peer.say(OK).await;
        (head, body)
    })
    .await;
    let mut request = post(&url, r#"{"ttl": 3600}"#.to_owned());
    for (name, value) in
        [("X-Twice", "1"), ("Content-Type", "application/json"), ("X-Twice", "2"), ("X-Empty", "")]
    {
        request.headers.push((name.to_owned(), value.to_owned()));
    }

    let exchange = client().send(&request).await;

    let (head, body) = seen.await.unwrap();
    let host = format!("127.0.0.1:{}", url.port().unwrap());
    assert_eq!(
        head,
        format!(
            "POST /upload?token=abc HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {AGENT}\r\nX-Twice: 1\r\n\
             Content-Type: application/json\r\nX-Twice: 2\r\nX-Empty: \r\nContent-Length: 13\r\n\r\n"
        )
    );
    assert_eq!(body, br#"{"ttl": 3600}"#);
    let answer = exchange.outcome.unwrap();
    assert_eq!((answer.status, body_text(&answer)), (200, "ok"));
    assert_eq!(exchange.request.headers.len(), 7);
    assert_eq!(exchange.request.body.to_string(), r#"{"ttl": 3600}"#);
}

#[tokio::test]
async fn the_length_of_no_body_is_told_only_where_a_body_is_anticipated() {
    for (method, told) in [("GET", false), ("DELETE", false), ("POST", true), ("PUT", true), ("PURGE", false)]
    {
        let (url, seen) = serve(async |mut peer| {
            let head = peer.head().await;
            peer.say(OK).await;
            head
        })
        .await;
        let request = Request::new(Method::from_bytes(method.as_bytes()).unwrap(), url);
        assert_eq!(client().send(&request).await.outcome.unwrap().status, 200);
        let head = seen.await.unwrap();
        assert!(head.starts_with(&format!("{method} /upload?token=abc HTTP/1.1\r\n")));
        assert_eq!(head.contains("Content-Length: 0\r\n"), told, "{head}");
    }
}

#[tokio::test]
async fn headers_that_the_scenario_gives_replace_those_of_the_client() {
    let (url, seen) = serve(async |mut peer| {
        let head = peer.head().await;
        peer.say(OK).await;
        head
    })
    .await;
    let mut request = post(&url, Bytes::from_static(b"1234"));
    request.headers.push(("host".to_owned(), "elsewhere".to_owned()));
    request.headers.push(("user-agent".to_owned(), "a browser".to_owned()));
    request.headers.push(("content-length".to_owned(), "3".to_owned()));
    client().send(&request).await.outcome.unwrap();
    assert_eq!(
        seen.await.unwrap(),
        "POST /upload?token=abc HTTP/1.1\r\nhost: elsewhere\r\nuser-agent: a browser\r\ncontent-length: 3\r\n\r\n"
    );
}

#[tokio::test]
async fn a_form_arrives_in_its_order() {
    let slice = seeded(300_000);
    let form = Form::new("boundary").text("videoId", "vi1").file(FilePart {
        field: "file".to_owned(),
        file_name: Some("a \"b\".mp4".to_owned()),
        content_type: Some("video/mp4".to_owned()),
        slice: slice.clone(),
    });
    let (content_type, body) = form.finish();
    assert_eq!(content_type, "multipart/form-data; boundary=boundary");
    assert_eq!(
        body.describe(),
        "a form: videoId = vi1, file = 293.0 KiB of seeded content named a \"b\".mp4"
    );
    let len = usize::try_from(body.len()).unwrap();
    let (url, seen) = serve(async move |mut peer| {
        peer.head().await;
        let body = peer.bytes(len).await;
        peer.say(OK).await;
        body
    })
    .await;
    client().send(&post(&url, body)).await.outcome.unwrap();
    let mut expected = b"--boundary\r\nContent-Disposition: form-data; name=\"videoId\"\r\n\r\nvi1\r\n\
        --boundary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a %22b%22.mp4\"\r\n\
        Content-Type: video/mp4\r\n\r\n"
        .to_vec();
    expected.extend(bytes_of(&slice));
    expected.extend(b"\r\n--boundary--\r\n");
    assert!(seen.await.unwrap() == expected);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_fault_of_the_network() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let fault = client().send(&Request::new(Method::GET, url)).await.outcome.unwrap_err();
    assert!(matches!(fault, Fault::Connect { .. }), "{fault}");
    assert!(fault.is_network() && !fault.is_harness());
}

#[tokio::test]
async fn a_name_without_an_address_is_told() {
    let url = Url::parse("http://no..where/").unwrap();
    let fault = client().send(&Request::new(Method::GET, url)).await.outcome.unwrap_err();
    assert!(matches!(&fault, Fault::Resolve { host, .. } if host == "no..where"), "{fault}");
}

#[tokio::test]
async fn what_the_harness_cannot_do_is_never_the_servers_fault() {
    let (url, seen) = serve(async |mut peer| peer.rest().await).await;
    let beyond = Content::seeded(Seed(1), 10).slice(5, 10);
    let fault = client().send(&post(&url, Body::content(beyond))).await.outcome.unwrap_err();
    assert!(fault.is_harness() && !fault.is_network(), "{fault}");
    seen.await.unwrap();

    let mut request = Request::new(Method::GET, url.clone());
    request.headers.push(("X".to_owned(), "a\r\nHost: b".to_owned()));
    assert!(client().send(&request).await.outcome.unwrap_err().is_harness());

    let ftp = Request::new(Method::GET, Url::parse("ftp://h/").unwrap());
    assert!(client().send(&ftp).await.outcome.unwrap_err().is_harness());
}
