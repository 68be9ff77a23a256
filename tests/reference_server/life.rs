//! How a server begins and ends.

use tokio::net::TcpStream;
use uptake_reference::{Config, Server};

use crate::support::{Bench, config};
use crate::wire;

#[tokio::test]
async fn a_running_upload_finishes_when_the_server_stops() {
    let bench = Bench::start().await;
    let token = bench.token(0).await;
    let address = bench.server.origin().strip_prefix("http://").unwrap().to_owned();
    let upload = wire::Held::begin(&bench, &format!("/upload?token={token}")).await;
    let stopping = tokio::spawn(bench.server.shutdown());
    // New callers are turned away as soon as the server has begun to stop.
    while TcpStream::connect(&address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert_eq!(upload.finish().await, 201);
    stopping.await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_dropped_stops() {
    let bench = Bench::start().await;
    let address = bench.server.origin().strip_prefix("http://").unwrap().to_owned();
    drop(bench);
    while TcpStream::connect(&address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_address_that_is_taken_is_told() {
    let bench = Bench::start().await;
    let listen = bench.server.origin().strip_prefix("http://").unwrap().parse().unwrap();
    let error = Server::start(Config { listen, ..config() }).await.unwrap_err();
    assert!(error.to_string().contains(&format!("{listen}")), "{error}");
}

#[tokio::test]
async fn an_empty_key_is_refused() {
    assert!(Server::start(Config { api_key: String::new(), ..config() }).await.is_err());
}

#[tokio::test]
async fn without_a_control_address_there_is_no_control() {
    let bench = Bench::with(Config { control: None, ..config() }).await;
    assert_eq!(bench.server.control(), None);
    let advance = bench.call(reqwest::Method::POST, "/clock/advance").body("{\"seconds\": 60}");
    assert_eq!(bench.send(advance).await.verdict(), "404 unrecognized-request-url");
}

#[tokio::test]
async fn the_clock_is_told_and_moved_forward_alone() {
    let bench = Bench::start().await;
    let control = bench.server.control().unwrap();
    let advance = |body: &'static str| bench.client.post(format!("{control}/clock/advance")).body(body);
    assert_eq!(bench.send(bench.client.get(format!("{control}/clock"))).await.status, 200);
    for (body, status) in [
        ("{\"seconds\": 60}", 200),
        ("{\"seconds\": \"60\"}", 200),
        ("{\"seconds\": 0.5}", 200),
        ("{\"seconds\": -1}", 400),
        ("{\"seconds\": 1e30}", 400),
        ("{\"seconds\": 1e13}", 409),
        ("{}", 400),
        ("sixty", 400),
    ] {
        assert_eq!(bench.send(advance(body)).await.status, status, "{body}");
    }
    let unknown = bench.client.get(format!("{control}/uploads/viUnknown"));
    assert_eq!(bench.send(unknown).await.status, 404);
}
