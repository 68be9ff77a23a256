//! Files arrive: whole, by byte ranges, by parts.

use serde_json::json;

use crate::support::{Bench, SEGMENT, upload};

#[tokio::test]
async fn a_file_in_one_request_is_a_video() {
    let bench = Bench::start().await;
    let token = bench.token(60).await;
    let answer = bench.upload(&upload(&token)).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.json()["title"], "film.mp4");
    let video = answer.json()["videoId"].as_str().unwrap().to_owned();
    assert_eq!(bench.ingest(&video).await, json!({"status": "uploaded", "filesize": 10 * 1024}));
}

#[tokio::test]
async fn byte_ranges_in_any_order_complete_an_upload() {
    let bench = Bench::start().await;
    let token = bench.token(60).await;
    let total = 2 * SEGMENT + 1;
    let video = bench.accepted(&upload(&token).bytes(0, SEGMENT - 1, total)).await;
    let later = upload(&token).into_video(&video);
    bench.accepted(&later.clone().bytes(2 * SEGMENT, 2 * SEGMENT, total)).await;
    let status = bench.ingest(&video).await;
    assert_eq!(status["status"], "uploading");
    assert_eq!(
        status["receivedBytes"],
        json!([
            {"from": 0, "to": SEGMENT - 1, "total": total},
            {"from": 2 * SEGMENT, "to": 2 * SEGMENT, "total": total},
        ])
    );
    bench.accepted(&later.bytes(SEGMENT, 2 * SEGMENT - 1, total)).await;
    let status = bench.ingest(&video).await;
    assert_eq!((&status["status"], &status["filesize"]), (&json!("uploaded"), &json!(total)));
}

#[tokio::test]
async fn parts_with_an_open_count_complete_once_one_names_it() {
    let bench = Bench::start().await;
    let token = bench.token(60).await;
    let video = bench.accepted(&upload(&token).part(1, "*")).await;
    let later = upload(&token).into_video(&video);
    bench.accepted(&later.clone().part(2, "*")).await;
    let status = bench.ingest(&video).await;
    assert_eq!(status["receivedParts"], json!({"parts": [1, 2], "total": null}));
    bench.accepted(&later.part(3, 3).length(5)).await;
    let status = bench.ingest(&video).await;
    assert_eq!(status["receivedParts"], json!({"parts": [1, 2, 3], "total": 3}));
    assert_eq!((&status["status"], &status["filesize"]), (&json!("uploaded"), &json!(2 * SEGMENT + 5)));
}

#[tokio::test]
async fn an_upload_begun_in_time_goes_on_in_grace_and_no_longer() {
    let bench = Bench::start().await;
    let token = bench.token(60).await;
    let video = bench.accepted(&upload(&token).part(1, 3)).await;
    let later = upload(&token).into_video(&video);
    bench.advance(62).await;
    assert_eq!(bench.upload(&upload(&token)).await.verdict(), "401 authentication-invalid-upload-token");
    bench.accepted(&later.clone().part(2, 3)).await;
    bench.advance(24 * 3600).await;
    assert_eq!(bench.upload(&later.part(3, 3)).await.verdict(), "401 authentication-invalid-upload-token");
    assert_eq!(bench.ingest(&video).await["status"], "uploading");
}
