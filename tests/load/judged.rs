//! Exit codes, thresholds, interruption, and what is told when something is wrong.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use uptake_outcome::load::LoadEnding;

use super::common::{Bench, Folder, KEY, Setup, command, uptake};
use super::load;
use super::sink::{Habits, Sink};

const SMALL: [&str; 6] = ["--upload-token", "a-token", "--uploads", "20", "--size", "1KiB"];

fn against(sink: &Sink, arguments: &[&str]) -> super::Ended {
    let folder = Folder::new();
    load(&folder, &[&["--target", sink.url()][..], &SMALL[..], arguments].concat()).0
}

#[test]
fn a_broken_threshold_fails_with_the_value_that_broke_it() {
    let sink = Sink::plain();
    against(&sink, &["--fail-if", "upload.p99 > 30s", "--fail-if", "errors > 0"]).with_code(0);
    let ended = against(&sink, &["--fail-if", "upload.p99 > 1us"]).with_code(1);
    assert!(ended.stdout.contains("failed: upload.p99 "), "{}", ended.stdout);
    assert!(ended.stdout.contains("FAILED: upload.p99 "), "{}", ended.stdout);
}

#[test]
fn a_server_that_refuses_everything_is_no_success() {
    let sink = Sink::start(Habits { status: Some(503), ..Habits::default() });
    let ended = against(&sink, &[]).with_code(4);
    assert!(ended.stdout.contains("20 x segment, status 503"), "{}", ended.stdout);
    against(&sink, &["--fail-if", "errors > 1%"]).with_code(1);
}

#[test]
fn a_run_is_ended_by_a_condition() {
    let sink = Sink::start(Habits { status: Some(503), ..Habits::default() });
    let folder = Folder::new();
    let arguments = [
        "--target",
        sink.url(),
        "--upload-token",
        "a-token",
        "--rate",
        "20/s",
        "--duration",
        "60s",
        "--size",
        "1KiB",
        "--abort-on",
        "errors > 50%",
    ];
    let began = Instant::now();
    let (ended, run) = load(&folder, &arguments);
    let ended = ended.with_code(1);
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    assert!(ended.stdout.contains("ABORTED: errors > 50%: 100.000%"), "{}", ended.stdout);
    assert!(matches!(run.expect("a report").ending, LoadEnding::Aborted { .. }));
}

#[test]
fn nobody_there_is_told_at_once() {
    let ended = uptake(&["load", "--target", "http://127.0.0.1:1", "--upload-token", "a-token"]).with_code(3);
    assert!(ended.stderr.contains("cannot reach the target"), "{}", ended.stderr);
}

#[test]
fn what_is_wrong_in_the_input_is_told_before_anything_is_sent() {
    let folder = Folder::new();
    for (arguments, told) in [
        (&["load", "--rate", "fast"][..], "--rate: invalid rate `fast`: write 50/s"),
        (&["load", "--rate", "5/s", "--uploaders", "3"], "--uploaders: uploaders belong to the closed model"),
        (&["load", "--fail-if", "uplod.p99 > 2s"], "unknown figure `uplod.p99`: did you mean `upload.p99`?"),
        (&["load", "--fail-if", "errors > 1"], "--fail-if: invalid share `1`: write 1%"),
        (&["load", "--abandoned", "0.05"], "--abandoned: invalid share `0.05`: write 5%"),
        (&["load", "--size", "5m"], "--size: invalid size `5m`"),
        (&["load", "--duration", "9999999h"], "it must not be longer than a year"),
        (&["load", "--think", "1s", "--rate", "5/s"], "--think: think time belongs to the closed model"),
        (&["load", "--file", "/no/such/file"], "cannot read /no/such/file"),
        (&["load", "--report", "xml=x"], "use json, hlog, csv or html"),
        (&["load", "--report", "json=/no/such/folder/x.json"], "there is no directory /no/such/folder"),
        (&["load", "no-such-plan.yaml"], "cannot read the plan no-such-plan.yaml"),
        (&["load", "--target", "http://127.0.0.1:1"], "UPTAKE_API_KEY"),
    ] {
        let ended = uptake(arguments).with_code(2);
        assert!(ended.stderr.contains(told), "{arguments:?}: {}", ended.stderr);
    }
    drop(folder);
}

