//! What stands between uptake and a server: gateways that ask for headers, content codings, redirects, proxies and presigned URLs.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::GzEncoder;

use self::common::{Bench, Folder, Little, Recorder, Reply, Setup, command, run, uptake};

const SUITE: &str = "suite: open\nareas: { x: all }\nrules:\n  - { id: X-01, area: x, level: must, text: It holds, source: [test] }\n";

/// A suite of one scenario, in a folder of its own.
fn suite(scenario: &str) -> Folder {
    let folder = Folder::new();
    folder.write("suite.yaml", SUITE);
    folder.write("x/one.yaml", scenario);
    folder
}

/// Checks a server with the suite, and gives everything that was printed and reported.
fn everything_said(folder: &Folder, target: &str, code: i32) -> String {
    let [json, html, har] = ["run.json", "run.html", "run.har"].map(|name| folder.path(name));
    let reports = [format!("json={json}"), format!("html={html}"), format!("har={har}")];
    let mut arguments = vec!["check".to_owned(), folder.path(""), "--target".to_owned(), target.to_owned()];
    arguments.extend(reports.into_iter().flat_map(|report| ["--report".to_owned(), report]));
    let ended = uptake(&arguments).with_code(code);
    let files = ["run.json", "run.html", "run.har"].map(|name| folder.read(name)).concat();
    format!("{}{}{files}", ended.stdout, ended.stderr)
}

#[test]
fn headers_of_the_profile_are_sent_with_every_request_and_those_from_elsewhere_are_secrets() {
    let mut recorder = None;
    let bench = Bench::behind(Setup::default(), |origin| {
        let before = Recorder::before(origin);
        let origin = before.origin();
        recorder = Some(before);
        origin
    });
    let recorder = recorder.unwrap();
    bench.folder.write("gateway.key", "the-gateways-secret\n");
    let headers =
        "headers:\n  User-Agent: acme-ci/1\n  X-Tenant: acme\n  X-Gateway-Key: { file: gateway.key }\n";
    let profile = bench.folder.write("gateway.yaml", &(bench.folder.read("target.yaml") + headers));
    let report = format!("json={}", bench.folder.path("run.json"));
    uptake(&["check", "--target", &profile, "--rule", "TOKEN-01", "--report", &report]).with_code(0);
    uptake(&["load", "--target", &profile, "--uploaders", "1", "--uploads", "2", "--size", "1KiB"])
        .with_code(0);
    uptake(&["fuzz", "--target", &profile, "--cases", "1", "--property", "partition"]).with_code(0);
    assert!(!bench.folder.read("run.json").contains("the-gateways-secret"));
    for talk in recorder.talks() {
        // A connection that only looks whether the server is there sends nothing.
        let sent = String::from_utf8_lossy(&talk.sent).to_lowercase();
        for header in ["user-agent: acme-ci/1", "x-tenant: acme", "x-gateway-key: the-gateways-secret"] {
            assert!(sent.is_empty() || sent.contains(header), "{header} is missing in {sent}");
        }
        assert!(!sent.contains("user-agent: uptake"), "{sent}");
    }
}

#[test]
fn headers_that_uptake_writes_itself_are_refused_with_their_line() {
    let folder = Folder::new();
    let text = "target: x\nbase-url: http://127.0.0.1:1\nheaders:\n  Host: elsewhere\n";
    let ended = uptake(&["lint", &folder.write("target.yaml", text)]).with_code(2);
    assert!(ended.stderr.contains("uptake sets the header Host itself"), "{}", ended.stderr);
    assert!(ended.stderr.contains("target.yaml:4:3"), "{}", ended.stderr);
}

#[test]
fn a_coded_body_is_judged_as_what_it_holds_and_the_coding_is_one_warning() {
    let scenario = "scenario: It is there\nsteps:\n  - ask: { get: /thing, expect: { X-01: { status: 200, json: { $.name: thing } } } }\n  - again: { get: /thing, expect: { status: 200, json: { $.name: thing } } }\n";
    let folder = suite(scenario);
    let server = Little::start(|_| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(br#"{ "name": "thing" }"#).unwrap();
        Reply::status(200)
            .header("Content-Type", "application/json")
            .header("Content-Encoding", "gzip")
            .body(gzip.finish().unwrap())
    });
    let said = everything_said(&folder, &server.origin(), 0);
    let run = folder.run("run.json");
    // The two of the scenario, and that of the request which looks whether the target is there.
    assert_eq!(run.warnings.len(), 1, "{:?}", run.warnings);
    assert!(
        run.warnings[0].starts_with("3 responses came with Content-Encoding: gzip"),
        "{:?}",
        run.warnings
    );
    assert!(said.contains("Content-Encoding: gzip"), "{said}");
}

