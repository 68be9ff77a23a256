//! The figures of a load run while it goes on, as Prometheus and the dashboard of the guide see them.
#![cfg(unix)]

#[path = "common/mod.rs"]
mod common;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Folder, command, uptake};

/// The text at an address, without the head.
fn scrape(address: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.strip_prefix("HTTP/1.1 200 OK\r\n")?.split_once("\r\n\r\n").map(|(_, text)| text.to_owned())
}

/// The value of the figure whose line begins like this.
fn value(text: &str, begins: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.starts_with(begins))?;
    line.rsplit_once(' ')?.1.parse().ok()
}

/// The names of the figures in a text, and those of its histograms as a whole, which are the names of native histograms.
fn names(text: &str) -> BTreeSet<&str> {
    let histograms = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" histogram"));
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    histograms.chain(lines.filter_map(|line| line.split(['{', ' ']).next())).collect()
}

#[test]
fn a_run_shows_its_figures_with_the_shard_until_it_ends() {
    let folder = Folder::new();
    let results = folder.path("results");
    let arguments = [
        "load",
        "--rate",
        "80/s",
        "--duration",
        "5s",
        "--size",
        "4KiB",
        "--allow-saturated",
        "--shard",
        "2/4",
        "--results",
        &results,
        "--metrics",
        "prometheus=127.0.0.1:0",
    ];
    let mut child =
        command(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    stderr.read_line(&mut line).expect("a line");
    let url = line.trim().strip_prefix("metrics at http://").unwrap_or_else(|| panic!("{line}"));
    let address = url.strip_suffix("/metrics").expect("the path");
    let completed = "uptake_load_uploads_total{shard=\"2/4\",outcome=\"completed\"}";
    let deadline = Instant::now() + Duration::from_secs(60);
    let text = loop {
        assert!(Instant::now() < deadline, "no upload was shown");
        let text = scrape(address).expect("the run goes on");
        if value(&text, completed).is_some_and(|value| value > 0.0) {
            break text;
        }
    };
    let samples = value(&text, "uptake_load_phase_seconds_count{shard=\"2/4\",phase=\"upload\"}");
    assert_eq!(samples, value(&text, completed));
    assert_eq!(
        value(&text, "uptake_load_phase_seconds_bucket{shard=\"2/4\",phase=\"upload\",le=\"+Inf\"}"),
        samples
    );
    // The dashboard asks for no figure that is not there.
    let dashboard =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/src/grafana/uptake-load.json"));
    let dashboard: serde_json::Value =
        serde_json::from_str(&dashboard.expect("the dashboard")).expect("JSON");
    let asked = serde_json::to_string(&dashboard).expect("text");
    let asked: BTreeSet<&str> = asked
        .match_indices("uptake_load_")
        .map(|(at, _)| {
            asked[at..].split(|c: char| c != '_' && !c.is_ascii_lowercase()).next().unwrap_or_default()
        })
        .collect();
    assert!(asked.len() > 6, "{asked:?}");
    assert_eq!(asked.difference(&names(&text)).collect::<Vec<_>>(), Vec::<&&str>::new());
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).expect("the rest");
    assert_eq!(child.wait().expect("it ends").code(), Some(0), "{rest}");
    assert!(TcpStream::connect(address).is_err(), "nothing listens any more");
}

#[test]
fn a_destination_that_cannot_be_used_is_told_before_anything_is_sent() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let taken = format!("prometheus={}", taken.local_addr().expect("its address"));
    let otlp =
        if cfg!(feature = "telemetry") { "--metrics otlp: write a URL" } else { "--features telemetry" };
    let cases: [(&[&str], &str); 5] = [
        (&["load", "-n", "1", "--metrics", "otlp=localhost:4318"], otlp),
        (
            &["load", "--find-capacity", "errors < 1%", "--metrics", "otlp"],
            "--metrics cannot be used with --find-capacity",
        ),
        (&["load", "-n", "1", "--metrics", "statsd=127.0.0.1:8125"], "write prometheus=ADDRESS:PORT"),
        (&["load", "-n", "1", "--metrics", &taken], "choose another address or port"),
        (
            &["load", "--find-capacity", "errors < 1%", "--metrics", "prometheus=127.0.0.1:0"],
            "--metrics cannot be used with --find-capacity",
        ),
    ];
    for (arguments, hint) in cases {
        let ended = uptake(arguments).with_code(2);
        assert!(ended.stderr.contains(hint), "{arguments:?}: {}", ended.stderr);
    }
}