#[test]
fn a_plan_is_explained_with_file_line_and_column_and_flags_overrule_it() {
    let folder = Folder::new();
    let text = "load: A plan\nrate: 5/s\nduration: 1s\nsize: 5 apples\nsegmnet: 5MiB\n";
    let plan = folder.write("plan.yaml", text);
    let ended = uptake(&["load", &plan]).with_code(2);
    assert!(
        ended.stderr.contains("plan.yaml:5:1") && ended.stderr.contains("did you mean `segment`?"),
        "{}",
        ended.stderr
    );
    let plan = folder.write("plan.yaml", &text.replace("segmnet: 5MiB\n", ""));
    let ended = uptake(&["load", &plan]).with_code(2);
    assert!(
        ended.stderr.contains("plan.yaml:4:7") && ended.stderr.contains("invalid size `5 apples`"),
        "{}",
        ended.stderr
    );
    let (ended, run) = load(&folder, &[&plan, "--size", "1KiB", "--rate", "30/s"]);
    ended.with_code(0);
    let run = run.expect("a report");
    assert_eq!(
        (run.name.as_str(), run.summary.uploads, run.summary.goodput_bytes),
        ("A plan", 30, 30 * 1024)
    );
}

#[test]
fn the_plans_of_this_repository_are_without_a_mistake() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/api-video/load");
    let ended = uptake(&["lint", folder]).with_code(0);
    assert!(ended.stdout.contains("no mistakes in 2 load plans"), "{}", ended.stdout);
    let suite = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/api-video");
    let ended = uptake(&["lint", suite]).with_code(0);
    assert!(ended.stdout.contains("they test") && ended.stdout.contains("load plans"), "{}", ended.stdout);
}

#[test]
fn ctrl_c_ends_a_run_with_a_whole_report() {
    let sink = Sink::plain();
    let folder = Folder::new();
    let report = format!("json={}", folder.path("load.json"));
    let child = command(&[
        "load",
        "--target",
        sink.url(),
        "--upload-token",
        "a-token",
        "--rate",
        "50/s",
        "--duration",
        "10m",
        "--size",
        "1KiB",
        "--report",
        &report,
        "--allow-saturated",
    ])
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .expect("it starts");
    let deadline = Instant::now() + Duration::from_secs(30);
    while sink.requests() < 20 {
        assert!(Instant::now() < deadline, "nothing was sent");
        std::thread::yield_now();
    }
    let killed =
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill is there");
    assert!(killed.success());
    let ended = super::Ended::from(child.wait_with_output().expect("it ends")).with_code(130);
    assert!(ended.stdout.contains("INTERRUPTED: "), "{}", ended.stdout);
    let run = uptake_report::load::read(&folder.read("load.json")).expect("a load run");
    assert_eq!(run.ending, LoadEnding::Interrupted);
    assert_eq!(run.summary.errors, 0, "what was cut off is nobody's failure");
    assert!(run.summary.uploads >= 19, "{:?}", run.summary);
}

#[test]
fn neither_key_nor_token_stands_in_anything_that_is_written() {
    let bench = Bench::start(Setup::default());
    let folder = Folder::new();
    let (ended, _) = load(&folder, &["--target", bench.profile(), "--uploads", "5", "--size", "1KiB"]);
    let ended = ended.with_code(0);
    let sink = Sink::plain();
    let (given, _) =
        load(&folder, &["--target", sink.url(), "--upload-token", "to-secret-of-mine", "--uploads", "3"]);
    let given = given.with_code(0);
    for text in [&ended.stdout, &ended.stderr, &given.stdout, &given.stderr, &folder.read("load.json")] {
        assert!(!text.contains(KEY) && !text.contains("to-secret-of-mine"), "{text}");
    }
}
