//! What happens before a run: contents, the requests of the suite, and the token that all uploads share.

use std::sync::Arc;

use serde_json::Value;
use url::Url;

use super::answer::Unmeasured;
use super::client::Content;
use super::error::LoadError;
use super::plan::{LoadPlan, TokenPolicy};
use super::protocol::{Compiler, Known, Numbers, RequestTemplate, Script, Values};
use uptake_suite::Suite;
use uptake_suite::protocol::UploadProtocol;
use uptake_target::Target;
use uptake_wire::{Body, Client, Request};

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

/// What an upload is in the suite, if the target has all that the plan needs of it.
pub(super) fn protocol<'s>(
    plan: &LoadPlan,
    suite: &'s Suite,
    target: &Target,
) -> Result<&'s UploadProtocol, LoadError> {
    let protocol = suite.upload.as_deref().ok_or_else(|| LoadError::NoUpload(suite.name.clone()))?;
    if plan.needs_digests() && needs_place(protocol) && target.stored.is_none() {
        return Err(LoadError::Flag(
            "--verify digest needs a target profile with `stored`, the URL that shows the digests of finished uploads"
                .to_owned(),
        ));
    }
    Ok(protocol)
}

/// The requests of an upload as `suite` describes it. A token that all uploads share is created now, which is not measured.
pub(super) async fn script(
    plan: &LoadPlan,
    suite: &Suite,
    target: &Target,
    prefix: &str,
) -> Result<Script, LoadError> {
    let protocol = protocol(plan, suite, target)?;
    uptake_suite::check_signing_keys(suite, target)?;
    let boundary = format!("uptake-{:016x}", plan.seed.derive("boundary").0);
    let compiler = |known| Compiler { suite, target, known, prefix, boundary: boundary.clone() };
    let mut given = uptake_suite::predefined(suite, target);
    let ttl = match &plan.token {
        TokenPolicy::Each(ttl) | TokenPolicy::One(ttl) => ttl.unwrap_or(0),
        TokenPolicy::Given(_) => 0,
    };
    given.insert("ttl".to_owned(), ttl.into());
    let has_own_token = matches!(plan.token, TokenPolicy::Each(_)) && protocol.token.is_some();
    match &plan.token {
        TokenPolicy::Given(token) => drop(given.insert("token".to_owned(), token.as_str().into())),
        TokenPolicy::One(_) if protocol.token.is_some() => {
            let known = Known::of(protocol, given.clone(), true);
            let token = create_token(&compiler(known), protocol).await?;
            given.insert("token".to_owned(), token);
        }
        TokenPolicy::One(_) | TokenPolicy::Each(_) => {}
    }
    Script::new(&compiler(Known::of(protocol, given, has_own_token)), protocol, plan)
}

/// Whether digests are read from the place that a profile names.
fn needs_place(protocol: &UploadProtocol) -> bool {
    protocol.stored.as_ref().is_some_and(|stored| stored.call.request.path.names().contains(&"stored"))
}

/// Creates the token that all uploads share.
async fn create_token(compiler: &Compiler<'_>, protocol: &UploadProtocol) -> Result<Value, LoadError> {
    let Some(template) = Script::token(compiler, protocol)? else { return Ok(Value::Null) };
    let target = compiler.target;
    let client = Client::new(target.settings.clone())?;
    let nothing = vec![None; compiler.known.count()];
    let values = Values {
        known: &compiler.known,
        numbers: Numbers::default(),
        saved: &nothing,
        parts: None,
        status: None,
    };
    let request = wire_request(&template, &values, &target.base_url);
    let request = request.ok_or_else(|| LoadError::NoToken("its request cannot be written".to_owned()))?;
    let exchange = client.send(&request).await;
    let answer = exchange.outcome.as_ref().map_err(|fault| LoadError::Unreachable(fault.to_string()))?;
    if !template.accepted.has(answer.status) {
        return Err(LoadError::NoToken(format!("the target returned {}", answer.status)));
    }
    let mut saved = nothing.clone();
    template.keep(&Unmeasured { answer, url: &request.url, took: exchange.took }, &mut saved);
    let token = compiler.known.slot("token").and_then(|slot| saved.get_mut(slot)?.take());
    token.ok_or_else(|| LoadError::NoToken("the response contains no token".to_owned()))
}

/// A request as the client sends it that measures nothing.
pub(super) fn wire_request(template: &RequestTemplate, values: &Values<'_>, base: &Url) -> Option<Request> {
    let mut body = String::new();
    template.write_before(values, &mut body).ok()?;
    let (url, headers) = template.addressed(values, body.as_bytes(), base).ok()?;
    let mut request = Request::new(template.method.clone(), url);
    request.headers = headers;
    if !body.is_empty() {
        request.body = Body::content(uptake_payload::Content::text(body).whole());
    }
    Some(request)
}
