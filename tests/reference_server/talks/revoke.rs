//! A deleted token is refused.

use uptake_reference::Defects;

use crate::support::upload;
use crate::talk::{Talk, parsed};
use crate::wire;

pub(crate) async fn talk(defects: Defects) -> String {
    let mut talk = Talk::with(defects).await;
    let (token, other, expiring) = (talk.token(0).await, talk.token(600).await, talk.token(60).await);
    let finished = talk.put("a file", &upload(&token)).await;
    let begun = talk.put("a part", &upload(&token).part(1, 2)).await;
    let in_grace = talk.put("a part of one that expires", &upload(&expiring).part(1, 2)).await;

    let deleted = talk.delete("it is deleted", &format!("/upload-tokens/{token}")).await;
    talk.note("  with a body of", format!("{:?}", deleted.text));
    talk.put("it begins nothing", &upload(&token)).await;
    talk.put("nor anything by parts", &upload(&token).part(1, 2)).await;
    talk.put("it completes nothing", &upload(&token).into_video(&begun).part(2, 2)).await;
    talk.put("and is asked again", &upload(&token)).await;
    talk.status("its upload", &begun).await;
    talk.get("it is shown", &format!("/upload-tokens/{token}")).await;
    let list = parsed(&talk.bench.get("/upload-tokens").await);
    let listed = list["data"].as_array().is_some_and(|data| data.iter().any(|of| of["token"] == *token));
    talk.note("it is listed", listed);
    talk.delete("it is deleted again", &format!("/upload-tokens/{token}")).await;
    talk.delete("an unknown one is deleted", "/upload-tokens/toUnknown").await;
    talk.get("its finished video", &format!("/videos/{finished}")).await;
    talk.put("another token", &upload(&other)).await;

    let on_the_wire = talk.token(600).await;
    let path = format!("/upload?token={on_the_wire}");
    let held = wire::Held::begin(&talk.bench, &path).await;
    talk.bench.delete(&format!("/upload-tokens/{on_the_wire}")).await;
    talk.note("deleted under a segment", held.finish().await);

    talk.bench.advance(62).await;
    talk.delete("one in grace is deleted", &format!("/upload-tokens/{expiring}")).await;
    talk.put("its upload continues", &upload(&expiring).into_video(&in_grace).part(2, 2)).await;
    talk.bench.advance(62).await;
    talk.put("after a while", &upload(&token)).await;

    let late = talk.token(1).await;
    talk.bench.advance(24 * 3600 + 3).await;
    talk.delete("one whose grace has ended", &format!("/upload-tokens/{late}")).await;
    talk.end()
}
