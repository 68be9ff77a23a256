//! Clients that are slow, fall asleep, or lose their connection: what the server took is told apart from what they took.

use std::time::Duration;

use uptake_outcome::load::{LoadRun, Phase};

use super::common::{Asked, Folder, tus_server};
use super::sink::{Habits, Sink};
use super::{load, load_sink};

/// The only sample of a phase, in microseconds.
fn only(run: &LoadRun, phase: Phase) -> u64 {
    let result = &run.phases[&phase];
    assert_eq!(result.count, 1, "{phase:?}");
    result.max
}

/// An upload takes as long as its server and its client together, to three digits.
fn assert_adds_up(run: &LoadRun) {
    let (upload, parts) = (only(run, Phase::Upload), only(run, Phase::Service) + only(run, Phase::Paced));
    // In the closed model an upload is due when it starts.
    assert!(upload.abs_diff(parts) <= upload / 400 + 2, "{upload} us are {parts} us in parts");
}

#[test]
fn the_service_time_is_the_servers_and_the_pause_the_clients() {
    for (is_tls, is_http2) in [(false, false), (true, false), (false, true)] {
        // The server takes 300 ms for its answer.
        let stall = Some((1, Duration::from_millis(300)));
        let sink = Sink::start(Habits { is_tls, is_http2, stall, ..Habits::default() });
        let own = ["--insecure", "--uploaders", "1", "-n", "1", "--size", "200KiB", "--pause", "700ms"];
        let http2: &[&str] = if is_http2 { &["--http2"] } else { &[] };
        let run = load_sink(&sink, &[&own, http2].concat());
        assert_eq!(run.errors, []);
        assert_adds_up(&run);
        assert!(only(&run, Phase::Paced) >= 700_000, "{}", only(&run, Phase::Paced));
        assert!(only(&run, Phase::Service) >= 300_000, "{}", only(&run, Phase::Service));
        let (segment, upload) = (only(&run, Phase::Segment), only(&run, Phase::Upload));
        assert!((300_000..=upload - 690_000).contains(&segment), "{segment} of {upload} us");
    }
}

#[test]
fn a_limited_bandwidth_is_the_clients_time_over_each_protocol() {
    for is_http2 in [false, true] {
        let sink = Sink::start(Habits { is_http2, ..Habits::default() });
        let own = [
            "--uploaders",
            "1",
            "-n",
            "1",
            "--size",
            "256KiB",
            "--segment",
            "64KiB",
            "--parallel-segments",
            "3",
        ];
        let paced = ["--bandwidth", "256KiB/s"];
        let http2: &[&str] = if is_http2 { &["--http2"] } else { &[] };
        let run = load_sink(&sink, &[&own[..], &paced, http2].concat());
        // The last piece is sent at once when its time has come.
        assert!(only(&run, Phase::Upload) >= 900_000, "parallel segments share the bandwidth: {run:?}");
        assert!(only(&run, Phase::Paced) >= 450_000, "{}", only(&run, Phase::Paced));
        assert_adds_up(&run);
    }
}

#[test]
fn a_share_of_the_segments_pauses_and_a_plan_without_pacing_has_no_such_phase() {
    let sink = Sink::plain();
    let own = ["--uploaders", "8", "-n", "40", "--size", "64KiB"];
    let run = load_sink(&sink, &[&own[..], &["--pause", "200ms..400ms:50%"]].concat());
    let paced = &run.phases[&Phase::Paced];
    assert_eq!(paced.count, 40);
    assert!(paced.min < 200_000 && paced.max >= 200_000, "{} to {} us", paced.min, paced.max);
    assert_eq!(run.plan["pause"], "200000us..400000us:50%");
    assert!(!load_sink(&sink, &own).phases.contains_key(&Phase::Paced));
}

