//! Responses match the documented schemas.

use serde_json::{Value, json};
use uptake_reference::{Config, Defects};

use crate::support::{KEY, config, upload};
use crate::talk::{Talk, parsed, text};

pub(crate) async fn talk(defects: Defects) -> String {
    // With a seed the ids are known, and only times and addresses must be hidden.
    let mut talk = Talk::on(Config { defects, seed: Some(11), ..config() }).await;
    let shape = |talk: &Talk, answer: &crate::support::Answer| {
        hidden(
            &serde_json::to_string_pretty(&parsed(answer)).unwrap_or_default(),
            &talk.bench.server.origin(),
        )
    };
    let answer = talk.post("an access token", "/auth/api-key", &json!({ "apiKey": KEY })).await;
    let kinds: Vec<_> = parsed(&answer)
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("{name} {}", if value.is_string() { "text" } else { "other" }))
        .collect();
    talk.note("  members", kinds.join(", "));
    let answer = talk.post("a token", "/upload-tokens", &json!({ "ttl": 60 })).await;
    let token = text(&answer, "token");
    let fact = shape(&talk, &answer);
    talk.note("  is", fact);
    let answer = talk.get("a list", "/upload-tokens").await;
    let fact = shape(&talk, &answer);
    talk.note("  is", fact);
    let answer = talk.bench.upload(&upload(&token).part(1, 3)).await;
    let fact = shape(&talk, &answer);
    talk.note("a video", fact);
    let video = text(&answer, "videoId");
    let answer = talk.bench.upload(&upload(&token).into_video(&video).part(2, 3)).await;
    talk.note("a later segment names it", parsed(&answer)["videoId"] == *video);
    talk.bench.upload(&upload(&token).into_video(&video).part(3, 3)).await;
    let answer = talk.get("a status", &format!("/videos/{video}/status")).await;
    let fact = shape(&talk, &answer);
    talk.note("  is", fact);
    let container = json!({
        "title": "A film", "description": "Of the sea", "public": false, "panoramic": true, "mp4Support": false,
        "tags": ["sea"], "metadata": [{ "key": "by", "value": "me" }], "language": "fr", "playerId": "pt1",
    });
    let answer = talk.post("a container", "/videos", &container).await;
    let fact = shape(&talk, &answer);
    talk.note("  is", fact);
    for body in [
        json!({}),
        json!({ "title": 5 }),
        json!({ "title": "A", "tags": [5] }),
        json!({ "title": "A", "metadata": [{ "key": "by" }] }),
        json!({ "title": "A", "public": "yes" }),
        json!({ "title": "A", "source": "https://example.com/film.mp4" }),
    ] {
        let answer = talk.post("a wrong container", "/videos", &body).await;
        let fact = parsed(&answer);
        talk.note("  is", fact);
    }
    let answer = talk.bench.get("/videos/viUnknown").await;
    talk.note(
        "an error",
        if parsed(&answer) == Value::Null { answer.text.clone() } else { parsed(&answer).to_string() },
    );
    talk.delete("a video", &format!("/videos/{video}")).await;
    talk.get("  is gone", &format!("/videos/{video}")).await;
    talk.delete("  for good", &format!("/videos/{video}")).await;
    talk.end()
}

fn hidden(text: &str, origin: &str) -> String {
    let text = text.replace(origin, "ORIGIN");
    let date = regex::Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d").expect("the pattern is well formed");
    date.replace_all(&text, "DATE").into_owned()
}
