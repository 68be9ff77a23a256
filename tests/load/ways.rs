//! Every way in which an upload can be sent, against the reference server: what it received is what was sent.

use uptake_outcome::load::Phase;

use super::common::{Bench, Folder, Setup};
use super::load;

/// Sends forty uploads in some way, verifies each, and gives the run.
fn verified(arguments: &[&str]) -> uptake_outcome::load::LoadRun {
    let bench = Bench::start(Setup::default());
    let folder = Folder::new();
    let own = [
        "--target",
        bench.profile(),
        "--uploads",
        "40",
        "--uploaders",
        "4",
        "--size",
        "100KiB..500KiB",
        "--segment",
        "64KiB",
        "--verify",
        "status",
    ];
    let (ended, run) = load(&folder, &[&own, arguments].concat());
    ended.with_code(0);
    let run = run.expect("a report");
    assert_eq!(run.errors, [], "{arguments:?}");
    assert_eq!(run.summary.verified, run.summary.uploads);
    run
}

#[test]
fn segments_in_turn_shuffled_and_side_by_side() {
    for arguments in [
        ["--framing", "bytes", "--total", "named"],
        ["--framing", "parts", "--total", "open-until-last"],
        ["--framing", "parts", "--order", "shuffled"],
        ["--framing", "bytes, parts", "--parallel-segments", "4"],
    ] {
        let run = verified(&arguments);
        assert_eq!(run.summary.uploads, 40);
        assert!(run.summary.segments > 80, "{}", run.summary.segments);
        assert_eq!(run.phases[&Phase::Token].count, 40, "each upload has a token of its own");
    }
}

#[test]
fn shuffled_segments_side_by_side_with_one_token() {
    let run = verified(&["--order", "shuffled", "--parallel-segments", "3", "--token", "one"]);
    assert_eq!(run.summary.uploads, 40);
    assert!(!run.phases.contains_key(&Phase::Token), "the one token is no part of what is measured");
}

#[test]
fn some_uploads_are_abandoned_and_some_resumed() {
    let run = verified(&["--abandoned", "30%", "--resumed", "50%"]);
    let summary = run.summary;
    assert!(summary.abandoned > 0 && summary.resumed > 0, "{summary:?}");
    assert_eq!(summary.uploads + summary.abandoned, 40);
    assert_eq!(run.phases[&Phase::Upload].count, summary.uploads, "an abandoned upload has no time");
}

#[test]
fn a_real_file_in_one_request() {
    let bench = Bench::start(Setup::default());
    let folder = Folder::new();
    let file = folder.write("clip.mp4", &"0123456789".repeat(20_000));
    let own = [
        "--target",
        bench.profile(),
        "--uploads",
        "5",
        "--file",
        &file,
        "--framing",
        "none",
        "--verify",
        "status",
    ];
    let (ended, run) = load(&folder, &own);
    ended.with_code(0);
    let summary = run.expect("a report").summary;
    assert_eq!((summary.uploads, summary.verified, summary.goodput_bytes), (5, 5, 5 * 200_000));
}

#[test]
fn a_token_that_expires_before_the_first_segment_is_an_error_by_its_status() {
    let bench = Bench::start(Setup::default());
    let folder = Folder::new();
    // One token for all, which lives for a second of a run of three.
    let own = [
        "--target",
        bench.profile(),
        "--rate",
        "20/s",
        "--duration",
        "3s",
        "--size",
        "1KiB",
        "--token",
        "one",
        "--ttl",
        "1s",
    ];
    let (ended, run) = load(&folder, &own);
    ended.with_code(0);
    let run = run.expect("a report");
    assert!(run.summary.uploads > 0 && run.summary.errors > 0, "{:?}", run.summary);
    let refused = run.errors.iter().find(|error| error.status == Some(401)).expect("refused");
    assert_eq!((refused.step.as_str(), refused.class.as_str()), ("segment", "status"));
    assert_eq!(run.phases[&Phase::Failed].count, run.summary.errors, "refusals do not flatter the others");
}
