//! A file is uploaded in numbered parts.

use uptake_reference::Defects;

use crate::support::{KIB, SEGMENT, upload};
use crate::talk::Talk;
use crate::wire;

pub(crate) async fn talk(defects: Defects) -> String {
    let mut talk = Talk::with(defects).await;
    let token = talk.token(0).await;
    let path = format!("/upload?token={token}");

    let video = talk.put("part 1 of 4", &upload(&token).part(1, 4)).await;
    let later = upload(&token).into_video(&video);
    for (what, segment) in [
        ("again", later.clone().part(1, 4)),
        ("another count", later.clone().part(2, 5)),
        ("too small", later.clone().part(2, 4).length(SEGMENT - 1)),
        ("far too small", later.clone().part(2, 4).length(1)),
        ("too large", later.clone().part(2, 4).length(256 * KIB + 1)),
        ("beyond the count", later.clone().part(5, 4)),
        ("beyond it, open", later.clone().part(5, "*")),
        ("part 0", later.clone().part(0, 4)),
        ("a byte range", later.clone().bytes(SEGMENT, 2 * SEGMENT - 1, 4 * SEGMENT)),
        ("no range", later.clone()),
    ] {
        talk.put(what, &segment).await;
        talk.status("  leaves", &video).await;
    }
    talk.put("the last, small", &later.clone().part(4, 4).length(1)).await;
    talk.status("  makes", &video).await;
    let statuses = wire::side_by_side(&talk.bench, &path, &video, ["part 3/4", "part 2/4"]).await;
    talk.note("two side by side", format!("{statuses:?}"));
    talk.status("  make", &video).await;
    talk.put("another into the complete one", &later.part(1, 4)).await;

    for (what, segment) in [
        ("one of one, small", upload(&token).part(1, 1).length(1)),
        ("of an open count, small", upload(&token).part(1, "*").length(1)),
        ("a count of 0", upload(&token).part(1, 0)),
        ("a count too great", upload(&token).part(1, 10_001)),
        ("the largest count", upload(&token).part(10_000, 10_000)),
        ("a number too great", upload(&token).part(10_001, "*")),
        ("a later one without a video", upload(&token).part(2, 3)),
        ("a number that is none", upload(&token).part(1, "many")),
    ] {
        talk.put(what, &segment).await;
    }

    let video = talk.put("an open count", &upload(&token).part(1, "*")).await;
    let later = upload(&token).into_video(&video);
    talk.status("  is", &video).await;
    talk.put("part 3", &later.clone().part(3, "*")).await;
    talk.put("a count too low for that", &later.clone().part(2, 2)).await;
    talk.put("a count high enough", &later.part(2, 3)).await;
    talk.status("  makes", &video).await;
    talk.end()
}
