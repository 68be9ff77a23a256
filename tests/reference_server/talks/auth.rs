//! Credentials are exchanged, accepted and refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::json;
use uptake_reference::Defects;

use crate::support::KEY;
use crate::talk::{Talk, text};

pub(crate) async fn talk(defects: Defects) -> String {
    let mut talk = Talk::with(defects).await;
    let key = json!({ "apiKey": KEY });
    let exchanged = talk.post("a key is exchanged", "/auth/api-key", &key).await;
    talk.post("a wrong key is not", "/auth/api-key", &json!({ "apiKey": "wrong" })).await;
    talk.post("nor is a missing key", "/auth/api-key", &json!({})).await;
    talk.post("nor a number", "/auth/api-key", &json!({ "apiKey": 5 })).await;
    let request = talk.bench.bare(Method::POST, "/auth/api-key").body("key");
    talk.ask("nor what is not JSON", request).await;

    let (access, refresh) = (text(&exchanged, "access_token"), text(&exchanged, "refresh_token"));
    let list = |talk: &Talk, value: &str| {
        talk.bench.bare(Method::GET, "/upload-tokens").header("Authorization", value)
    };
    let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
    for (what, value) in [
        ("an access token is accepted", format!("Bearer {access}")),
        ("in any case", format!("bEARER {access}")),
        ("a key is accepted", basic(&format!("{KEY}:"))),
        ("a wrong key is refused", basic("wrong:")),
        ("a key with a password is refused", basic(&format!("{KEY}:secret"))),
        ("an unknown access token is refused", "Bearer a.b.c".to_owned()),
        ("an unknown scheme is refused", "Digest abc".to_owned()),
        ("a basic value that is none is refused", "Basic ???".to_owned()),
    ] {
        let request = list(&talk, &value);
        talk.ask(what, request).await;
    }
    let token = talk.token(0).await;
    for (what, value) in [
        ("an upload token is not an access token", format!("Bearer {token}")),
        ("an upload token is not a key", basic(&format!("{token}:"))),
    ] {
        let request = list(&talk, &value);
        talk.ask(what, request).await;
    }
    for (what, method, path) in [
        ("nobody lists", Method::GET, "/upload-tokens".to_owned()),
        ("nobody creates", Method::POST, "/upload-tokens".to_owned()),
        ("nobody is shown", Method::GET, format!("/upload-tokens/{token}")),
        ("nobody deletes", Method::DELETE, format!("/upload-tokens/{token}")),
        ("nobody makes a container", Method::POST, "/videos".to_owned()),
    ] {
        let request = talk.bench.bare(method, &path);
        talk.ask(what, request).await;
    }

    talk.bench.advance(1800).await;
    let labelled = |talk: &Talk, token: &str| {
        let body = json!({ "refreshToken": token }).to_string();
        talk.bench
            .bare(Method::POST, "/auth/refresh")
            .header("Content-Type", "text/plain;charset=UTF-8")
            .body(body)
    };
    let request = labelled(&talk, &refresh);
    let refreshed = talk.ask("a refresh labelled as text is accepted", request).await;
    let request = labelled(&talk, &refresh);
    talk.ask("a refresh token serves once", request).await;
    talk.post("an unknown one never", "/auth/refresh", &json!({ "refreshToken": "unknown" })).await;
    talk.post("nothing is not a refresh", "/auth/refresh", &json!({})).await;

    talk.bench.advance(1802).await;
    let request = list(&talk, &format!("Bearer {access}"));
    talk.ask("an access token ends after its hour", request).await;
    let request = list(&talk, &format!("Bearer {}", text(&refreshed, "access_token")));
    talk.ask("the one that replaced it does not", request).await;
    // A new one is given out, which makes room for it.
    talk.post("another", "/auth/api-key", &key).await;
    let request = list(&talk, &format!("Bearer {access}"));
    talk.ask("an ended one stays ended", request).await;
    talk.end()
}
