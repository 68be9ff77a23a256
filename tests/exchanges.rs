//! What `check` tells of each exchange while it goes on: lines on stderr, events as JSON lines, and an HTTP Archive.

mod common;

use std::collections::BTreeMap;

use serde_json::Value;
use uptake_outcome::{Event, EventLine};

use self::common::{Bench, Folder, KEY, Setup, uptake};

const SCENARIO: &str = "scenarios/api-video/auth/key-is-exchanged.yaml";

/// The secrets that a token's scenario gets from the server, taken from the server's own responses, are not printed: no JSON
/// member `token` has another value than a masked one.
fn tells_no_token(text: &str) {
    for (_, rest) in text.match_indices("\"token\\\":\\\"").map(|(at, found)| text.split_at(at + found.len()))
    {
        assert!(rest.starts_with('$') || rest.starts_with("***"), "{}", &rest[..60]);
    }
}

#[test]
fn v_prints_each_exchange_on_a_line_and_no_secret() {
    let bench = Bench::start(Setup::default());
    let (ended, run) = bench.check(&[SCENARIO, "-v"]);
    let ended = ended.with_code(0);
    let is_exchange = |line: &&str| line.contains(&bench.origin) && line.split(' ').next() != Some("running");
    let lines: Vec<&str> = ended.stderr.lines().filter(is_exchange).collect();
    assert_eq!(lines.len() as u64, run.summary.requests, "{}", ended.stderr);
    for line in lines {
        let status: u16 = line.split(' ').next().unwrap().parse().unwrap();
        assert!((100..600).contains(&status), "{line}");
    }
    assert!(!ended.stderr.contains(KEY) && !ended.stderr.contains("  < "), "{}", ended.stderr);
}

#[test]
fn vv_prints_headers_with_secrets_masked() {
    let bench = Bench::start(Setup::default());
    let (ended, _) = bench.check(&[SCENARIO, "-vv"]);
    let ended = ended.with_code(0);
    let has = |mark: &str, name: &str| {
        let header = |line: &str| line.to_lowercase().starts_with(&format!("  {mark} {name}: "));
        ended.stderr.lines().any(header)
    };
    assert!(has(">", "authorization") && has("<", "content-type"), "{}", ended.stderr);
    assert!(!ended.stderr.contains(KEY), "{}", ended.stderr);
}

#[test]
fn verbose_and_quiet_exclude_each_other() {
    assert!(uptake(&["check", "-q", "-v"]).with_code(2).stderr.contains("cannot be used with"));
}

#[test]
fn events_are_written_as_their_schema_says_from_start_to_finish() {
    let bench = Bench::start(Setup::default());
    let events = bench.folder.path("events.jsonl");
    let (ended, run) = bench.check(&["--area", "token", "--events", &events]);
    let code = ended.code;
    let text = bench.folder.read("events.jsonl");
    let schema: Value = serde_json::from_str(&uptake(&["schema", "events"]).with_code(0).stdout).unwrap();
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut lines = Vec::new();
    for line in text.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        let faults: Vec<String> = schema.iter_errors(&value).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?}: {line}");
        *counts.entry(value["event"].as_str().unwrap().to_owned()).or_default() += 1;
        lines.push(serde_json::from_value::<EventLine>(value).unwrap());
    }
    let scenarios = run.summary.scenarios as u64;
    assert!(scenarios > 1);
    assert_eq!((counts["run-started"], counts["run-finished"]), (1, 1));
    assert_eq!((counts["scenario-started"], counts["scenario-finished"]), (scenarios, scenarios));
    assert_eq!(counts["rule-verdict"], run.rules.len() as u64);
    assert_eq!(counts["exchange"], run.summary.requests);
    assert!(matches!(&lines[0].event, Event::RunStarted(started) if started.suite == "api-video"));
    let Event::RunFinished(finished) = &lines.last().unwrap().event else {
        panic!("the run does not finish last")
    };
    assert_eq!((i32::from(finished.exit_code), &finished.summary), (code, &run.summary));
    assert!(!text.contains(KEY));
    tells_no_token(&text);
}

#[test]
fn the_schema_of_events_refuses_what_is_none() {
    let schema: Value = serde_json::from_str(&uptake(&["schema", "events"]).with_code(0).stdout).unwrap();
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    for wrong in [
        r#"{"event":"scenario-started","scenario":"A","file":"a.yaml"}"#,
        r#"{"time":"2026-01-01T00:00:00Z","event":"scenario-begun","scenario":"A","file":"a.yaml"}"#,
        r#"{"time":"2026-01-01T00:00:00Z","event":"scenario-started","scenario":"A"}"#,
    ] {
        assert!(!schema.is_valid(&serde_json::from_str(wrong).unwrap()), "{wrong}");
    }
}

