//! Responses that come before the request body has been received, and the bytes that count as delivered.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use uptake_outcome::load::LoadRun;

use super::common::Folder;
use super::sink::{Habits, Sink};
use super::{Ended, load, load_sink};

const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/wire/src/tests/authority.pem");
const FORMS: [&str; 6] = ["--uploads", "8", "--uploaders", "2", "--size", "8MiB"];
const SIZE: u64 = 8 << 20;

/// A server that answers 201 as soon as it has the head of a request, and never reads the body.
fn deaf_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.expect("a caller");
            std::thread::spawn(move || {
                // What fits into this is the head and a little of the body.
                let read = socket.read(&mut [0; 1_024]).unwrap_or(0);
                if read > 0 {
                    let _ = socket.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
                    // It stays open, and unread.
                    std::thread::park();
                }
            });
        }
    });
    url
}

fn run(url: &str, arguments: &[&str]) -> (Ended, LoadRun) {
    let folder = Folder::new();
    let own = ["--target", url, "--upload-token", "a-token", "--ca", AUTHORITY];
    let (ended, run) = load(&folder, &[&own, arguments].concat());
    (ended, run.expect("a report"))
}

fn assert_refused(run: &LoadRun) {
    assert_eq!((run.summary.uploads, run.summary.errors), (0, 8), "{:?}", run.errors);
    assert_eq!((run.summary.goodput_bytes, run.summary.early_responses), (0, 8));
    let error = &run.errors[0];
    assert_eq!((error.step.as_str(), error.class.as_str(), error.count), ("segment", "early", 8));
}

#[test]
fn a_success_before_the_body_was_sent_is_a_failure_of_the_upload() {
    let (ended, run) = run(&deaf_server(), &FORMS);
    assert_refused(&run);
    let ended = ended.with_code(4);
    assert!(ended.stdout.contains("8 responses came before their request had been sent"), "{}", ended.stdout);
}

#[test]
fn a_body_that_fits_into_the_buffers_of_this_machine_was_not_sent_either() {
    let small = ["--uploads", "8", "--uploaders", "2", "--size", "5MiB", "--segment", "3MiB"];
    let (_, run) = run(&deaf_server(), &small);
    assert_refused(&run);
}

#[test]
fn early_responses_are_seen_over_tls_and_http2_too() {
    for (is_tls, is_http2) in [(true, false), (false, true), (true, true)] {
        let sink = Sink::start(Habits { is_tls, is_http2, is_early: true, ..Habits::default() });
        let address = sink.address();
        let mut arguments = FORMS.to_vec();
        arguments.extend(["--address", &address]);
        if is_http2 {
            arguments.push("--http2");
        }
        let (_, run) = run(sink.url(), &arguments);
        assert_refused(&run);
    }
}

#[test]
fn an_early_refusal_is_known_by_its_status() {
    let sink = Sink::start(Habits { is_early: true, status: Some(413), ..Habits::default() });
    let (_, run) = run(sink.url(), &FORMS);
    assert_eq!(run.errors[0].status, Some(413), "{:?}", run.errors);
    assert_eq!(run.summary.early_responses, 8);
}

#[test]
fn early_responses_may_be_allowed_and_only_bytes_that_were_sent_count() {
    let arguments = [&FORMS[..], &["--allow-early"]].concat();
    let (ended, run) = run(&deaf_server(), &arguments);
    ended.with_code(0);
    assert_eq!((run.summary.uploads, run.summary.early_responses), (8, 8));
    assert!(run.summary.goodput_bytes < 8 * SIZE, "{:?}", run.summary);
    assert!(run.summary.goodput_bytes <= run.summary.bytes_sent, "{:?}", run.summary);
}

#[test]
fn bytes_acknowledged_sent_and_on_the_wire_are_three_figures() {
    let arguments = ["--uploads", "8", "--uploaders", "2", "--size", "1MiB"];
    let plain = load_sink(&Sink::plain(), &arguments).summary;
    assert_eq!(plain.goodput_bytes, 8 << 20);
    assert!(plain.bytes_sent > plain.goodput_bytes, "heads and forms: {plain:?}");
    assert_eq!(plain.bytes_on_wire, plain.bytes_sent);
    for is_http2 in [false, true] {
        let sink = Sink::start(Habits { is_tls: true, ..Habits::default() });
        let address = sink.address();
        let mut tls = vec!["--ca", AUTHORITY, "--address", &address];
        if is_http2 {
            tls.push("--http2");
        }
        let summary = load_sink(&sink, &[&arguments[..], &tls].concat()).summary;
        assert_eq!(summary.goodput_bytes, 8 << 20);
        assert!(summary.bytes_on_wire > summary.bytes_sent, "TLS records: {summary:?}");
        assert!(summary.bytes_on_wire < summary.bytes_sent + (1 << 20), "{summary:?}");
    }
}