#[test]
fn a_redirect_is_named_with_where_it_leads() {
    let folder =
        suite("scenario: It is there\nsteps:\n  - ask: { get: /thing, expect: { X-01: { status: 200 } } }\n");
    let server = Little::start(|_| Reply::status(301).header("Location", "https://www.example.test/thing/"));
    everything_said(&folder, &server.origin(), 1);
    let run = folder.run("run.json");
    assert_eq!(run.rules[0].findings[0].observed, "301 to https://www.example.test/thing/");
}

#[test]
fn a_base_url_keeps_its_slash_where_a_path_is_empty() {
    for (base, line) in [("/files/", "POST /files/"), ("/files", "POST /files"), ("", "POST /")] {
        let folder = suite(
            "scenario: It is made\nsteps:\n  - ask: { post: \"\", expect: { X-01: { status: 201 } } }\n",
        );
        let server = Little::start(|_| Reply::status(201));
        uptake(&["check", &folder.path(""), "--target", &format!("{}{base}", server.origin())]).with_code(0);
        assert_eq!(server.lines().last().map(String::as_str), Some(line), "of {base}");
    }
}

/// What signs a URL in the ways of three object stores.
const SIGNED: &str = "X-Amz-Signature=5d67aff0&X-Amz-Credential=AKIAEXAMPLE%2Feu&sig=QUJDREVGRw%3D%3D&X-Goog-Signature=00ff00ff99&part=17";

#[test]
fn what_signs_a_url_is_in_no_report() {
    let scenario = "scenario: It is put where the server says\nsteps:\n  - ask: { post: /uploads, expect: { status: 201 }, save: { url: $.url } }\n  - put: { put: \"${url}\", expect: { X-01: { status: 200 } } }\n";
    let folder = suite(scenario);
    let server = Little::start(|asked| match asked.method.as_str() {
        "POST" => {
            let host = asked.header("Host").unwrap_or_default();
            let url = format!("http://{host}/put?{SIGNED}");
            Reply::status(201).header("Location", &url).json(&serde_json::json!({ "url": url }))
        }
        _ => Reply::status(403).body("SignatureDoesNotMatch: 5d67aff0"),
    });
    let said = everything_said(&folder, &server.origin(), 1);
    for secret in ["5d67aff0", "AKIAEXAMPLE", "QUJDREVGRw", "00ff00ff99"] {
        assert!(!said.contains(secret), "{secret} is told");
    }
    assert!(said.contains("part=17") && said.contains("$X_AMZ_SIGNATURE"), "the rest is shown: {said}");
}

/// The server is found under a name that only the proxy knows. What it does with an absolute URI is what a proxy does.
#[test]
fn requests_go_through_the_proxy_of_the_environment_and_reports_say_so() {
    let bench = Bench::start(Setup::default());
    let proxy = Recorder::before(&bench.origin);
    let profile = bench.folder.read("target.yaml").replace(&bench.origin, "http://uptake.test");
    let profile = bench.folder.write("proxied.yaml", &profile);
    let with_password = proxy.origin().replace("http://", "http://user:proxy-password@");
    let through = |arguments: &[&str]| {
        let mut uptake = command(arguments);
        run(uptake.env("HTTP_PROXY", &with_password).env("NO_PROXY", "elsewhere.test"))
    };
    let report = format!("json={}", bench.folder.path("run.json"));
    let ended = through(&["check", "--target", &profile, "--area", "ttl", "--report", &report]).with_code(0);
    let shown = format!("http://uptake.test/ through the proxy {}", proxy.origin());
    assert!(ended.stdout.contains(&shown), "{}", ended.stdout);
    assert!(!bench.folder.read("run.json").contains("proxy-password"));
    let load = ["load", "--target", &profile, "--uploaders", "2", "--uploads", "4", "--size", "1KiB"];
    let ended = through(&load).with_code(0);
    assert!(ended.stdout.contains(&shown), "{}", ended.stdout);
    let ended =
        through(&["fuzz", "--target", &profile, "--cases", "1", "--property", "partition"]).with_code(0);
    assert!(ended.stdout.contains(&shown), "{}", ended.stdout);
    let talks = proxy.talks();
    assert!(talks.len() > 10, "{}", talks.len());
    for talk in talks.iter().filter(|talk| !talk.sent.is_empty()) {
        assert!(talk.line().contains(" http://uptake.test/"), "{}", talk.line());
        let sent = String::from_utf8_lossy(&talk.sent);
        assert!(sent.contains("Proxy-Authorization: Basic "), "{sent}");
    }
}

