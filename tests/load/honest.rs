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
