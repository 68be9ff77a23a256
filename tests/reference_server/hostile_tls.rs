//! Callers that mean harm before a connection is secured: they get an alert or a closed connection, and the next caller is
//! served as ever.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use uptake_reference::{Config, Tls};

use crate::http2::{Caller, address};
use crate::support::{Bench, config};

/// A record of TLS.
fn record(kind: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
    [&[kind, 3, 1, length[0], length[1]], payload].concat()
}

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION: u8 = 23;

#[tokio::test]
async fn whatever_is_no_handshake_ends_the_connection() {
    let bench = Bench::with(Config { tls: Some(Tls::SelfSigned), ..config() }).await;
    // A greeting that says to be as long as it can be.
    let endless = record(HANDSHAKE, &[1, 0xff, 0xff, 0xff]);
    let half = record(HANDSHAKE, &[&[1, 0, 2, 0][..], &[3; 100]].concat());
    let mut inputs = vec![
        b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        vec![0; 100_000],
        vec![0xff; 100_000],
        vec![0x16; 100_000],
        record(APPLICATION, &[7; 1000]),
        record(ALERT, &[2, 0]),
        record(ALERT, &[1, 90]).repeat(10_000),
        record(HANDSHAKE, &[]).repeat(10_000),
        record(HANDSHAKE, &[1, 0, 0, 0]),
        record(20, &[1]).repeat(10_000),
        [endless.clone(), record(HANDSHAKE, &[7; 16_000]).repeat(100)].concat(),
        half,
        endless,
        // A greeting of SSL 2, and a record that is longer than records may be.
        vec![0x80, 0x2e, 1, 0, 2, 0, 0x15, 0, 0, 0, 0x10],
        vec![22, 3, 1, 0xff, 0xff, 1, 2, 3],
    ];
    // Nonsense of every length.
    let mut state = 1_u32;
    for length in 0..200 {
        inputs.push(
            (0..length)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    state.to_be_bytes()[0]
                })
                .collect(),
        );
    }
    for input in inputs {
        let mut stream = TcpStream::connect(address(&bench.server)).await.unwrap();
        // A server may have heard enough.
        drop(stream.write_all(&input).await);
        drop(stream.shutdown().await);
        let mut heard = Vec::new();
        drop(stream.read_to_end(&mut heard).await);
        assert!(heard.len() < 100, "an alert at most: {heard:?} for {:?}", &input[..input.len().min(20)]);
    }
    let caller = Caller::connect(&bench.server).await;
    assert_eq!(caller.call(http::Method::GET, "/nothing", &[], Vec::new()).await.0, 404);
}

#[tokio::test]
async fn handshakes_that_are_left_are_forgotten() {
    let bench = Bench::with(Config { tls: Some(Tls::SelfSigned), ..config() }).await;
    for _ in 0..2000 {
        let mut stream = TcpStream::connect(address(&bench.server)).await.unwrap();
        stream.write_all(&[22, 3, 1, 1, 0, 1]).await.unwrap();
    }
    let caller = Caller::connect(&bench.server).await;
    assert_eq!(caller.call(http::Method::GET, "/nothing", &[], Vec::new()).await.0, 404);
}
