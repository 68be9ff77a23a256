//! A file is uploaded in one request.

use reqwest::Method;
use serde_json::json;
use uptake_reference::{Config, Defects, Storage};

use crate::support::{KIB, Part, config, content, form, upload};
use crate::talk::{Talk, parsed, text};
use crate::wire;

pub(crate) async fn talk(defects: Defects) -> String {
    let mut talk = Talk::on(Config { defects, storage: Storage::Temporary, ..config() }).await;
    let token = talk.token(0).await;
    let send = |talk: &Talk, parts: &[Part]| {
        form(talk.bench.bare(Method::POST, &format!("/upload?token={token}")), parts)
    };
    let file = |field: &str| Part::file(field, "film.mp4", content(10 * KIB));

    let first = talk.put("a file", &upload(&token)).await;
    talk.status("  its status", &first).await;
    talk.bytes("  its bytes", &first).await;
    let second = talk.put("another by the same token", &upload(&token)).await;
    talk.note("  is the same video", first == second);
    let other = talk.token(0).await;
    let third = talk.bench.upload(&upload(&other)).await;
    talk.note("the title is the file's name", parsed(&third)["title"] == "film.mp4");
    talk.put("another into it", &upload(&other).into_video(&text(&third, "videoId"))).await;
    talk.put("into one that another token began", &upload(&other).into_video(&first)).await;
    talk.put("into none", &upload(&other).into_video("viUnknown")).await;

    for (what, path) in [
        ("no token", "/upload"),
        ("an empty token", "/upload?token="),
        ("an unknown token", "/upload?token=toUnknown"),
    ] {
        let request = form(talk.bench.bare(Method::POST, path), &[file("file")]);
        talk.ask(what, request).await;
    }
    for (what, parts) in [
        ("no file", vec![Part::field("file", "no name")]),
        ("two files", vec![file("file"), file("other")]),
        ("an empty file", vec![Part::file("file", "film.mp4", Vec::new())]),
        ("a file in another field", vec![file("film.mp4")]),
        ("an empty form", vec![]),
    ] {
        let request = send(&talk, &parts);
        talk.ask(what, request).await;
    }
    let request = talk.bench.bare(Method::POST, &format!("/upload?token={token}")).body("{}");
    talk.ask("no form", request).await;
    for (what, length) in
        [("the largest file", 320 * KIB), ("one byte more", 320 * KIB + 1), ("far more", 1536 * KIB)]
    {
        talk.put(what, &upload(&token).length(length)).await;
    }
    for (what, value) in [("an empty Authorization", ""), ("an unknown one", "Bearer nonsense")] {
        let request = send(&talk, &[file("file")]).header("Authorization", value);
        talk.ask(what, request).await;
    }

    for (what, id_first) in [("videoId before the file", true), ("videoId behind the file", false)] {
        let begun = talk.put("a first part", &upload(&token).part(1, 2)).await;
        let mut parts = vec![Part::field("videoId", &begun), file("file")];
        if !id_first {
            parts.reverse();
        }
        let request = send(&talk, &parts).header("Content-Range", "part 2/2");
        let answer = talk.ask(what, request).await;
        talk.note("  is the same video", text(&answer, "videoId") == begun);
    }

    sources(&mut talk).await;
    let spent = talk.token(0).await;
    wire::break_off(&talk.bench, &format!("/upload?token={spent}"), None).await;
    talk.put("the token of an upload broken off", &upload(&spent)).await;
    talk.end()
}

/// Sources of containers, by key.
async fn sources(talk: &mut Talk) {
    let container = talk.post("a container", "/videos", &json!({ "title": "A film" })).await;
    let container = text(&container, "videoId");
    let into = |talk: &Talk, video: &str, length| {
        form(
            talk.bench.call(Method::POST, &format!("/videos/{video}/source")),
            &[Part::file("file", "film.mp4", content(length))],
        )
    };
    let request = into(talk, "viUnknown", KIB);
    talk.ask("an unknown container", request).await;
    wire::break_off(&talk.bench, &format!("/videos/{container}/source"), None).await;
    talk.status("a file broken off", &container).await;
    let request = into(talk, &container, KIB);
    talk.ask("its source", request).await;
    let request = into(talk, &container, 2 * KIB);
    talk.ask("a second source", request).await;
    talk.status("  its status", &container).await;
}
