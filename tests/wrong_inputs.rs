//! Wrong flags, files and servers: each message says what is wrong, where, and what to do. The messages are kept beside this
//! file, and were read.

mod common;

use std::fmt::Write as _;
use std::net::TcpListener;

use tokio::runtime::Runtime;
use uptake_reference::{Config, Server, Tls};

use self::common::{Ended, Folder, KEY, Little, Reply, command, run};

/// Runs each command in a folder of its own, and writes down what it printed.
fn told(folder: &Folder, commands: &[&str]) -> String {
    let mut told = String::new();
    for line in commands {
        let words: Vec<&str> = line.split(' ').collect();
        let mut uptake = command(&words);
        uptake.current_dir(folder.root()).env("COLUMNS", "100");
        if words[words.len() - 1] != "https://no-key.test" {
            uptake.env("UPTAKE_API_KEY", KEY);
        }
        let Ended { code, stderr, .. } = run(&mut uptake);
        assert!(![0, 1, 101].contains(&code), "{line} ended with {code}: {stderr}");
        for library in [
            "os error",
            "panicked",
            "invalid type",
            "expected value",
            "serde",
            "reqwest",
            "hyper",
            "Err(",
            "kind:",
        ] {
            assert!(!stderr.contains(library), "{line}: `{library}` is a library's word:\n{stderr}");
        }
        let _ = writeln!(told, "$ uptake {line}\n{}\nexit code {code}\n", stderr.trim_end());
    }
    told
}

#[test]
fn wrong_flags_are_explained() {
    let folder = Folder::new();
    folder.write("there/suite.yaml", "suite: mine\n");
    let text = told(
        &folder,
        &[
            "chek",
            "check --no-such-flag",
            "check --rule TTL-2",
            "check --rule ttl-02",
            "check --area tttl",
            "check --level musst",
            "check --jobs 0",
            "check --max-wait 90",
            "check --defect no-such-defect",
            "check --target https://a.test --defect expired-token-accepted",
            "check --insecure",
            "check --report junit",
            "check --report xml=a.xml",
            "check --report json=none/a.json",
            "check --report json=a.json --report junit=a.json",
            "check --report json=- --events -",
            "check --events none/a.jsonl",
            "load --rate 50",
            "load --rate 50/s --uploaders 3",
            "load --rate 50/s --duration 1s --fail-if upload.p99",
            "load --rate 50/s --size 5XB",
            "fuzz --property refusals",
            "rules TTL-99",
            "schema scenarios",
            "explain blockd",
            "completions powershel",
            "suite export there",
            "init",
            "resume",
            "report compare one.json",
        ],
    );
    insta::assert_snapshot!(text);
}

