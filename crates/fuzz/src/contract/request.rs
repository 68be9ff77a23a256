//! From a call of a case to the request that is sent, and to the call that the oracle judges.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::json;
use tokio::sync::Barrier;
use url::Url;

use super::case::{Action, Auth, Call, JsonBody};
use super::names::{Names, UNKNOWN_SECRET, UNKNOWN_VIDEO};
use crate::body;
use crate::case::{Segment, VideoRef};
use crate::client::{NoResponse, RateLimitedClient};
use uptake_oracle::Span;
use uptake_oracle::contract::{self, Credential, Given, ListQuery, Operation, TtlGiven};
use uptake_payload::{Content, Seed};
use uptake_wire::{Body, Request};

/// The origin of the page that calls.
pub(crate) const ORIGIN: &str = "https://uploads.example";
/// The title of containers.
pub(crate) const TITLE: &str = "a container";
/// A body that is not JSON.
pub(crate) const NOT_JSON: &str = "{\"";
/// An Authorization header that is neither basic nor bearer.
pub(crate) const MALFORMED: &str = "Malformed";

/// The request of a call. What is held back meets these barriers before its last byte.
pub(super) fn request(
    client: &RateLimitedClient,
    names: &Names,
    call: &Call,
    seed: Seed,
    hold: Vec<Arc<Barrier>>,
) -> Result<Request, NoResponse> {
    let (method, path) = line(names, &call.action);
    let mut url = client.url(&path)?;
    query(&mut url, names, &call.action);
    let mut request = Request::new(method, url);
    if let Some(value) = authorization(client, names, call.auth) {
        request.headers.push(("Authorization".to_owned(), value));
    }
    if call.from_page || matches!(call.action, Action::Preflight(_)) {
        request.headers.push(("Origin".to_owned(), ORIGIN.to_owned()));
    }
    if let Action::Preflight(_) = call.action {
        let name = "Access-Control-Request-Method".to_owned();
        request.headers.push((name, "POST".to_owned()));
        let name = "Access-Control-Request-Headers".to_owned();
        request.headers.push((name, PREFLIGHT_HEADERS.join(",")));
    }
    if let Some(segment) = call.segment() {
        let id = match segment.link {
            _ if matches!(call.action, Action::Source(_)) => None,
            VideoRef::Carried => names.videos.get(&segment.upload).map(String::as_str),
            VideoRef::Unknown => Some(UNKNOWN_VIDEO),
        };
        let content = Content::seeded(seed.derive(&format!("upload {}", segment.upload)), u64::MAX);
        let (headers, body, delivery) = body::of(segment, id, &content, hold);
        request.headers.extend(headers);
        (request.body, request.delivery) = (body, delivery);
    } else if let Some((label, text)) = json_body(client, names, &call.action) {
        request.headers.push(("Content-Type".to_owned(), label.to_owned()));
        request.body = Body::from(text);
        request.delivery.hold = hold;
    }
    Ok(request)
}

/// The headers that a page asks for before it uploads.
pub(crate) const PREFLIGHT_HEADERS: [&str; 2] = ["authorization", "content-range"];

/// Method and path.
pub(crate) fn line(names: &Names, action: &Action) -> (Method, String) {
    let token = |name| names.named_token(name).unwrap_or_default();
    match action {
        Action::Exchange { .. } => (Method::POST, "/auth/api-key".to_owned()),
        Action::Refresh { .. } => (Method::POST, "/auth/refresh".to_owned()),
        Action::CreateToken { .. } => (Method::POST, "/upload-tokens".to_owned()),
        Action::List(_) => (Method::GET, "/upload-tokens".to_owned()),
        Action::ShowToken(name) => (Method::GET, format!("/upload-tokens/{}", token(*name))),
        Action::DeleteToken(name) => (Method::DELETE, format!("/upload-tokens/{}", token(*name))),
        Action::Upload { .. } => (Method::POST, "/upload".to_owned()),
        Action::CreateVideo { .. } => (Method::POST, "/videos".to_owned()),
        Action::ShowVideo(number) => (Method::GET, format!("/videos/{}", names.video(*number))),
        Action::DeleteVideo(number) => (Method::DELETE, format!("/videos/{}", names.video(*number))),
        Action::ShowStatus(number) => (Method::GET, format!("/videos/{}/status", names.video(*number))),
        Action::Source(segment) => (Method::POST, format!("/videos/{}/source", names.video(segment.upload))),
        Action::Preflight(path) => (Method::OPTIONS, (*path).to_owned()),
        Action::UnknownPath(path) => (Method::GET, (*path).to_owned()),
        Action::WrongMethod(wrong) => {
            (Method::from_bytes(wrong.method.as_bytes()).unwrap_or(Method::PATCH), wrong.path.to_owned())
        }
    }
}

/// The parameters of a list, in the order in which they are written.
pub(crate) fn list_parameters(query: &ListQuery) -> Vec<(&'static str, String)> {
    let mut pairs = Vec::new();
    pairs.extend(query.sort_by.map(|by| ("sortBy", by.to_owned())));
    pairs.extend(query.sort_order.map(|order| ("sortOrder", order.to_owned())));
    pairs.extend(query.page.map(|page| ("currentPage", page.to_string())));
    pairs.extend(query.size.map(|size| ("pageSize", size.to_string())));
    pairs
}

fn query(url: &mut Url, names: &Names, action: &Action) {
    match action {
        Action::Upload { token, .. } => {
            if let Some(token) = names.named_token(*token) {
                url.query_pairs_mut().append_pair("token", token);
            }
        }
        Action::List(query) => {
            for (name, value) in list_parameters(query) {
                url.query_pairs_mut().append_pair(name, &value);
            }
        }
        _ => {}
    }
}

