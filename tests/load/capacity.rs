//! The search for the capacity of a target.

use std::time::Duration;

use uptake_outcome::load::{CapacityBound, CapacityRun, LoadUnit};

use super::common::{Ended, Folder, command, run};
use super::queue;
use super::sink::{Habits, Sink};

fn search(url: &str, arguments: &[&str]) -> (Ended, Option<CapacityRun>) {
    let folder = Folder::new();
    let report = format!("json={}", folder.path("capacity.json"));
    let own = ["load", "--target", url, "--upload-token", "a-token", "--size", "1KiB", "--report", &report];
    let ended = run(&mut command(&[&own, arguments].concat()));
    let text = std::fs::read_to_string(folder.root().join("capacity.json")).ok();
    (ended, text.and_then(|text| serde_json::from_str(&text).ok()))
}

#[test]
fn what_does_not_go_with_a_search_is_refused_before_anything_is_sent() {
    let sink = Sink::plain();
    for (arguments, hint) in [
        (
            &["--find-capacity", "upload.p99 2s"][..],
            "write upload.p99 < 2s, or upload.p99 < 2s and errors < 0.1%",
        ),
        (&["--find-capacity", "errors < 1%", "--stages", "1/s for 5s"], "--stages: the search decides"),
        (&["--find-capacity", "errors < 1%", "--uploads", "5"], "--uploads: each load"),
        (&["--find-capacity", "errors < 1%", "--fail-if", "errors > 1%"], "--fail-if: the condition"),
        (&["--find-capacity", "errors < 1%", "--duration", "2s"], "at least 4 s"),
        (&["--find-capacity", "errors < 1%", "--report", "csv=-"], "write json=FILE or html=FILE"),
    ] {
        let (ended, _) = search(sink.url(), arguments);
        let ended = ended.with_code(2);
        assert!(ended.stderr.contains(hint), "{hint}: {}", ended.stderr);
    }
    assert_eq!(sink.requests(), 0);
}

#[test]
fn a_target_that_refuses_every_upload_has_no_capacity() {
    let sink = Sink::start(Habits { status: Some(503), ..Habits::default() });
    let arguments =
        ["--find-capacity", "errors < 1%", "--uploaders", "1", "--duration", "4s", "--allow-saturated"];
    let (ended, found) = search(sink.url(), &arguments);
    ended.with_code(4);
    let found = found.expect("a report");
    assert_eq!(
        (found.capacity, found.bound, found.unit),
        (None, CapacityBound::Nothing, LoadUnit::Uploaders)
    );
    assert_eq!(found.steps.len(), 1, "fewer uploaders than one are not tried");
}

/// `cargo test --test load -- --ignored capacity`. The searches in computed time are unit tests of the crate `load`.
#[test]
#[ignore = "it takes minutes, and a machine that does nothing else"]
fn the_capacity_of_a_queue_is_found_within_five_percent() {
    // Eight servers with a mean service time of 40 ms: at this rate 1 % of the responses takes longer than 300 ms (M/M/8).
    const CAPACITY: f64 = 181.59;
    let url = queue::start(8, Duration::from_millis(40));
    let condition = [
        "--find-capacity",
        "upload.p99 < 300ms and errors < 0.1%",
        "--arrivals",
        "poisson",
        "--duration",
        "8s",
    ];
    let (ended, found) = search(&url, &condition);
    let ended = ended.with_code(0);
    let found = found.expect("a report").capacity.expect("a capacity");
    assert!((found / CAPACITY - 1.0).abs() < 0.05, "{found}: {}", ended.stdout);
}