#[test]
fn a_proxy_of_another_protocol_is_refused_before_anything_is_sent() {
    let folder = Folder::new();
    let profile = folder.write(
        "target.yaml",
        "target: x\nbase-url: http://uptake.test\ncredentials: { api-key: { file: key } }\n",
    );
    folder.write("key", "a-key-of-the-test");
    let list: [&[&str]; 3] =
        [&["check"], &["load", "--uploaders", "1", "--uploads", "1"], &["fuzz", "--cases", "1"]];
    for arguments in list {
        let mut uptake = command(&[arguments, &["--target", &profile]].concat());
        let ended = run(uptake.env("ALL_PROXY", "socks5://127.0.0.1:1")).with_code(2);
        assert!(ended.stderr.contains("a proxy with socks5://"), "{}", ended.stderr);
        assert!(ended.stderr.contains("NO_PROXY=uptake.test"), "{}", ended.stderr);
    }
}

/// A proxy that makes tunnels, all to one server, and keeps the first line of each request for one.
struct Tunnels {
    origin: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Tunnels {
    fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&asked);
        // It ends with the test's process.
        std::thread::spawn(move || {
            for caller in listener.incoming().map_while(Result::ok) {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || tunnel(caller, server, &kept));
            }
        });
        Self { origin, asked }
    }
}

fn tunnel(mut caller: TcpStream, server: SocketAddr, asked: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if caller.read(&mut byte).unwrap_or(0) == 0 {
            return;
        }
        head.push(byte[0]);
    }
    let line = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
    asked.lock().unwrap().push(line);
    let Ok(called) = TcpStream::connect(server) else { return };
    if caller.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").is_err() {
        return;
    }
    let (Ok(from), Ok(to)) = (caller.try_clone(), called.try_clone()) else { return };
    std::thread::spawn(move || copy(from, to));
    copy(called, caller);
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    drop(std::io::copy(&mut from, &mut to));
    drop(to.shutdown(Shutdown::Write));
}

#[test]
fn https_goes_through_a_tunnel() {
    let folder = Folder::new();
    let profile = folder.path("target.yaml");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--api-key", "a-key-of-the-test", "--discard", "--tls"];
    let mut server = command(&[&serve[..], &["--write-profile", &profile]].concat())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("listening on https://").unwrap().to_owned();
    let proxy = Tunnels::to(address.parse().unwrap());
    let text = folder.read("target.yaml").replace(&format!("https://{address}"), "https://uptake.test:8443");
    let profile = folder.write("proxied.yaml", &text);
    let through = |arguments: &[&str]| {
        run(command(&[arguments, &["--target", &profile, "--insecure"]].concat())
            .env("https_proxy", &proxy.origin))
    };
    through(&["check", "--rule", "TOKEN-01"]).with_code(0);
    let load = ["load", "--uploaders", "2", "--uploads", "4", "--size", "1KiB"];
    through(&load).with_code(0);
    through(&[&load[..], &["--http2"]].concat()).with_code(0);
    let asked = proxy.asked.lock().unwrap().clone();
    assert!(asked.len() > 4, "{asked:?}");
    assert!(asked.iter().all(|line| line == "CONNECT uptake.test:8443 HTTP/1.1"), "{asked:?}");
    let ended = run(command(&["check", "--target", &profile, "--rule", "TOKEN-01"])
        .env("https_proxy", "http://127.0.0.1:1"))
    .with_code(3);
    assert!(ended.stdout.contains("127.0.0.1:1"), "{}", ended.stdout);
    let stopped = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    server.wait().unwrap();
}
