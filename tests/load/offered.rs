//! What is offered is what was asked for.

use uptake_outcome::load::{Offered, Phase};

use super::common::Folder;
use super::sink::Sink;
use super::{load, load_sink};

#[test]
fn two_hundred_uploads_a_second_for_ten_seconds_are_two_thousand() {
    let folder = Folder::new();
    let (ended, run) = load(&folder, &["--rate", "200/s", "--size", "64KiB", "--duration", "10s"]);
    ended.with_code(0);
    let run = run.expect("a report");
    assert_eq!(run.summary.started, 2_000);
    assert_eq!((run.summary.uploads, run.summary.errors), (2_000, 0));
    assert!(matches!(run.offered, Offered::Open { arrivals_due: 2_000, .. }), "{:?}", run.offered);
    assert_eq!(run.series.iter().map(|second| second.uploads).sum::<u64>(), 2_000, "the series adds up");
    assert_eq!(run.summary.goodput_bytes, 2_000 * 65_536);
}

#[test]
fn the_target_may_come_from_the_environment() {
    let sink = Sink::plain();
    let mut command = super::command(&[
        "load",
        "--upload-token",
        "a-token",
        "-n",
        "3",
        "--size",
        "1KiB",
        "--allow-saturated",
    ]);
    let ended = super::run(command.env("UPTAKE_TARGET", sink.url())).with_code(0);
    assert!(ended.stdout.contains(sink.url().trim_end_matches('/')), "{}", ended.stdout);
}

#[test]
fn a_poisson_schedule_is_the_same_for_the_same_seed() {
    let sink = Sink::plain();
    let due = |seed: &str| {
        let arguments = [
            "--rate",
            "300/s",
            "--arrivals",
            "poisson",
            "--duration",
            "1s",
            "--size",
            "1KiB",
            "--seed",
            seed,
        ];
        match load_sink(&sink, &arguments).offered {
            Offered::Open { arrivals_due, .. } => arrivals_due,
            Offered::Closed { .. } => panic!("a rate makes the open model"),
        }
    };
    assert_eq!(due("5"), due("5"));
    assert!(due("5").abs_diff(300) < 52, "three deviations");
}

#[test]
fn the_warm_up_is_sent_and_not_counted() {
    let sink = Sink::plain();
    let run = load_sink(&sink, &["--rate", "50/s", "--warm-up", "1s", "--duration", "1s", "--size", "1KiB"]);
    assert_eq!((run.summary.uploads, run.summary.warm_up_uploads), (50, 50));
    assert_eq!(run.phases[&Phase::Upload].count, 50);
    assert_eq!(sink.requests(), 100);
}

#[test]
fn so_many_uploads_are_sent_as_are_asked_for() {
    let sink = Sink::plain();
    let run = load_sink(&sink, &["--uploads", "123", "--uploaders", "7", "--size", "3KiB", "--threads", "2"]);
    assert_eq!((run.summary.uploads, run.summary.started), (123, 123));
    assert_eq!(sink.requests(), 123);
}

#[test]
fn a_rate_of_bytes_or_of_segments_counts_those() {
    let sink = Sink::plain();
    let run = load_sink(&sink, &["--rate", "4MiB/s", "--size", "64KiB", "--duration", "2s"]);
    assert_eq!(run.summary.uploads, 128);
    let run = load_sink(
        &sink,
        &["--rate", "60 segments/s", "--size", "30KiB", "--segment", "10KiB", "--duration", "2s"],
    );
    assert_eq!((run.summary.uploads, run.summary.segments), (40, 120));
}

#[test]
fn uploaders_rest_between_uploads() {
    let sink = Sink::plain();
    let run =
        load_sink(&sink, &["--uploaders", "2", "--think", "300ms", "--duration", "1s", "--size", "1KiB"]);
    assert!((2..=8).contains(&run.summary.uploads), "{}", run.summary.uploads);
}

#[test]
fn an_uploader_keeps_its_bandwidth() {
    let sink = Sink::plain();
    let run =
        load_sink(&sink, &["--uploaders", "1", "--uploads", "1", "--size", "1MiB", "--bandwidth", "1MiB/s"]);
    assert!(run.phases[&Phase::Upload].max >= 900_000, "{}", run.phases[&Phase::Upload].max);
}

#[test]
fn each_upload_draws_its_bandwidth_from_the_distribution() {
    let sink = Sink::plain();
    let bandwidths =
        ["--size", "256KiB", "--bandwidth", "512KiB/s, 8MiB/s", "--uploaders", "6", "--uploads", "12"];
    let run = load_sink(&sink, &bandwidths);
    let upload = &run.phases[&Phase::Upload];
    // The first twentieth of a second is not waited for.
    assert!(upload.max >= 450_000, "the slow clients took {} us", upload.max);
    assert!(upload.min < upload.max / 2, "some are as fast as {} us", upload.min);
    assert_eq!(run.plan["bandwidth"], "524288/s, 8388608/s");
}
