//! Upload tokens are created, listed, shown and validated.

use jiff::Timestamp;
use serde_json::{Value, json};
use uptake_reference::Defects;

use crate::support::upload;
use crate::talk::{Talk, parsed, text};

pub(crate) async fn talk(defects: Defects) -> String {
    let mut talk = Talk::with(defects).await;
    for (what, body) in [
        ("with a ttl", json!({ "ttl": 4321 })),
        ("without", json!({})),
        ("with 0", json!({ "ttl": 0 })),
        ("with the largest", json!({ "ttl": 2_147_483_647 })),
        ("with one more", json!({ "ttl": 2_147_483_648_i64 })),
        ("with far more", json!({ "ttl": 1e30 })),
        ("with a negative one", json!({ "ttl": -1 })),
        ("with a text", json!({ "ttl": "60" })),
        ("with a fraction", json!({ "ttl": 60.5 })),
        ("with a list", json!({ "ttl": [] })),
        ("with an array for a body", json!([])),
    ] {
        let answer = talk.post(what, "/upload-tokens", &body).await;
        let token = parsed(&answer);
        talk.note("  ttl and life", format!("{} {}", token["ttl"], life(&token)));
        if body == json!({ "ttl": 0 }) {
            talk.put("  serves", &upload(&text(&answer, "token"))).await;
        }
    }

    let (one, two) = (talk.token(100).await, talk.token(100).await);
    talk.note("two of one ttl are one", one == two);
    let shown = talk.get("shown", &format!("/upload-tokens/{one}")).await;
    talk.note("  ttl and life", format!("{} {}", parsed(&shown)["ttl"], life(&parsed(&shown))));
    talk.get("unknown", "/upload-tokens/toUnknown").await;
    let list = talk.get("listed", "/upload-tokens?pageSize=100").await;
    for token in [&one, &two] {
        let listed =
            parsed(&list)["data"].as_array().is_some_and(|data| data.iter().any(|of| of["token"] == **token));
        talk.note("  is there", listed);
    }

    talk.token(9).await;
    for _ in 0..27 {
        talk.token(10).await;
    }
    for query in [
        "pageSize=10",
        "pageSize=10&currentPage=2",
        "pageSize=10&currentPage=4",
        "pageSize=10&currentPage=5",
        "pageSize=100&sortBy=ttl",
        "pageSize=100&sortBy=ttl&sortOrder=desc",
        "pageSize=3&sortBy=createdAt&sortOrder=desc",
        "pageSize=0",
        "pageSize=101",
        "currentPage=0",
        "sortBy=token",
        "sortOrder=up",
    ] {
        let answer = talk.get(query, &format!("/upload-tokens?{query}")).await;
        let list = parsed(&answer);
        let ttls: Vec<_> =
            list["data"].as_array().into_iter().flatten().map(|token| token["ttl"].to_string()).collect();
        talk.note("  ttls", ttls.join(" "));
        let page = &list["pagination"];
        let rels: Vec<_> =
            page["links"].as_array().into_iter().flatten().map(|link| link["rel"].to_string()).collect();
        talk.note(
            "  page",
            format!(
                "{} of {}, {} of {} items, {} a page, {}",
                page["currentPage"],
                page["pagesTotal"],
                page["currentPageItems"],
                page["itemsTotal"],
                page["pageSize"],
                rels.join(" ")
            ),
        );
    }
    talk.end()
}

/// The seconds from creation to expiry, as answered.
fn life(token: &Value) -> String {
    let at = |member: &str| token[member].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    match (at("createdAt"), at("expiresAt")) {
        (Some(created), Some(expires)) => (expires.as_second() - created.as_second()).to_string(),
        (_, None) => "without end".to_owned(),
        (None, Some(_)) => "?".to_owned(),
    }
}