fn authorization(client: &RateLimitedClient, names: &Names, auth: Auth) -> Option<String> {
    let basic = |key: &str| format!("Basic {}", STANDARD.encode(format!("{key}:")));
    let shown = names.credential(auth).unwrap_or_default();
    match auth {
        Auth::None => None,
        Auth::Key => Some(basic(client.key())),
        Auth::Malformed => Some(MALFORMED.to_owned()),
        Auth::UnknownKey | Auth::TokenAsKey(_) => Some(basic(shown)),
        Auth::Bearer(_) | Auth::UnknownBearer | Auth::TokenAsBearer(_) => Some(format!("Bearer {shown}")),
    }
}

/// The label and the text of a JSON body.
fn json_body(client: &RateLimitedClient, names: &Names, action: &Action) -> Option<(&'static str, String)> {
    let (member, right, body) = match action {
        Action::Exchange { body, .. } => ("apiKey", client.key(), *body),
        Action::Refresh { of, body, .. } => ("refreshToken", names.refresh_token(*of), *body),
        Action::CreateVideo { body, .. } => ("title", TITLE, *body),
        Action::CreateToken { ttl, .. } => return Some(("application/json", ttl_body(ttl))),
        _ => return None,
    };
    let text = match body {
        JsonBody::Right | JsonBody::AsText => json!({ member: right }).to_string(),
        JsonBody::Unknown => json!({ member: UNKNOWN_SECRET }).to_string(),
        JsonBody::Missing => "{}".to_owned(),
        JsonBody::NotJson => NOT_JSON.to_owned(),
    };
    let label = if body == JsonBody::AsText { "text/plain;charset=UTF-8" } else { "application/json" };
    Some((label, text))
}

/// The body that creates a token.
pub(crate) fn ttl_body(ttl: &TtlGiven) -> String {
    match ttl {
        TtlGiven::Missing => "{}".to_owned(),
        TtlGiven::Seconds(seconds) => format!("{{\"ttl\": {seconds}}}"),
        TtlGiven::Invalid(json) => format!("{{\"ttl\": {json}}}"),
        TtlGiven::NotJson => NOT_JSON.to_owned(),
    }
}

/// The call as the oracle judges it.
pub(super) fn judged(names: &Names, call: &Call, began: Span, arrived: Span) -> contract::Call {
    let token = |name| names.named_token(name).unwrap_or_default().to_owned();
    let video = |number: usize| names.video(number).to_owned();
    let operation = match &call.action {
        Action::Exchange { body, .. } => Operation::Exchange(given(*body, "")),
        Action::Refresh { of, body, .. } => Operation::Refresh(given(*body, names.refresh_token(*of))),
        Action::CreateToken { ttl, .. } => Operation::CreateToken(ttl.clone()),
        Action::List(query) => Operation::ListTokens(query.clone()),
        Action::ShowToken(name) => Operation::ShowToken(token(*name)),
        Action::DeleteToken(name) => Operation::DeleteToken(token(*name)),
        Action::Upload { token, segment } => Operation::Upload {
            token: names.named_token(*token).map(str::to_owned),
            video: match segment.link {
                VideoRef::Carried => names.videos.get(&segment.upload).cloned(),
                VideoRef::Unknown => Some(UNKNOWN_VIDEO.to_owned()),
            },
            segment: judged_segment(segment),
        },
        Action::CreateVideo { body, .. } => Operation::CreateVideo(given(*body, TITLE)),
        Action::ShowVideo(number) => Operation::ShowVideo(video(*number)),
        Action::DeleteVideo(number) => Operation::DeleteVideo(video(*number)),
        Action::ShowStatus(number) => Operation::ShowStatus(video(*number)),
        Action::Source(segment) => {
            Operation::UploadSource { video: video(segment.upload), segment: judged_segment(segment) }
        }
        Action::Preflight(_) => Operation::Preflight { headers: vec![PREFLIGHT_HEADERS[1]] },
        Action::UnknownPath(_) => Operation::UnknownPath,
        Action::WrongMethod(wrong) => Operation::WrongMethod { allowed: wrong.allowed },
    };
    let is_from_page = call.from_page || matches!(call.action, Action::Preflight(_));
    let origin = is_from_page.then(|| ORIGIN.to_owned());
    contract::Call { operation, credential: credential(names, call.auth), origin, began, arrived }
}

fn given(body: JsonBody, right: &str) -> Given {
    match body {
        JsonBody::Right => Given::Known(right.to_owned()),
        JsonBody::AsText => Given::KnownAsText(right.to_owned()),
        JsonBody::Unknown => Given::Unknown,
        JsonBody::Missing => Given::Missing,
        JsonBody::NotJson => Given::NotJson,
    }
}

fn credential(names: &Names, auth: Auth) -> Credential {
    let shown = || names.credential(auth).unwrap_or_default().to_owned();
    match auth {
        Auth::None => Credential::None,
        Auth::Key => Credential::Key,
        Auth::UnknownKey => Credential::UnknownKey,
        Auth::Malformed => Credential::Malformed,
        Auth::Bearer(_) | Auth::UnknownBearer | Auth::TokenAsBearer(_) => Credential::Bearer(shown()),
        Auth::TokenAsKey(_) => Credential::Basic(shown()),
    }
}

fn judged_segment(segment: &Segment) -> contract::Segment {
    contract::Segment {
        range: segment.frame.header(),
        offset: segment.offset,
        files: vec![segment.length; usize::from(segment.form.files)],
        file_name: segment.form.name.to_owned(),
        broken_off: segment.break_off.is_some(),
        chunked: segment.chunked,
    }
}
