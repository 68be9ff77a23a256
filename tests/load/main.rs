//! `uptake load` and `uptake report` from outside: the binary against servers of the test.

#[path = "../common/mod.rs"]
mod common;

mod bounded;
mod capacity;
mod digests;
mod early;
mod honest;
mod judged;
mod keeper;
mod offered;
mod paced;
mod queue;
mod recorded;
mod reports;
mod sink;
mod spoken;
mod suites;
mod tls;
mod ways;

use common::{Ended, Folder, command, run};
use uptake_outcome::load::LoadRun;

/// Runs `uptake load`; a busy machine is no matter of these tests unless they say so.
fn load(folder: &Folder, arguments: &[&str]) -> (Ended, Option<LoadRun>) {
    let report = format!("json={}", folder.path("load.json"));
    let own = ["load", "--allow-saturated", "--report", &report];
    let ended = run(&mut command(&[&own, arguments].concat()));
    let path = folder.root().join("load.json");
    let text = std::fs::read_to_string(path).ok();
    (ended, text.map(|text| uptake_report::load::read(&text).expect("a load run")))
}

/// The same against a sink, with a token that is used as it is.
fn load_sink(sink: &sink::Sink, arguments: &[&str]) -> LoadRun {
    let folder = Folder::new();
    let own = ["--target", sink.url(), "--upload-token", "a-token-of-the-tests"];
    let (ended, run) = load(&folder, &[&own, arguments].concat());
    ended.with_code(0);
    run.expect("a report")
}
