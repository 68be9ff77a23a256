//! Latency that does not lie, and a generator that knows when it is the bottleneck.

use std::time::Duration;

use uptake_outcome::load::Phase;

use super::common::Folder;
use super::sink::{Habits, Sink};
use super::{load, load_sink};

#[test]
fn a_stall_of_a_second_shows_in_the_response_time_and_not_in_the_service_time() {
    let sink = Sink::start(Habits { stall: Some((400, Duration::from_secs(1))), ..Habits::default() });
    let run =
        load_sink(&sink, &["--rate", "100/s", "--duration", "10s", "--max-in-flight", "1", "--size", "1KiB"]);
    assert_eq!(run.summary.uploads, 1_000, "every upload that was due was sent");
    let (response, service) = (&run.phases[&Phase::Upload], &run.phases[&Phase::Service]);
    // Uploads were due every 10 ms of the stall; ten of a thousand had to wait longer than 900 ms.
    assert!(response.p99 >= 900_000, "{}", response.p99);
    assert!(service.p99 < 500_000, "{}", service.p99);
    assert!(service.max >= 1_000_000, "the one upload that was stalled: {}", service.max);
    let samples = response.samples().expect("a histogram");
    let slow = samples.iter_recorded().filter(|cell| cell.value_iterated_to() > 500_000);
    let slow: u64 = slow.map(|cell| cell.count_at_value()).sum();
    // Those due in the first half of the stall, and, as far as the machine is slow, a few that queued behind them.
    assert!((50..100).contains(&slow), "{slow}");
}

#[test]
fn a_generator_that_cannot_keep_up_says_so_and_the_run_says_nothing_of_the_target() {
    let folder = Folder::new();
    let sink = Sink::plain();
    let arguments = [
        "load",
        "--target",
        sink.url(),
        "--upload-token",
        "a-token",
        "--rate",
        "1000000/s",
        "--duration",
        "1s",
        "--size",
        "1KiB",
        "--threads",
        "1",
        "--linger",
        "1s",
    ];
    let ended = super::run(&mut super::command(&arguments)).with_code(3);
    assert!(ended.stdout.contains("The load generator was the bottleneck"), "{}", ended.stdout);
    assert!(
        ended.stdout.contains("COULD NOT TEST: the load generator was the bottleneck"),
        "{}",
        ended.stdout
    );
    drop(folder);
}

/// Runs uptake under a limit of open files, as the shell sets it.
fn load_limited(limit: &str, sink: &Sink, uploaders: &str) -> super::Ended {
    let uptake = super::command::<&str>(&[]).get_program().to_owned();
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &format!("{limit} && exec \"$0\" \"$@\"")]).arg(uptake).args([
        "load",
        "--target",
        sink.url(),
        "--upload-token",
        "a-token",
        "--uploads",
        "300",
        "--size",
        "1KiB",
        "--threads",
        "1",
        "--uploaders",
        uploaders,
    ]);
    super::run(&mut command)
}

#[test]
fn the_soft_limit_of_open_files_is_raised_as_far_as_the_run_needs_it() {
    let ended = load_limited("ulimit -Sn 64", &Sink::plain(), "200").with_code(0);
    assert!(ended.stdout.contains("uploads    300 completed"), "{}", ended.stdout);
}

#[test]
fn a_run_that_needs_more_open_files_than_this_machine_allows_is_refused_before_it_starts() {
    let sink = Sink::plain();
    let ended = load_limited("ulimit -n 100", &sink, "200").with_code(3);
    assert!(ended.stderr.contains("but this machine allows 100 (ulimit -n)"), "{}", ended.stderr);
    assert_eq!(sink.requests(), 0);
}

#[test]
fn a_machine_that_runs_out_of_descriptors_is_no_fault_of_the_target() {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let sink = Sink::start(Habits { closes: true, ..Habits::default() });
    let folder = Folder::new();
    let report = format!("json={}", folder.path("load.json"));
    let child = super::command(&["load", "--target", sink.url(), "--upload-token", "a-token"])
        .args(["--duration", "2s", "--uploaders", "4", "--size", "1KiB", "--report", &report])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    while sink.requests() < 20 {
        std::thread::yield_now();
    }
    let pid = Pid::from_child(&child);
    let none = Rlimit { current: Some(3), maximum: Some(3) };
    prlimit(Some(pid), Resource::Nofile, none).expect("the limit is lowered");
    let ended = super::Ended::from(child.wait_with_output().expect("it ends")).with_code(3);
    assert!(ended.stdout.contains("had no descriptor, port or memory left"), "{}", ended.stdout);
    let run = uptake_report::load::read(&folder.read("load.json")).expect("a load run");
    assert!(run.errors.iter().any(|error| error.class == "exhausted"), "{:?}", run.errors);
}

#[test]
fn the_closed_model_promises_no_rate_and_so_fails_by_none() {
    let folder = Folder::new();
    let sink = Sink::plain();
    let own = [
        "--target",
        sink.url(),
        "--upload-token",
        "a-token",
        "--uploaders",
        "16",
        "--size",
        "1KiB",
        "--duration",
        "1s",
    ];
    let (ended, run) = load(&folder, &own);
    ended.with_code(0);
    let run = run.expect("a report");
    assert_eq!(run.summary.uploads, run.phases[&Phase::Upload].count);
    assert!(!run.phases.contains_key(&Phase::Lag), "there is no schedule that could lag");
}
