//! Many callers at once: of those that exclude each other one is served, of the others all.

use futures_util::future::join_all;

use crate::support::{Answer, Bench, SEGMENT, Upload, upload};

/// How many callers.
const CROWD: usize = 16;

async fn verdicts(bench: &Bench, uploads: impl IntoIterator<Item = Upload>) -> Vec<String> {
    let uploads: Vec<_> = uploads.into_iter().collect();
    let mut verdicts: Vec<_> = join_all(uploads.iter().map(|upload| bench.upload(upload)))
        .await
        .iter()
        .map(Answer::verdict)
        .collect();
    verdicts.sort_unstable();
    verdicts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_the_same_part_one_is_accepted() {
    let bench = Bench::start().await;
    let token = bench.token(0).await;
    let video = bench.accepted(&upload(&token).part(1, 3)).await;
    let same = std::iter::repeat_n(upload(&token).into_video(&video).part(2, 3), CROWD);
    let verdicts = verdicts(&bench, same).await;
    assert_eq!(verdicts[0], "201");
    assert!(
        verdicts[1..].iter().all(|verdict| verdict == "400 video-content-range-by-part-part-already-sent")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_overlapping_ranges_one_is_accepted() {
    let bench = Bench::start().await;
    let token = bench.token(0).await;
    let total = 4 * SEGMENT;
    let video = bench.accepted(&upload(&token).bytes(0, SEGMENT - 1, total)).await;
    let later = upload(&token).into_video(&video);
    // All of them hold the byte in the middle.
    let overlapping =
        (0..CROWD).map(|shift| later.clone().bytes(SEGMENT + shift, 2 * SEGMENT + shift - 1, total));
    let verdicts = verdicts(&bench, overlapping).await;
    assert_eq!(verdicts[0], "201");
    assert!(verdicts[1..].iter().all(|verdict| verdict == "400 video-content-range-by-bytes-range-overlap"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_different_parts_all_are_accepted() {
    let bench = Bench::start().await;
    let token = bench.token(0).await;
    let video = bench.accepted(&upload(&token).part(1, CROWD)).await;
    let rest = (2..=CROWD).map(|number| upload(&token).into_video(&video).part(number, CROWD));
    assert!(verdicts(&bench, rest).await.iter().all(|verdict| verdict == "201"));
    assert_eq!(bench.ingest(&video).await["status"], "uploaded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_a_deletion_is_answered_no_upload_begins() {
    let bench = Bench::start().await;
    let token = bench.token(0).await;
    // Some of these are on the wire as the token goes; they may end either way.
    let before = verdicts(&bench, std::iter::repeat_n(upload(&token), CROWD));
    let after = async {
        assert_eq!(bench.delete(&format!("/upload-tokens/{token}")).await.status, 204);
        verdicts(&bench, std::iter::repeat_n(upload(&token), CROWD)).await
    };
    let (_, after) = futures_util::future::join(before, after).await;
    assert!(after.iter().all(|verdict| verdict == "401 authentication-invalid-upload-token"), "{after:?}");
}
