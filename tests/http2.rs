//! `uptake check --http2`: the same verdicts as over HTTP/1.1, but for what only HTTP/1.1 has; and servers that do not speak HTTP/2.
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

mod common;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use serde_json::Value;
use uptake_outcome::{HttpVersion, RuleResult, Run, Verdict};
use uptake_reference::Tls;

use self::common::{Bench, Ended, Setup, command, rules_of_api_video, run};

/// The rules that do not hold. Over HTTP/1.1 all do, but for those on rate limits, which the tests' server does not have.
fn exceptions(run: &Run) -> String {
    let holds = |verdict| matches!(verdict, Verdict::Passed | Verdict::Tolerated);
    let others = run.rules.iter().filter(|rule| !holds(rule.verdict));
    let reason = |rule: &RuleResult| rule.reason.clone().unwrap_or_default();
    let lines: Vec<String> =
        others.map(|rule| format!("{}: {}, {}\n", rule.id, rule.verdict, reason(rule))).collect();
    lines.concat()
}

/// Runs the whole suite over HTTP/2 against a faithful server.
fn whole_suite(setup: Setup, arguments: &[&str]) -> String {
    let (ended, run) = Bench::start(setup).check(&[&["--http2"], arguments].concat());
    ended.with_code(0);
    assert_eq!(run.target.http_version, HttpVersion::Http2);
    assert_eq!(run.summary.rules, rules_of_api_video());
    assert_eq!(run.leftovers, [], "what the run made it also removed");
    exceptions(&run)
}

#[test]
fn every_rule_holds_with_prior_knowledge_but_for_what_only_http1_has() {
    insta::assert_snapshot!(whole_suite(Setup::default(), &[]), @r"
    HTTP-05: not applicable, the target does not declare the capability `rate-limit`
    HTTP-08: not applicable, needs HTTP/1.1
    HTTP-19: not applicable, needs HTTP/1.1
    HTTP-20: not applicable, the target does not declare the capability `rate-limit`
    HTTP-23: not applicable, needs HTTP/1.1
    HTTP-26: not applicable, the target does not declare the capability `rate-limit`
    ");
}

#[test]
fn every_rule_holds_over_tls_but_for_what_only_http1_has() {
    let mut setup = Setup::default();
    setup.config.tls = Some(Tls::SelfSigned);
    insta::assert_snapshot!(whole_suite(setup, &["--insecure"]), @r"
    HTTP-05: not applicable, the target does not declare the capability `rate-limit`
    HTTP-08: not applicable, needs HTTP/1.1
    HTTP-19: not applicable, needs HTTP/1.1
    HTTP-20: not applicable, the target does not declare the capability `rate-limit`
    HTTP-23: not applicable, needs HTTP/1.1
    HTTP-26: not applicable, the target does not declare the capability `rate-limit`
    ");
}

#[test]
fn every_report_names_the_version_of_each_exchange() {
    let bench = Bench::start(Setup::wrong(&[uptake_reference::Defect::all()[0]]));
    let path = |name: &str| bench.folder.path(name);
    let reports = ["junit=a.xml", "ctrf=a.json", "html=a.html", "markdown=a.md", "har=a.har"];
    let mut arguments = vec!["--http2".to_owned(), "--area".to_owned(), "auth".to_owned()];
    for report in reports {
        let (format, name) = report.split_once('=').unwrap();
        arguments.extend(["--report".to_owned(), format!("{format}={}", path(name))]);
    }
    arguments.extend(["--events".to_owned(), path("events.jsonl")]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (ended, result) = bench.check(&arguments);
    let ended = ended.with_code(1);

    let findings: Vec<_> = result.rules.iter().flat_map(|rule| &rule.findings).collect();
    let exchanges: Vec<_> = findings.iter().filter_map(|finding| finding.exchange.as_ref()).collect();
    assert!(!exchanges.is_empty());
    assert!(exchanges.iter().all(|exchange| exchange.http_version == HttpVersion::Http2));
    assert!(exchanges.iter().all(|exchange| exchange.curl.contains("--http2-prior-knowledge")));
    assert!(
        ended.stdout.contains(" over HTTP/2\n") && ended.stdout.contains("response  HTTP/2 "),
        "{}",
        ended.stdout
    );
    for name in ["a.xml", "a.json", "a.html", "a.md"] {
        let text = bench.folder.read(name);
        assert!(text.contains("HTTP/2") && text.contains("--http2-prior-knowledge"), "{name}: {text}");
    }
    let archive: Value = serde_json::from_str(&bench.folder.read("a.har")).unwrap();
    let entries = archive["log"]["entries"].as_array().unwrap();
    assert!(entries.iter().all(|entry| entry["request"]["httpVersion"] == "HTTP/2"));
    let events = bench.folder.read("events.jsonl");
    let sent = events.lines().filter(|line| line.contains("\"curl\":"));
    assert!(
        sent.clone().count() > 0 && sent.clone().all(|line| line.contains("\"http_version\":\"HTTP/2\""))
    );
}

/// `check --http2` against a server on `url`.
fn checked(url: &str) -> Ended {
    run(command(&["check", "--http2", "--insecure", "--target", url])
        .env("UPTAKE_API_KEY", "a-key-of-the-tests"))
}

/// A server that sends this on each connection, whatever it is asked; it ends with the test.
fn saying(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1024]).and_then(|_| stream.write_all(bytes));
        }
    });
    format!("http://{address}")
}

/// A server over TLS that offers these protocols.
fn offering(protocols: &[&[u8]]) -> String {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let mut config = config.with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let _ = session.complete_io(&mut stream);
        }
    });
    format!("https://localhost:{port}")
}

/// What a run against a server that cannot be tested says, without its port and its time.
fn out_of_reach(url: &str) -> String {
    let ended = checked(url).with_code(3);
    let line = ended.stdout.lines().find(|line| line.starts_with("COULD NOT TEST")).unwrap();
    assert!(!ended.stdout.contains(" passed") && !ended.stdout.contains(" failed"), "{}", ended.stdout);
    let port = url.rsplit(':').next().unwrap();
    line.replace(port, "PORT").split(", in ").next().unwrap().to_owned()
}

#[test]
fn a_server_without_http2_is_named_with_what_it_negotiated_and_judged_by_nothing() {
    let http1 =
        saying(b"HTTP/1.1 505 HTTP Version Not Supported\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    insta::assert_snapshot!(out_of_reach(&http1), @"COULD NOT TEST: the target is unreachable: 127.0.0.1:PORT does not speak HTTP/2: it responded to an HTTP/2 request in HTTP/1.1; omit --http2");
    insta::assert_snapshot!(out_of_reach(&offering(&[b"http/1.1"])), @"COULD NOT TEST: the target is unreachable: localhost:PORT does not speak HTTP/2: it negotiated HTTP/1.1 by ALPN; omit --http2");
    insta::assert_snapshot!(out_of_reach(&offering(&[])), @"COULD NOT TEST: the target is unreachable: localhost:PORT does not speak HTTP/2: it negotiated no protocol by ALPN; omit --http2");
}

#[test]
fn a_server_that_goes_away_at_once_is_out_of_reach() {
    // SETTINGS, and GOAWAY that says that no stream was processed.
    let gone = saying(b"\0\0\0\x04\0\0\0\0\0\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\0");
    insta::assert_snapshot!(out_of_reach(&gone), @"COULD NOT TEST: the target is unreachable: the server ended the connection (GOAWAY, NO_ERROR) without a response");
}
