//! HTTP/1.1 and HTTP/2, plain and under TLS, over connections that are kept.

use std::sync::atomic::Ordering;

use uptake_outcome::load::Phase;

use super::load_sink;
use super::sink::{Habits, Sink};

const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/wire/src/tests/authority.pem");
const MANY: [&str; 8] = ["--uploads", "60", "--uploaders", "4", "--size", "300KiB", "--segment", "200KiB"];

fn body_bytes(sink: &Sink) -> u64 {
    let files = 60 * 300 * 1024;
    let trimmings = sink.bytes().checked_sub(files).expect("all of every file arrived");
    // Boundaries and part heads of 120 forms.
    assert!(trimmings < 120 * 600, "{trimmings}");
    files
}

#[test]
fn connections_are_kept_and_taken_again() {
    let sink = Sink::plain();
    let run = load_sink(&sink, &MANY);
    assert_eq!(run.summary.segments, 120);
    assert_eq!(run.summary.goodput_bytes, body_bytes(&sink));
    assert!(run.summary.connections <= 4, "{}", run.summary.connections);
    assert_eq!(run.phases[&Phase::Connect].count, run.summary.connections);
    assert!(!run.phases.contains_key(&Phase::Tls));
}

#[test]
fn tls_with_an_authority_of_ones_own() {
    let sink = Sink::start(Habits { is_tls: true, ..Habits::default() });
    let run = load_sink(&sink, &[&MANY[..], &["--ca", AUTHORITY, "--address", &sink.address()]].concat());
    assert_eq!((run.summary.uploads, run.summary.goodput_bytes), (60, body_bytes(&sink)));
    assert_eq!(run.phases[&Phase::Tls].count, run.summary.connections);
    assert_eq!(sink.seen.http2.load(Ordering::SeqCst), 0);
}

#[test]
fn http2_plain_and_under_tls() {
    for is_tls in [false, true] {
        let sink = Sink::start(Habits { is_tls, is_http2: true, ..Habits::default() });
        let address = sink.address();
        let run = load_sink(
            &sink,
            &[&MANY[..], &["--http2", "--ca", AUTHORITY, "--address", &address, "--threads", "1"]].concat(),
        );
        assert_eq!((run.summary.uploads, run.summary.goodput_bytes), (60, body_bytes(&sink)));
        assert_eq!(sink.seen.http2.load(Ordering::SeqCst), 120);
        assert_eq!(run.summary.connections, 1, "uploads share a connection");
    }
}

#[test]
fn several_addresses_are_taken_in_turn() {
    let (one, other) = (Sink::plain(), Sink::plain());
    let addresses = [one.address(), other.address()];
    let arguments = [
        "--uploads",
        "40",
        "--uploaders",
        "4",
        "--size",
        "1MiB",
        "--address",
        &addresses[0],
        "--address",
        &addresses[1],
    ];
    let run = load_sink(&one, &arguments);
    assert_eq!(run.summary.uploads, 40);
    assert!(one.requests() > 0 && other.requests() > 0, "{} and {}", one.requests(), other.requests());
    assert_eq!(one.requests() + other.requests(), 40);
}

#[test]
fn a_kept_connection_that_was_closed_is_no_failure_of_the_upload() {
    let sink = Sink::start(Habits { closes: true, ..Habits::default() });
    let run = load_sink(&sink, &["--uploads", "20", "--uploaders", "1", "--size", "1KiB"]);
    assert_eq!((run.summary.uploads, run.summary.errors), (20, 0));
    assert_eq!(run.summary.retries, 19);
    assert!(
        run.warnings.iter().any(|warning| warning.contains("19 requests were repeated")),
        "{:?}",
        run.warnings
    );
}
