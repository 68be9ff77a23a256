//! A file is uploaded in byte ranges.

use uptake_reference::{Config, Defects, Storage};

use crate::support::{KIB, SEGMENT, config, upload};
use crate::talk::Talk;
use crate::wire;

const MAX_TOTAL: u64 = 52_428_800_000;

pub(crate) async fn talk(defects: Defects) -> String {
    let mut talk = Talk::on(Config { defects, storage: Storage::Temporary, ..config() }).await;
    let token = talk.token(0).await;
    let (one, two, three) = (SEGMENT, 2 * SEGMENT, 3 * SEGMENT);
    let first = || upload(&token).bytes(0, one - 1, three + 1);

    in_any_order(&mut talk, &token).await;

    let video = talk.put("a first range", &first()).await;
    let later = upload(&token).into_video(&video);
    for (what, segment) in [
        ("the same again", later.clone().bytes(0, one - 1, three + 1)),
        ("an overlap of one byte", later.clone().bytes(one - 1, two - 1, three + 1)),
        ("an overlap of many", later.clone().bytes(one / 2, two - 1, three + 1)),
        ("another total", later.clone().bytes(one, two - 1, three + 2)),
        ("a body too short", later.clone().bytes(one, two - 1, three + 1).length(one - 1)),
        ("a body too long", later.clone().bytes(one, two - 1, three + 1).length(one + 1)),
        ("a range too small", later.clone().bytes(one, two - 2, three + 1)),
        ("a range far too small", later.clone().bytes(one, one, three + 1)),
        ("beyond the total", later.clone().bytes(two, three + 1, three + 1)),
        (
            "ends exchanged",
            later.clone().range(&format!("bytes {}-{one}/{}", two - 1, three + 1)).length(one),
        ),
        ("a part", later.clone().part(2, 3)),
        ("no range", later.clone()),
    ] {
        talk.put(what, &segment).await;
        talk.status("  leaves", &video).await;
    }
    wire::break_off(&talk.bench, &format!("/upload?token={token}"), Some("bytes 0-65535/65537")).await;
    let path = format!("/upload?token={token}");
    let ranges = [
        format!("bytes {one}-{}/{}", two - 1, three + 1),
        format!("bytes {two}-{}/{}", three - 1, three + 1),
    ];
    let statuses = wire::side_by_side(&talk.bench, &path, &video, [&ranges[0], &ranges[1]]).await;
    talk.note("two side by side", format!("{statuses:?}"));
    talk.status("  make", &video).await;
    talk.put("the last", &later.clone().bytes(three, three, three + 1)).await;
    talk.status("  makes", &video).await;
    talk.put("another into the complete one", &later.bytes(0, one - 1, three + 1)).await;
    talk.bytes("  its bytes", &video).await;

    for (what, segment) in [
        ("a range beyond the largest", upload(&token).bytes(0, 256 * KIB, 1024 * KIB)),
        ("a range of the largest", upload(&token).bytes(0, 256 * KIB - 1, 1024 * KIB)),
        ("a small one of an open total", upload(&token).bytes(0, 9, "*")),
        ("one byte of one", upload(&token).bytes(0, 0, 1)),
        ("a total of 0", upload(&token).bytes(0, one - 1, 0)),
        ("a total too great", upload(&token).bytes(0, one - 1, MAX_TOTAL + 1)),
        ("the largest total", upload(&token).bytes(0, one - 1, MAX_TOTAL)),
        ("nonsense", upload(&token).range("bytes nonsense")),
        ("a total missing", upload(&token).range("bytes 0-9")),
    ] {
        talk.put(what, &segment).await;
    }
    let beyond = usize::try_from(MAX_TOTAL).unwrap();
    talk.put("a byte too high", &upload(&token).bytes(beyond - one + 1, beyond, "*")).await;
    let video =
        talk.put("at 5 GiB", &upload(&token).bytes(5 << 30, (5 << 30) + one - 1, 50_000_000_000_u64)).await;
    talk.status("  is listed", &video).await;

    open_totals(&mut talk, &token).await;
    broken_off(&mut talk, &token).await;
    talk.end()
}

async fn in_any_order(talk: &mut Talk, token: &str) {
    let total = 3 * SEGMENT + 1;
    let video = talk.put("a first range", &upload(token).bytes(0, SEGMENT - 1, total)).await;
    let later = upload(token).into_video(&video);
    talk.put("the last", &later.clone().bytes(3 * SEGMENT, 3 * SEGMENT, total)).await;
    talk.status("  makes", &video).await;
    talk.put("the third", &later.clone().bytes(2 * SEGMENT, 3 * SEGMENT - 1, total)).await;
    talk.put("the second", &later.bytes(SEGMENT, 2 * SEGMENT - 1, total)).await;
    talk.status("  makes", &video).await;
    talk.bytes("  its bytes", &video).await;
}

async fn open_totals(talk: &mut Talk, token: &str) {
    let (one, two, three) = (SEGMENT, 2 * SEGMENT, 3 * SEGMENT);
    let video = talk.put("an open total", &upload(token).bytes(0, one - 1, "*")).await;
    let later = upload(token).into_video(&video);
    talk.status("  is", &video).await;
    talk.put("it continues after a gap", &later.clone().bytes(two, three - 1, "*")).await;
    talk.put("a total too low for that", &later.clone().bytes(one, two - 1, two)).await;
    talk.put("a total high enough", &later.bytes(one, two - 1, three)).await;
    talk.status("  makes", &video).await;
}

async fn broken_off(talk: &mut Talk, token: &str) {
    let total = 2 * SEGMENT;
    let answer = talk.bench.post("/videos", &serde_json::json!({ "title": "A film" })).await;
    let video = crate::talk::text(&answer, "videoId");
    let path = format!("/videos/{video}/source");
    wire::break_off(&talk.bench, &path, Some(&format!("bytes 0-{}/{total}", SEGMENT - 1))).await;
    talk.status("a range broken off", &video).await;
    talk.put("the token cannot help", &upload(token).into_video(&video).bytes(0, SEGMENT - 1, total)).await;
}
