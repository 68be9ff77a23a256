//! Tokens expire, and the first segment must arrive in time.

use uptake_reference::Defects;

use crate::support::{SEGMENT, upload};
use crate::talk::{Talk, parsed};
use crate::wire;

const YEAR: i64 = 365 * 86_400;

pub(crate) async fn talk(defects: Defects) -> String {
    let mut talk = Talk::with(defects).await;
    let (token, idle, refused, endless) =
        (talk.token(60).await, talk.token(60).await, talk.token(60).await, talk.token(0).await);
    talk.put("a first segment that is refused", &upload(&refused).part(1, 2).length(1)).await;
    talk.bench.advance(50).await;
    let whole = talk.put("a file before expiry", &upload(&token)).await;
    let video = talk.put("a part before expiry", &upload(&token).part(1, 2)).await;
    let crossing = talk.token(60).await;
    let path = format!("/upload?token={crossing}");
    let held = wire::Held::begin(&talk.bench, &path).await;
    talk.bench.advance(62).await;
    talk.note("a file across expiry", held.finish().await);

    talk.get("an expired token", &format!("/upload-tokens/{token}")).await;
    let listed = parsed(&talk.bench.get("/upload-tokens").await)["data"].as_array().map(Vec::len);
    talk.note("tokens that are listed", format!("{listed:?}"));
    for (what, token) in [("one with an upload", &token), ("one without", &idle), ("a refused one", &refused)]
    {
        talk.note("an expired token", what);
        talk.put("  begins a file", &upload(token)).await;
        talk.put("  begins ranges", &upload(token).bytes(0, SEGMENT - 1, SEGMENT + 1)).await;
        talk.put("  begins parts", &upload(token).part(1, 2)).await;
    }
    talk.put("the rest of the upload", &upload(&token).into_video(&video).part(2, 2)).await;
    talk.status("  makes", &video).await;
    talk.get("the finished video", &format!("/videos/{whole}")).await;
    talk.bench.advance(YEAR).await;
    talk.put("a token without ttl after a year", &upload(&endless)).await;
    talk.get("the finished video", &format!("/videos/{whole}")).await;
    talk.put("an expired token after a year", &upload(&token)).await;
    talk.end()
}
