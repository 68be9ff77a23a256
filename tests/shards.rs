//! Runs divided into shards, and their results merged, as users run them.
#![cfg(unix)]

#[path = "common/mod.rs"]
mod common;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};

use common::{Ended, Folder, command, uptake};
use uptake_outcome::load::{LoadRun, Offered, Phase};
use uptake_outcome::{FuzzRun, Run, Verdict};

const LOAD: [&str; 13] = [
    "load",
    "--rate",
    "60/s",
    "--arrivals",
    "poisson",
    "--size",
    "8KiB..64KiB",
    "--segment",
    "16KiB",
    "--duration",
    "2s",
    "--allow-saturated",
    "--quiet",
];

/// Starts every shard of a run at once, and waits for all of them.
fn shards(of: usize, arguments: &[&str], results: &str) -> Vec<Ended> {
    let start = |number: usize| -> Child {
        let shard = format!("{number}/{of}");
        let own = ["--shard", &shard, "--results", results];
        let mut command = command(&[arguments, &own].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts")
    };
    let children: Vec<Child> = (1..=of).map(start).collect();
    children.into_iter().map(|child| child.wait_with_output().expect("it ends").into()).collect()
}

fn load_run(folder: &Folder, name: &str) -> LoadRun {
    uptake_report::load::read(&folder.read(name)).expect("a load run")
}

fn merged(folder: &Folder, more: &[&str]) -> Ended {
    let (results, report) = (folder.path("results"), format!("json={}", folder.path("merged.json")));
    uptake(&[&["report", "merge", &results, "--report", &report], more].concat())
}

fn due(run: &LoadRun) -> u64 {
    match run.offered {
        Offered::Open { arrivals_due, .. } => arrivals_due,
        Offered::Closed { .. } => panic!("a rate makes the open model"),
    }
}

#[test]
fn four_shards_send_what_one_process_sends() {
    let folder = Folder::new();
    for ended in shards(4, &LOAD, &folder.path("results")) {
        ended.with_code(0);
    }
    merged(&folder, &["--expect", "4"]).with_code(0);
    let report = format!("json={}", folder.path("one.json"));
    uptake(&[&LOAD[..], &["--report", &report]].concat()).with_code(0);
    let (one, all) = (load_run(&folder, "one.json"), load_run(&folder, "merged.json"));
    let counts = |run: &LoadRun| {
        let summary = &run.summary;
        (due(run), summary.started, summary.uploads, summary.errors, summary.segments, summary.goodput_bytes)
    };
    assert_eq!(counts(&all), counts(&one));
    for phase in [Phase::Upload, Phase::Service, Phase::Segment, Phase::Token] {
        assert_eq!(all.phases[&phase].count, one.phases[&phase].count, "{}", phase.word());
    }
    assert!(all.warnings[0].starts_with("all 4 shards sent at once for "), "{:?}", all.warnings);
}

#[test]
fn the_merged_percentiles_are_those_of_all_samples() {
    let folder = Folder::new();
    let mut all = uptake_outcome::load::empty();
    for number in 1..=3 {
        let (shard, report) = (format!("{number}/3"), format!("json={}", folder.path("part.json")));
        let results = folder.path("results");
        uptake(&[&LOAD[..], &["--shard", &shard, "--results", &results, "--report", &report]].concat())
            .with_code(0);
        all.add(load_run(&folder, "part.json").phases[&Phase::Upload].samples().unwrap()).unwrap();
    }
    merged(&folder, &[]).with_code(0);
    let merged = load_run(&folder, "merged.json");
    assert_eq!(merged.phases[&Phase::Upload].samples().unwrap(), all);
    assert_eq!(merged.phases[&Phase::Upload].p99, all.value_at_quantile(0.99).min(all.max()));
}

#[test]
fn thresholds_hold_for_all_shards_together() {
    for (condition, code) in [("uploads < 40", 0), ("uploads > 40", 1)] {
        let folder = Folder::new();
        let arguments = [&LOAD[..], &["--fail-if", condition]].concat();
        for ended in shards(2, &arguments, &folder.path("results")) {
            ended.with_code(0);
        }
        let ended = merged(&folder, &["--expect", "2"]).with_code(code);
        assert!(ended.stdout.contains("Thresholds"), "{}", ended.stdout);
    }
}

#[test]
fn missing_double_and_unlike_shards_do_not_pass() {
    let folder = Folder::new();
    let results = folder.path("results");
    let shard = |shard: &str, more: &[&str]| {
        let own = ["--shard", shard, "--results", &results];
        uptake(&[&LOAD[..], &own, more].concat()).with_code(0);
    };
    let before = merged(&folder, &["--expect", "3"]).with_code(3);
    assert!(before.stderr.contains("shards 1/3, 2/3 and 3/3 have no result"), "{}", before.stderr);
    shard("1/3", &[]);
    shard("3/3", &[]);
    let missing = merged(&folder, &["--expect", "3", "--wait", "1s"]).with_code(3);
    assert!(missing.stderr.contains("shard 2/3 has no result"), "{}", missing.stderr);
    assert!(!folder.root().join("merged.json").exists(), "nothing was merged");
    shard("3/3", &[]);
    let twice = merged(&folder, &[]).with_code(2);
    assert!(twice.stderr.contains("shard 3/3 has two results"), "{}", twice.stderr);
    let folder = Folder::new();
    let results = folder.path("results");
    for (shard, seed) in [("1/2", "1"), ("2/2", "2")] {
        let own = ["--shard", shard, "--results", &results, "--seed", seed];
        uptake(&[&LOAD[..], &own].concat()).with_code(0);
    }
    let unlike = merged(&folder, &[]).with_code(2);
    assert!(unlike.stderr.contains("do not belong to one run"), "{}", unlike.stderr);
}

#[test]
fn an_interrupted_shard_stores_nothing() {
    let folder = Folder::new();
    let results = folder.path("results");
    let arguments = ["load", "--rate", "50/s", "--shard", "1/2", "--results", &results, "--start-at", "+1h"];
    let mut child = command(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(line.starts_with("starting at "), "{line}");
    let id = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(rest.contains("the result of shard 1/2 was not stored"), "{rest}");
    assert_eq!(std::fs::read_dir(&results).unwrap().count(), 0);
}

#[test]
fn a_shard_that_starts_late_says_so() {
    let folder = Folder::new();
    let arguments = [&LOAD[..], &["--start-at", "2026-01-01T00:00:00Z"]].concat();
    for ended in shards(2, &arguments, &folder.path("results")) {
        ended.with_code(0);
    }
    let ended = merged(&folder, &[]).with_code(0);
    assert!(
        ended.stdout.contains("shard 1/2 started") && ended.stdout.contains("s late"),
        "{}",
        ended.stdout
    );
}

#[test]
fn shards_of_a_check_have_the_verdicts_of_the_whole() {
    let folder = Folder::new();
    let check = ["check", "--area", "token", "--quiet"];
    let report = format!("json={}", folder.path("whole.json"));
    uptake(&[&check[..], &["--report", &report]].concat()).with_code(0);
    shards(3, &check, &folder.path("results"));
    merged(&folder, &["--expect", "3"]).with_code(0);
    let verdicts = |run: &Run| -> BTreeMap<String, Verdict> {
        run.rules.iter().map(|rule| (rule.id.clone(), rule.verdict)).collect()
    };
    let (whole, merged) = (folder.run("whole.json"), folder.run("merged.json"));
    assert_eq!(verdicts(&merged), verdicts(&whole));
    let names = |run: &Run| -> Vec<String> {
        let mut names: Vec<String> = run.scenarios.iter().map(|one| one.scenario.clone()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&merged), names(&whole), "each scenario ran once");
    let counted =
        |run: &Run| (run.summary.rules, run.summary.passed, run.summary.failed, run.summary.scenarios);
    assert_eq!(counted(&merged), counted(&whole));
}

#[test]
fn shards_of_a_fuzz_run_try_each_case_once_and_merge_their_counterexamples() {
    let folder = Folder::new();
    let (out, merged_out) = (folder.path("out"), folder.path("merged"));
    let fuzz = ["fuzz", "--cases", "100", "--property", "partition", "--quiet", "--out", &out];
    for ended in shards(3, &fuzz, &folder.path("results")) {
        ended.with_code(0);
    }
    merged(&folder, &["--expect", "3"]).with_code(0);
    let run: FuzzRun = serde_json::from_str(&folder.read("merged.json")).unwrap();
    assert_eq!((run.cases, run.counterexamples.len()), (100, 0));
    let folder = Folder::new();
    let fuzz = ["fuzz", "--cases", "300", "--defect", "smallest-range-refused", "--quiet", "--out", &out];
    shards(2, &fuzz, &folder.path("results"));
    merged(&folder, &["--out", &merged_out]).with_code(1);
    let run: FuzzRun = serde_json::from_str(&folder.read("merged.json")).unwrap();
    let scenario = run.counterexamples[0].scenario.clone().expect("a scenario");
    assert!(scenario.starts_with(&merged_out), "{scenario}");
    assert!(std::fs::read_to_string(scenario).unwrap().contains("scenario:"));
}

#[test]
fn an_engine_says_which_shard_a_process_is() {
    let folder = Folder::new();
    let results = folder.path("results");
    let mut command = command(&[&LOAD[..], &["--shard", "auto", "--results", &results]].concat());
    common::run(command.env("SLURM_PROCID", "1").env("SLURM_NTASKS", "3")).with_code(0);
    let ended = merged(&folder, &[]).with_code(3);
    assert!(ended.stderr.contains("shards 1/3 and 3/3 have no result"), "{}", ended.stderr);
}

#[test]
fn wrong_shards_and_locations_are_explained() {
    let cases: [(&[&str], &str); 7] = [
        (&["load", "--shard", "5/4"], "numbered from 1 to their count"),
        (&["load", "--uploaders", "2", "--shard", "1/4"], "--uploaders 2 cannot be divided among 4 shards"),
        (&["load", "--shard", "1/2", "--fail-if", "errors > 0"], "--fail-if holds for all shards together"),
        (&["load", "--shard", "1/2", "--results", "http://a.test/"], "unknown location"),
        (&["load", "--start-at", "soon"], "write an instant"),
        (&["check", "--shard", "1/2", "--list"], "--list cannot be used with --shard"),
        (&["report", "merge", "a.json", "b.json", "--expect", "2"], "need one location"),
    ];
    for (arguments, hint) in cases {
        let ended = uptake(arguments).with_code(2);
        let text = ended.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(hint), "{arguments:?}: {text}");
    }
}