#[test]
fn a_pause_is_no_time_out_of_the_target() {
    for http2 in ["false", "true"] {
        let sink = Sink::start(Habits { is_http2: http2 == "true", ..Habits::default() });
        let folder = Folder::new();
        let profile = format!("target: sink\nbase-url: {}\ntimeouts: {{ answer: 400ms }}\n", sink.url());
        let profile = folder.write("target.yaml", &profile);
        let plan = folder.write("plan.yaml", &format!("load: pauses\nhttp2: {http2}\npause: 1s\n"));
        let own = ["--target", &profile, "--upload-token", "a-token", "-n", "2", "--size", "64KiB"];
        let (ended, run) = load(&folder, &[&[plan.as_str()], &own[..]].concat());
        ended.with_code(0);
        assert_eq!(run.expect("a report").errors, []);
    }
}

#[test]
fn lost_connections_are_counted_alike_for_each_seed_and_every_upload_is_resumed_or_given_up() {
    let own = ["--uploaders", "4", "-n", "60", "--size", "100KiB", "--segment", "40KiB", "--drop", "40%"];
    let lost = |seed: &str| {
        let sink = Sink::plain();
        let run = load_sink(&sink, &[&own[..], &["--seed", seed]].concat());
        let summary = &run.summary;
        assert_eq!(run.errors, []);
        assert!(summary.dropped > 60 && summary.resumed > 20, "{summary:?}");
        assert_eq!(summary.uploads + summary.given_up, 60);
        assert_eq!(summary.requests, summary.segments + summary.dropped, "a lost segment is sent again");
        assert_eq!(sink.requests(), summary.segments, "no lost request was complete");
        (summary.dropped, summary.resumed, summary.given_up)
    };
    assert_eq!(lost("3"), lost("3"));
    assert_ne!(lost("3"), lost("4"));
}

#[test]
fn a_segment_is_resumed_five_times_and_then_its_upload_is_given_up() {
    // The smallest files stand in one packet with the head of their request, and are cut all the same.
    for size in ["1", "1KiB", "64KiB"] {
        let sink = Sink::plain();
        let run = load_sink(&sink, &["--uploaders", "2", "-n", "4", "--size", size, "--drop", "100%"]);
        let summary = &run.summary;
        assert_eq!((summary.given_up, summary.dropped, summary.errors), (4, 4 * 6, 0), "{size}");
        assert_eq!((summary.uploads, summary.requests, sink.requests()), (0, 4 * 6, 0), "{size}");
    }
}

#[test]
fn a_lost_tus_upload_goes_on_from_the_servers_offset() {
    let server = tus_server();
    let folder = Folder::new();
    let origin = server.origin();
    let own = ["--suite", "tus", "--target", &origin, "-n", "10", "--size", "512KiB", "--segment", "256KiB"];
    let (ended, run) = load(&folder, &[&own[..], &["--drop", "50%", "--verify", "status"]].concat());
    ended.with_code(0);
    let run = run.expect("a report");
    let summary = &run.summary;
    assert_eq!(run.errors, []);
    assert!(summary.resumed > 0 && summary.dropped >= summary.resumed, "{summary:?}");
    assert_eq!((summary.verified, summary.uploads + summary.given_up), (summary.uploads, 10));
    let is_within = |asked: &&Asked| {
        let offset = asked.header("upload-offset").and_then(|text| text.parse::<u64>().ok());
        asked.method == "PATCH" && offset.is_some_and(|offset| offset % (256 << 10) != 0)
    };
    assert!(server.asked().iter().filter(is_within).count() > 0, "what the server has is not sent again");
}

#[test]
fn wrong_values_are_refused_with_all_forms() {
    let folder = Folder::new();
    for (arguments, wanted) in [
        (
            ["--bandwidth", "fast"],
            "--bandwidth: invalid bandwidth `fast`: write 2MiB/s, 1MiB/s..10MiB/s, log-normal(5MiB/s, 0.8), or a list with weights: 3*2MiB/s, 20MiB/s",
        ),
        (
            ["--pause", "often"],
            "--pause: invalid pause `often`: write 2s, 500ms..5s, log-normal(2s, 0.8), or a list with weights: 3*1s, 10s; a share of the segments may follow: 2s:10%",
        ),
        (["--drop", "0.02"], "--drop: invalid share `0.02`: write 2%"),
        (["--drop", "often"], "--drop: invalid share `often`: write 10% or 0.1%"),
    ] {
        let ended = load(&folder, &arguments).0.with_code(2);
        assert!(ended.stderr.contains(wanted), "{}", ended.stderr);
    }
}
