//! An upload started before expiry can be completed for 24 hours.

use uptake_reference::Defects;

use crate::support::{SEGMENT, upload};
use crate::talk::Talk;

const HOUR: i64 = 3600;

pub(crate) async fn talk(defects: Defects) -> String {
    let mut talk = Talk::with(defects).await;
    let total = 3 * SEGMENT;
    let (token, other, endless) =
        (talk.token(2 * HOUR).await, talk.token(2 * HOUR).await, talk.token(0).await);
    let ranges = talk.put("ranges", &upload(&token).bytes(0, SEGMENT - 1, total)).await;
    let parts = talk.put("parts", &upload(&token).part(1, 3)).await;
    let unfinished = talk.put("parts that stay unfinished", &upload(&token).part(1, 2)).await;
    let foreign = talk.put("another's parts", &upload(&other).part(1, 2)).await;
    talk.put("another's video, before it expires", &upload(&token).into_video(&foreign).part(2, 2)).await;
    let week = talk.put("parts without end", &upload(&endless).part(1, 2)).await;

    talk.bench.advance(2 * HOUR + 2).await;
    let (by_bytes, by_parts) = (upload(&token).into_video(&ranges), upload(&token).into_video(&parts));
    talk.put("just expired, the third range", &by_bytes.clone().bytes(2 * SEGMENT, total - 1, total)).await;
    talk.put("the third part", &by_parts.clone().part(3, 3)).await;
    talk.put("another's video", &upload(&token).into_video(&foreign).part(2, 2)).await;
    talk.put("no video", &upload(&token).into_video("viUnknown").part(2, 2)).await;
    // The first segment was 26 hours less four seconds ago.
    talk.bench.advance(24 * HOUR - 6).await;
    talk.put("shortly before grace ends, a range", &by_bytes.bytes(SEGMENT, 2 * SEGMENT - 1, total)).await;
    talk.put("shortly before grace ends, a part", &by_parts.part(2, 3)).await;
    talk.status("the ranges", &ranges).await;
    talk.status("the parts", &parts).await;

    talk.bench.advance(8).await;
    let late = upload(&token).into_video(&unfinished);
    talk.put("after grace", &late.clone().part(2, 2)).await;
    talk.status("what was unfinished", &unfinished).await;
    talk.status("what was finished", &ranges).await;
    talk.get("and is shown", &format!("/videos/{parts}")).await;
    talk.bench.advance(2 * HOUR).await;
    talk.put("long after grace", &late.clone().part(2, 2)).await;
    talk.token(5).await;
    talk.put("and for good", &late.part(2, 2)).await;
    talk.bench.advance(7 * 24 * HOUR).await;
    talk.put("a week later, without end", &upload(&endless).into_video(&week).part(2, 2)).await;
    talk.end()
}
