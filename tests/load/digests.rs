//! Whether a target stored what was sent.

use std::collections::BTreeSet;

use uptake_outcome::load::LoadRun;

use super::common::Folder;
use super::keeper::Keeper;
use super::{Ended, load};

fn verified(url: &str, arguments: &[&str]) -> (Ended, LoadRun) {
    let folder = Folder::new();
    let profile =
        format!("target: a keeper\nbase-url: {url}\nstored: {url}/stored\ncapabilities: [status, stored]\n");
    let profile = folder.write("target.yaml", &profile);
    let own = ["--target", &profile, "--upload-token", "a-token", "--uploaders", "4"];
    let (ended, run) = load(&folder, &[&own, arguments].concat());
    (ended, run.expect("a report"))
}

#[test]
fn one_byte_that_is_flipped_in_a_thousand_uploads_is_found() {
    let (keeper, url) = Keeper::start(Some(500));
    let (_, run) = verified(&url, &["--uploads", "1000", "--size", "20KiB", "--verify", "digest"]);
    assert_eq!((run.summary.uploads, run.summary.verified, run.summary.errors), (999, 999, 1));
    let error = &run.errors[0];
    assert_eq!((error.step.as_str(), error.class.as_str(), error.count), ("stored", "digest", 1));
    let different: BTreeSet<String> = keeper.sums().into_iter().collect();
    assert_eq!(different.len(), 1_000, "each upload has content of its own");
}

#[test]
fn the_digests_of_large_files_agree_and_a_share_may_be_compared() {
    let (_, url) = Keeper::start(None);
    let (_, run) = verified(&url, &["--uploads", "8", "--size", "3MiB..4MiB", "--verify", "digest"]);
    assert_eq!((run.summary.uploads, run.summary.verified), (8, 8), "{:?}", run.errors);
    let (_, run) = verified(&url, &["--uploads", "400", "--size", "1KiB", "--verify", "digest:25%"]);
    assert_eq!(run.summary.uploads, 400);
    assert!((60..140).contains(&run.summary.verified), "{}", run.summary.verified);
}

#[test]
fn segments_in_any_order_are_compared_too() {
    let folder = Folder::new();
    let arguments =
        ["--uploads", "6", "--uploaders", "2", "--size", "1MiB", "--segment", "150KiB", "--verify", "digest"];
    let shuffled = ["--order", "shuffled", "--parallel-segments", "3", "--resumed", "50%"];
    let (ended, run) = load(&folder, &[&arguments[..], &shuffled].concat());
    ended.with_code(0);
    let run = run.expect("a report");
    assert_eq!((run.summary.uploads, run.summary.verified), (6, 6), "{:?}", run.errors);
}

#[test]
fn a_target_that_shows_no_digests_cannot_be_verified_by_them() {
    let folder = Folder::new();
    let arguments = ["--target", "http://127.0.0.1:9", "--upload-token", "a-token", "--verify", "digest"];
    // It is refused before or after the target is looked for, but never measured.
    let (ended, run) = load(&folder, &arguments);
    let ended = ended.with_code(2);
    assert!(
        ended.stderr.contains("--verify digest needs a target profile with `stored`"),
        "{}",
        ended.stderr
    );
    assert!(run.is_none());
}