#[test]
fn wrong_files_are_explained() {
    let folder = Folder::new();
    for (name, text) in [
        ("key.yaml", "target: t\nbase-url: https://a.test\nlimit: { min-segment: 5MiB }\n"),
        ("url.yaml", "target: t\nbase-url: a.test\n"),
        ("clock.yaml", "target: t\nbase-url: https://a.test\ncapabilities: [clock]\n"),
        ("size.yaml", "target: t\nbase-url: https://a.test\nlimits: { min-segment: 5 megabytes }\n"),
        ("grace.yaml", "target: t\nbase-url: https://a.test\ngrace: 24\n"),
        (
            "variable.yaml",
            "target: t\nbase-url: https://a.test\ncredentials: { api-key: { env: NOT_SET_ANYWHERE } }\n",
        ),
        ("secret.yaml", "target: t\nbase-url: https://a.test\ncredentials: { api-key: my-secret-key }\n"),
        ("empty.yaml", ""),
        ("open.yaml", "target: [ t\nbase-url: https://a.test\n"),
        ("tab.yaml", "target: t\nlimits:\n\tmin-segment: 5MiB\n"),
        ("twice.yaml", "target: t\ntarget: u\nbase-url: https://a.test\n"),
        (
            "waived.yaml",
            "- { rule: TTL-99, reason: known, until: 2027-01-31 }\n- { rule: TTL-02, until: 31.1.2027 }\n",
        ),
        ("plan.yaml", "load: p\nrates: 5/s\n"),
        ("stages.yaml", "load: p\nstages: [ 5/s for ever ]\n"),
        ("step.yaml", "scenario: A\nsteps:\n  - ask: { gett: / }\n"),
        ("rule.yaml", "scenario: A\nsteps:\n  - ask: { get: /, expect: { TTL-99: { status: 401 } } }\n"),
        (
            "variables.yaml",
            "scenario: A\nsteps:\n  - ask: { get: \"/${tokn}\", expect: { TTL-02: { status: 401 } } }\n",
        ),
        ("note.txt", "no report\n"),
        ("mine/suite.yaml", "suite: mine\n"),
        ("folder/read.me", "no suite\n"),
    ] {
        folder.write(name, text);
    }
    let text = told(
        &folder,
        &[
            "lint key.yaml",
            "lint url.yaml",
            "lint clock.yaml",
            "lint size.yaml",
            "lint grace.yaml",
            "check --target variable.yaml",
            "lint secret.yaml",
            "lint empty.yaml",
            "lint open.yaml",
            "lint tab.yaml",
            "lint twice.yaml",
            "check --waivers waived.yaml",
            "lint plan.yaml",
            "load stages.yaml",
            "lint step.yaml",
            "lint rule.yaml",
            "lint variables.yaml",
            "check folder",
            "lint mine",
            "check --target localhost:8080",
            "check --target https://user:password@a.test",
            "check --target https://no-key.test",
        ],
    );
    insta::assert_snapshot!(text);
}

/// A reference server, with the runtime that it needs, and where it listens.
fn reference(tls: Option<Tls>) -> ((Runtime, Server), String) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let config = Config { api_key: KEY.to_owned(), tls, ..Config::default() };
    let server = runtime.block_on(Server::start(config)).expect("a server starts");
    let origin = server.origin();
    ((runtime, server), origin)
}

#[test]
fn wrong_servers_are_explained() {
    let refusing = Little::start(|_| Reply::status(401).json(&serde_json::json!({ "title": "no" })));
    let garbage = Little::start(|_| Reply::raw("SSH-2.0-OpenSSH_9.2\r\n"));
    let closing = Little::start(|_| Reply::raw(""));
    // Bound and given back: nobody listens there.
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
    let (plain, tls) = (reference(None), reference(Some(Tls::SelfSigned)));
    let mut text = String::new();
    for (what, origin) in [
        ("speaks TLS, asked by http", tls.1.replace("https://", "http://")),
        ("speaks no TLS, asked by https", plain.1.replace("http://", "https://")),
        ("refuses the API key", refusing.origin()),
        ("does not speak HTTP", garbage.origin()),
        ("closes each connection", closing.origin()),
        ("does not listen", format!("http://{nobody}")),
    ] {
        for arguments in [
            &["check", "--rule", "TOKEN-01", "--target", &origin][..],
            &["load", "--rate", "5/s", "--duration", "1s", "--target", &origin],
            &["fuzz", "--cases", "2", "--target", &origin],
        ] {
            let ended = run(command(arguments).env("UPTAKE_API_KEY", KEY));
            assert!([1, 3, 4].contains(&ended.code), "{arguments:?}: {}{}", ended.stdout, ended.stderr);
            let said = format!("{}{}", ended.stderr, ended.stdout);
            let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
            let reason = ended.stderr.lines().find(|line| line.starts_with("error")).unwrap_or(last);
            let reason = reason
                .replace(&origin, "ORIGIN")
                .replace(origin.trim_start_matches("http://").trim_start_matches("https://"), "ADDRESS");
            let _ =
                writeln!(text, "a server that {what}, {}, exit code {}: {reason}", arguments[0], ended.code);
        }
    }
    let text =
        regex::Regex::new(r"in \d+\.\d s").expect("a pattern").replace_all(&text, "in N s").into_owned();
    insta::assert_snapshot!(text);
}
