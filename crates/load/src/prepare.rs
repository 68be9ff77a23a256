//! What happens before a run: credentials, contents, and the token that all uploads share.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use url::Url;

use super::api;
use super::client::Content;
use super::error::LoadError;
use super::plan::LoadPlan;
use uptake_target::Target;
use uptake_wire::{Body, Client, Request};

/// The `Authorization` header with the target's API key.
pub(super) fn authorization(target: &Target) -> Option<String> {
    let key = target.credentials.get("api-key")?;
    Some(format!("Basic {}", STANDARD.encode(format!("{key}:"))))
}

/// The contents of a plan, and the sizes of its real files.
pub(super) fn open_contents(plan: &LoadPlan) -> Result<(Vec<Arc<Content>>, Vec<u64>), LoadError> {
    if plan.shape.files.is_empty() {
        return Ok((vec![Arc::new(Content::seeded(plan.content_seed()))], Vec::new()));
    }
    let (mut contents, mut sizes) = (Vec::new(), Vec::new());
    for path in &plan.shape.files {
        let wrong = |why: String| LoadError::File { path: path.display().to_string(), why };
        let content = Content::file(path).map_err(|error| wrong(error.to_string()))?;
        let size = content.len().filter(|size| *size > 0).ok_or_else(|| wrong("it is empty".to_owned()))?;
        contents.push(Arc::new(content));
        sizes.push(size);
    }
    Ok((contents, sizes))
}

/// Creates the token that all uploads share. This is not measured.
pub(super) async fn create_token(target: &Target, ttl: Option<u64>) -> Result<String, LoadError> {
    let client = Client::new(target.settings.clone())?;
    let base = target.base_url.as_str().trim_end_matches('/');
    let url = Url::parse(&api::tokens_path(base)).map_err(|error| LoadError::NoToken(error.to_string()))?;
    let mut request = Request::new(Method::POST, url);
    request.headers = vec![
        ("Authorization".to_owned(), authorization(target).unwrap_or_default()),
        ("Content-Type".to_owned(), "application/json".to_owned()),
    ];
    request.body = Body::content(uptake_payload::Content::text(api::token_body(ttl)).whole());
    let exchange = client.send(&request).await;
    let answer = exchange.outcome.map_err(|fault| LoadError::Unreachable(fault.to_string()))?;
    if answer.status != 200 && answer.status != 201 {
        return Err(LoadError::NoToken(format!("the target answered {}", answer.status)));
    }
    let token = answer.json().ok().and_then(|json| json["token"].as_str().map(str::to_owned));
    token.ok_or_else(|| LoadError::NoToken("the answer contains no token".to_owned()))
}
