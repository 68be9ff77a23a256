//! Why a TLS handshake failed, and what every request says of its sender.

use std::io::Read as _;
use std::net::TcpListener;

use super::common::uptake;
use super::sink::{Habits, Sink};

const TOKEN: [&str; 4] = ["--upload-token", "a-token", "--uploads", "1"];

fn refused(url: &str, arguments: &[&str]) -> String {
    uptake(&[&["load", "--target", url], &TOKEN[..], arguments].concat()).with_code(3).stderr
}

#[test]
fn a_handshake_that_fails_is_explained_before_the_run() {
    let sink = Sink::start(Habits { is_tls: true, ..Habits::default() });
    let address = sink.address();
    let untrusted = refused(sink.url(), &["--address", &address]);
    assert!(
        untrusted.contains("not signed by a trusted authority: name its authority with --ca"),
        "{untrusted}"
    );
    let authority = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/wire/src/tests/authority.pem");
    let other_name = sink.url().replace("localhost", "other.example");
    let wrong_name = refused(&other_name, &["--ca", authority, "--address", &address]);
    assert!(wrong_name.contains("not valid for `other.example`"), "{wrong_name}");
    let plain_sink = Sink::plain();
    let plain = refused(&plain_sink.url().replace("http://", "https://"), &[]);
    assert!(plain.contains("TLS on this port"), "{plain}");
    assert_eq!(sink.requests(), 0);
}

#[test]
fn every_request_names_uptake_as_its_sender() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let reading = std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut head = Vec::new();
            let mut buffer = [0; 4_096];
            let mut socket = socket.expect("a caller");
            while let Ok(count @ 1..) = socket.read(&mut buffer) {
                head.extend_from_slice(&buffer[..count]);
                if head.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
                    return String::from_utf8_lossy(&head).into_owned();
                }
            }
        }
        String::new()
    });
    uptake(&[&["load", "--target", &url], &TOKEN[..], &["--size", "1KiB"]].concat()).with_code(3);
    let head = reading.join().expect("a request");
    assert!(head.contains(concat!("\r\nUser-Agent: uptake/", env!("CARGO_PKG_VERSION"), "\r\n")), "{head}");
}
