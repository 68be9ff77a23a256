//! Runs that are joined, compared and written in other formats.

use uptake_outcome::load::{LoadRun, Offered, Phase, empty};
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

/// Copies of a run as repetitions of it would be: begun later, with p99 of uploads at so many microseconds.
fn repetitions(folder: &Folder, name: &str, run: &LoadRun, p99: &[u64]) -> String {
    let files: Vec<String> = p99
        .iter()
        .enumerate()
        .map(|(index, p99)| {
            let mut run =
                LoadRun { started_at: format!("2026-01-01T00:00:0{index}Z"), seed: *p99, ..run.clone() };
            run.phases.get_mut(&Phase::Upload).expect("measured").p99 = *p99;
            folder.write(&format!("{name}-{index}.json"), &uptake_report::load::load_json(&run))
        })
        .collect();
    files.join(",")
}

#[test]
fn a_figure_that_is_worse_by_more_than_chance_fails_the_comparison() {
    let folder = Folder::new();
    let (_, run) = four(&folder).remove(0);
    let old = repetitions(&folder, "old", &run, &[1_000, 1_010, 1_020]);
    let new = repetitions(&folder, "new", &run, &[3_000, 3_010, 3_020]);
    let compare = |old: &str, new: &str, tolerance: &str| {
        uptake(&["report", "compare", old, new, "--fail-if-worse", tolerance])
    };
    let worse = compare(&old, &new, "10%").with_code(1);
    assert!(worse.stdout.contains("WORSE: upload.p99 +198.0 % (allowed 10.0 %)"), "{}", worse.stdout);
    compare(&old, &new, "250%").with_code(0);
    compare(&old, &new, "upload.p99 10%").with_code(1);
    let named = compare(&old, &new, "upload.p50 10%").with_code(0);
    assert!(named.stdout.contains("NOT WORSE: 1 figure"), "{}", named.stdout);
    let better = compare(&new, &old, "10%").with_code(0);
    assert!(better.stdout.contains("NOT WORSE"), "{}", better.stdout);
    uptake(&["report", "compare", &old, &new]).with_code(0);
    let noisy = repetitions(&folder, "noisy", &run, &[500, 1_500, 9_000]);
    compare(&old, &noisy, "10%").with_code(0);
}

#[test]
fn with_a_single_run_on_a_side_nothing_can_be_said() {
    let folder = Folder::new();
    let (_, run) = four(&folder).remove(0);
    let old = repetitions(&folder, "old", &run, &[1_000]);
    let new = repetitions(&folder, "new", &run, &[3_000, 3_010]);
    let ended = uptake(&["report", "compare", &old, &new, "--fail-if-worse", "10%"]).with_code(3);
    assert!(ended.stdout.contains("CANNOT TELL: too few runs measured"), "{}", ended.stdout);
    uptake(&["report", "compare", &old, &new]).with_code(0);
}

#[test]
fn a_tolerance_needs_its_unit_and_a_figure_that_exists() {
    for (tolerance, hint) in
        [("10", "write 10%"), ("0.1", "write 10%"), ("uplod.p99 10%", "did you mean `upload.p99`?")]
    {
        let ended =
            uptake(&["report", "compare", "old.json", "new.json", "--fail-if-worse", tolerance]).with_code(2);
        assert!(ended.stderr.contains(hint), "{}", ended.stderr);
    }
}

#[test]
fn one_run_does_not_stand_for_two_and_unlike_runs_are_refused() {
    let folder = Folder::new();
    let (path, run) = four(&folder).remove(0);
    let copy = folder.write("copy.json", &folder.read("run-1.json"));
    for arguments in [["report", "merge", &path, &copy], ["report", "compare", &path, &copy]] {
        let ended = uptake(&arguments).with_code(2);
        assert!(ended.stderr.contains("are the same run"), "{}", ended.stderr);
    }
    let open = Offered::Open {
        rate: "5/s".to_owned(),
        arrivals: "constant".to_owned(),
        max_in_flight: 1,
        arrivals_due: 50,
    };
    let other = LoadRun { offered: open, ..run.clone() };
    let other = repetitions(&folder, "open", &other, &[1_000]);
    for verb in ["merge", "compare"] {
        let ended = uptake(&["report", verb, &path, &other]).with_code(2);
        assert!(ended.stderr.contains("has the closed model"), "{}", ended.stderr);
    }
    let mut plan = run.plan.clone();
    plan.insert("size".to_owned(), "1048576".to_owned());
    let larger = repetitions(&folder, "larger", &LoadRun { plan, ..run }, &[1_000]);
    let ended = uptake(&["report", "compare", &path, &larger]).with_code(2);
    assert!(ended.stderr.contains("size is 1024..65536 in one, 1048576 in the other"), "{}", ended.stderr);
    let allowed = uptake(&["report", "compare", &path, &larger, "--allow-unlike"]).with_code(0);
    assert!(allowed.stderr.contains("warning: the plans of "), "{}", allowed.stderr);
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
    assert!(ended.stderr.contains("this is not a result of `uptake load`"), "{}", ended.stderr);
}

#[test]
fn the_schema_of_the_result_is_printed() {
    let ended = uptake(&["schema", "load"]).with_code(0);
    let schema: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert!(schema["properties"]["phases"].is_object(), "{schema}");
}