#[test]
fn events_on_stdout_stand_alone() {
    let ended = uptake(&["check", SCENARIO, "--events", "-"]).with_code(0);
    for line in ended.stdout.lines() {
        serde_json::from_str::<EventLine>(line).unwrap();
    }
    let refused = uptake(&["check", SCENARIO, "--events", "-", "--report", "json=-"]).with_code(2);
    assert!(refused.stderr.contains("standard output"), "{}", refused.stderr);
}

#[test]
fn an_event_file_that_cannot_be_written_is_refused_before_anything_is_sent() {
    let folder = Folder::new();
    let bench = Bench::start(Setup::default());
    for (path, why) in [
        (folder.path("none/events.jsonl"), "there is no directory"),
        (folder.root().display().to_string(), "it is a directory"),
    ] {
        let arguments = ["check", "--target", bench.profile(), SCENARIO, "--events", &path];
        let ended = uptake(&arguments).with_code(2);
        assert!(ended.stderr.contains(why) && ended.stderr.contains(&path), "{}", ended.stderr);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_event_file_on_a_full_disk_is_no_success() {
    let ended = uptake(&["check", SCENARIO, "--events", "/dev/full"]).with_code(3);
    assert!(
        ended.stdout.contains("REPORT NOT WRITTEN") && ended.stdout.contains("/dev/full"),
        "{}",
        ended.stdout
    );
}

#[test]
fn har_writes_every_exchange_of_every_scenario_with_clean_up() {
    let bench = Bench::start(Setup::default());
    let (flag, report) = (bench.folder.path("flag.har"), bench.folder.path("report.har"));
    let (ended, run) = bench.check(&[SCENARIO, "--har", &flag, "--report", &format!("har={report}"), "-v"]);
    let ended = ended.with_code(0);
    let entries = |name: &str| {
        let text = bench.folder.read(name);
        assert!(!text.contains(KEY));
        let archive: Value = serde_json::from_str(&text).unwrap();
        archive["log"]["entries"].as_array().unwrap().len()
    };
    let of_scenarios =
        ended.stderr.lines().filter(|line| run.scenarios.iter().any(|one| line.contains(&one.scenario)));
    assert_eq!(entries("flag.har"), of_scenarios.count());
    assert_eq!(entries("flag.har"), entries("report.har"));
}

#[cfg(unix)]
#[test]
fn watch_runs_again_when_a_file_changes() {
    use std::io::{BufRead as _, BufReader};
    use std::process::Stdio;

    let folder = Folder::new();
    folder.write("suite.yaml", "suite: little\nareas: { x: all }\nrules:\n  - { id: X-01, area: x, level: must, text: It holds, source: [test] }\n");
    let scenario = |status: u16| {
        format!(
            "scenario: One\nsteps:\n  - ask: {{ get: /nowhere, expect: {{ X-01: {{ status: {status} }} }} }}\n"
        )
    };
    folder.write("x/one.yaml", &scenario(200));
    let root = folder.root().display().to_string();
    let mut child = common::command(&["check", "--watch", &root])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut until = |text: &str| lines.by_ref().take_while(|line| !line.contains(text)).collect::<Vec<_>>();
    let first = until("watching 2 files");
    assert!(first.iter().any(|line| line.starts_with("failed: One")), "{first:?}");
    folder.write("x/one.yaml", "scenario: One\n");
    let second = until("watching 2 files");
    assert!(second.iter().any(|line| line.contains("has no `steps`")), "{second:?}");
    folder.write("x/one.yaml", &scenario(404));
    let third = until("watching 2 files");
    assert!(!third.iter().any(|line| line.starts_with("failed")), "{third:?}");
    // SIGINT, as Ctrl-C sends it.
    let pid = rustix_pid(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[cfg(unix)]
fn rustix_pid(child: &std::process::Child) -> rustix::process::Pid {
    rustix::process::Pid::from_child(child)
}

#[test]
fn the_script_of_a_failed_scenario_lets_the_same_time_pass() {
    let folder = Folder::new();
    let report = format!("json={}", folder.path("run.json"));
    let scenario = "scenarios/api-video/ttl/refused-after.yaml";
    uptake(&["check", "--defect", "expired-token-accepted", scenario, "--report", &report]).with_code(1);
    let run = folder.run("run.json");
    let script = run.scenarios.iter().find_map(|record| record.script.as_deref()).expect("a script");
    let steps: Vec<&str> = script.split("\n# ").collect();
    let pause = steps.iter().position(|step| step.starts_with("Time passes.")).expect(script);
    assert!(steps[pause].contains("/clock/advance\n") && steps[pause].contains(r#"{"seconds":"#), "{script}");
    assert!(steps[pause + 1].contains("POST /upload"), "the upload comes after the expiry: {script}");
}
