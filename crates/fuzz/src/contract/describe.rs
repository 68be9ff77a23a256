//! Describes calls and steps in words.

use super::case::{Action, Auth, Call, JsonBody, TokenName};
use super::request::{list_parameters, ttl_body};
use crate::case::Segment;
use crate::describe::{oddities, upload};

/// The method and the path of a call, without what differs from case to case.
pub(crate) const fn operation(action: &Action) -> &'static str {
    match action {
        Action::Exchange { .. } => "POST /auth/api-key",
        Action::Refresh { .. } => "POST /auth/refresh",
        Action::CreateToken { .. } => "POST /upload-tokens",
        Action::List(_) => "GET /upload-tokens",
        Action::ShowToken(_) => "GET /upload-tokens/{token}",
        Action::DeleteToken(_) => "DELETE /upload-tokens/{token}",
        Action::Upload { .. } => "POST /upload",
        Action::CreateVideo { .. } => "POST /videos",
        Action::ShowVideo(_) => "GET /videos/{id}",
        Action::DeleteVideo(_) => "DELETE /videos/{id}",
        Action::ShowStatus(_) => "GET /videos/{id}/status",
        Action::Source(_) => "POST /videos/{id}/source",
        Action::Preflight(_) => "OPTIONS",
        Action::UnknownPath(_) => "GET of an unknown path",
        Action::WrongMethod(_) => "a method that the path does not support",
    }
}

/// A call, in one line.
pub(crate) fn call(call: &Call) -> String {
    let Call { action, from_page, .. } = call;
    let mut words = vec![match action {
        Action::Exchange { body, .. } => format!("exchange the API key{}", json_body(*body)),
        Action::Refresh { of, body, .. } => {
            format!("refresh access token {}{}", of + 1, json_body(*body))
        }
        Action::CreateToken { saves, ttl } => format!("create token {} with {}", saves + 1, ttl_body(ttl)),
        Action::List(query) => {
            let pairs: Vec<_> =
                list_parameters(query).iter().map(|(name, value)| format!("{name}={value}")).collect();
            if pairs.is_empty() {
                "list tokens".to_owned()
            } else {
                format!("list tokens {}", pairs.join(" "))
            }
        }
        Action::ShowToken(name) => format!("show {}", token(*name)),
        Action::DeleteToken(name) => format!("delete {}", token(*name)),
        Action::Upload { token: name, segment } => {
            format!("upload {} by {}", piece(segment), token(*name))
        }
        Action::CreateVideo { saves, body } => format!("create video {}{}", upload(*saves), json_body(*body)),
        Action::ShowVideo(number) => format!("show video {}", upload(*number)),
        Action::DeleteVideo(number) => format!("delete video {}", upload(*number)),
        Action::ShowStatus(number) => format!("show the status of video {}", upload(*number)),
        Action::Source(segment) => format!("upload {} to the source", piece(segment)),
        Action::Preflight(path) => format!("OPTIONS {path}"),
        Action::UnknownPath(path) => format!("GET {path}"),
        Action::WrongMethod(wrong) => format!("{} {}", wrong.method, wrong.path),
    }];
    words.extend(credential(call));
    if *from_page {
        words.push("from another origin".to_owned());
    }
    words.join(", ")
}

fn json_body(body: JsonBody) -> &'static str {
    match body {
        JsonBody::Right => "",
        JsonBody::AsText => " labelled text/plain",
        JsonBody::Unknown => " with an unknown value",
        JsonBody::Missing => " without a value",
        JsonBody::NotJson => " with a body that is not JSON",
    }
}

fn token(name: TokenName) -> String {
    match name {
        TokenName::Nth(number) => crate::describe::token(number),
        TokenName::Unknown => "an unknown token".to_owned(),
        TokenName::Absent => "no token".to_owned(),
    }
}

/// A segment of a video.
fn piece(segment: &Segment) -> String {
    let mut words: Vec<String> = segment.frame.header().into_iter().collect();
    words.push(format!("{} bytes", segment.length));
    words.extend(oddities(segment));
    format!("{} ({})", upload(segment.upload), words.join(", "))
}

/// Who calls, where it is not who usually does.
fn credential(call: &Call) -> Option<String> {
    Some(match call.auth {
        Auth::None if call.action.needs_key() => "without credentials".to_owned(),
        Auth::Key | Auth::None => return None,
        Auth::UnknownKey => "with an unknown key".to_owned(),
        Auth::Malformed => "with a malformed Authorization".to_owned(),
        Auth::Bearer(number) => format!("with access token {}", number + 1),
        Auth::UnknownBearer => "with an unknown access token".to_owned(),
        Auth::TokenAsBearer(number) => format!("with token {} as Bearer", number + 1),
        Auth::TokenAsKey(number) => format!("with token {} as key", number + 1),
    })
}
