//! Runs that are joined, compared and written in other formats.

use uptake_outcome::load::{LoadRun, Phase, empty};
use uptake_report::load::read;

use super::common::{Folder, uptake};
use super::sink::Sink;

/// Four runs against one sink, as files.
fn four(folder: &Folder) -> Vec<(String, LoadRun)> {
    let sink = Sink::plain();
    (1..=4)
        .map(|number| {
            let path = folder.path(&format!("run-{number}.json"));
            let (seed, report) = (number.to_string(), format!("json={path}"));
            uptake(&[
                "load",
                "--target",
                sink.url(),
                "--upload-token",
                "a-token",
                "--uploads",
                "50",
                "--size",
                "1KiB..64KiB",
                "--seed",
                &seed,
                "--report",
                &report,
            ])
            .with_code(0);
            let run = read(&std::fs::read_to_string(&path).expect("there")).expect("a load run");
            (path, run)
        })
        .collect()
}

#[test]
fn four_runs_merge_value_for_value() {
    let folder = Folder::new();
    let runs = four(&folder);
    let mut arguments = vec!["report", "merge"];
    arguments.extend(runs.iter().map(|(path, _)| path.as_str()));
    let report = format!("json={}", folder.path("merged.json"));
    arguments.extend(["--report", &report]);
    uptake(&arguments).with_code(0);
    let merged = read(&folder.read("merged.json")).expect("a load run");
    assert_eq!(merged.summary.uploads, 200);
    for phase in [Phase::Upload, Phase::Service, Phase::Segment, Phase::Ttfb] {
        let mut all = empty();
        for (_, run) in &runs {
            all.add(run.phases[&phase].samples().expect("a histogram")).expect("of the same kind");
        }
        assert_eq!(merged.phases[&phase].samples().expect("a histogram"), all, "{phase:?}");
        assert_eq!(merged.phases[&phase].count, all.len());
    }
    let sum: u64 = runs.iter().map(|(_, run)| run.summary.goodput_bytes).sum();
    assert_eq!(merged.summary.goodput_bytes, sum);
    let spans: f64 = runs.iter().map(|(_, run)| run.took_seconds).sum();
    assert!(
        (merged.took_seconds - spans).abs() < 0.01,
        "one after another: {} and {spans}",
        merged.took_seconds
    );
}

#[test]
fn a_run_that_is_worse_is_named_and_fails_the_comparison() {
    let folder = Folder::new();
    let (old, run) = four(&folder).remove(0);
    let mut slower = run;
    for phase in slower.phases.values_mut() {
        phase.p99 *= 3;
    }
    let new = folder.write("slower.json", &uptake_report::load::load_json(&slower));
    let same = uptake(&["report", "compare", &old, &old, "--fail-if-worse", "10%"]).with_code(0);
    assert!(same.stdout.contains("NOT WORSE"), "{}", same.stdout);
    let worse = uptake(&["report", "compare", &old, &new, "--fail-if-worse", "10%"]).with_code(1);
    assert!(
        worse.stdout.contains("WORSE by more than 10.0 %:") && worse.stdout.contains("upload.p99"),
        "{}",
        worse.stdout
    );
    uptake(&["report", "compare", &old, &new]).with_code(0);
    let better = uptake(&["report", "compare", &new, &old, "--fail-if-worse", "10%"]).with_code(0);
    assert!(better.stdout.contains("NOT WORSE"), "{}", better.stdout);
}

#[test]
fn repeated_runs_give_a_confidence_interval() {
    let folder = Folder::new();
    let runs = four(&folder);
    let (old, new) = (format!("{},{}", runs[0].0, runs[1].0), format!("{},{}", runs[2].0, runs[3].0));
    let ended = uptake(&["report", "compare", &old, &new]).with_code(0);
    assert!(ended.stdout.contains("old: 2 runs, new: 2 runs"), "{}", ended.stdout);
    assert!(ended.stdout.contains("with 95 % confidence"), "{}", ended.stdout);
}

#[test]
fn a_run_is_written_in_other_formats_too() {
    let folder = Folder::new();
    let (path, run) = four(&folder).remove(0);
    let (hlog, csv) =
        (format!("hlog={}", folder.path("run.hlog")), format!("csv={}", folder.path("run.csv")));
    let ended = uptake(&["report", "render", &path, "--report", &hlog, "--report", &csv]).with_code(0);
    assert!(ended.stdout.contains("uploads    50 completed"), "{}", ended.stdout);
    assert!(folder.read("run.hlog").contains("Tag=upload,"));
    assert_eq!(folder.read("run.csv").lines().count(), run.series.len() + 1);
}

#[test]
fn what_is_no_load_run_is_told() {
    let folder = Folder::new();
    let path = folder.write("other.json", "{\"format\": 1}");
    for arguments in
        [["report", "render", &path], ["report", "merge", &path], ["report", "render", "/no/such.json"]]
    {
        uptake(&arguments).with_code(2);
    }
    let ended = uptake(&["report", "merge", &path]).with_code(2);
    assert!(ended.stderr.contains("it is no result of `uptake load`"), "{}", ended.stderr);
}

#[test]
fn the_schema_of_the_result_is_printed() {
    let ended = uptake(&["schema", "load"]).with_code(0);
    let schema: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert!(schema["properties"]["phases"].is_object(), "{schema}");
}
