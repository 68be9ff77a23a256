//! The request of a call, as a step of a scenario.

use super::super::case::{Action, Auth, Call, JsonBody, TokenName};
use super::super::names::{Names, UNKNOWN_SECRET, UNKNOWN_TOKEN, UNKNOWN_VIDEO};
use super::super::request::{
    MALFORMED, NOT_JSON, ORIGIN, PREFLIGHT_HEADERS, TITLE, line, list_parameters, ttl_body,
};
use super::writer::Writer;
use crate::case::{Order, Segment, VideoRef};
use crate::yaml::{Numbers, letter, quoted};
use uptake_oracle::contract::{Reply, TtlGiven};
use uptake_target::Limits;

/// Where a request is written, and how its last byte is held back.
pub(super) struct Place<'p> {
    pub(super) indent: usize,
    pub(super) limits: Limits,
    pub(super) hold: Option<&'p str>,
}

/// Writes the request of a call; gives what its answer is to be saved as.
pub(super) fn write_call(writer: &mut Writer, place: &Place<'_>, call: &Call) -> Vec<(String, String)> {
    let indent = place.indent;
    let names = variables_of(writer, &call.action);
    let (method, path) = line(&names, &call.action);
    let path = path.replace("{{", "${").replace("}}", "}");
    let method = method.as_str();
    if ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].contains(&method) {
        writer.line(indent, &format!("{}: {}", method.to_ascii_lowercase(), quoted(&path)));
    } else {
        writer.line(indent, &format!("request: {}", quoted(&format!("{method} {path}"))));
    }
    auth(writer, indent, call);
    if let Action::List(query) = &call.action {
        let pairs: Vec<_> =
            list_parameters(query).iter().map(|(name, value)| format!("{name}: {}", quoted(value))).collect();
        if !pairs.is_empty() {
            writer.line(indent, &format!("query: {{ {} }}", pairs.join(", ")));
        }
    }
    headers(writer, place, call);
    if let Some(segment) = call.segment() {
        form(writer, place, segment, matches!(call.action, Action::Source(_)));
    } else {
        json(writer, indent, &call.action);
    }
    let break_off = call.segment().and_then(|segment| segment.break_off);
    let mut delivery: Vec<String> = place.hold.map(str::to_owned).into_iter().collect();
    if call.segment().is_some_and(|segment| segment.chunked) {
        delivery.push("length: chunked".to_owned());
    }
    delivery.extend(break_off.map(|after| format!("break-off: {after}")));
    if !delivery.is_empty() {
        writer.line(indent, &format!("delivery: {{ {} }}", delivery.join(", ")));
    }
    saves(&call.action)
}

/// Names in which every token and video stands for its variable. The braces become those of the language later, since
/// paths are not to be encoded.
fn variables_of(writer: &Writer, action: &Action) -> Names {
    let mut names = Names::default();
    let variable = |name: String| writer.is_saved(&name).then(|| format!("{{{{{name}}}}}"));
    match action {
        Action::ShowToken(TokenName::Nth(number)) | Action::DeleteToken(TokenName::Nth(number)) => {
            names.tokens.extend(variable(token(*number)).map(|name| (*number, name)));
        }
        Action::ShowVideo(number) | Action::DeleteVideo(number) | Action::ShowStatus(number) => {
            names.videos.extend(variable(video(*number)).map(|name| (*number, name)));
        }
        Action::Source(segment) => {
            names.videos.extend(variable(video(segment.upload)).map(|name| (segment.upload, name)));
        }
        _ => {}
    }
    names
}

fn token(number: usize) -> String {
    format!("token_{}", number + 1)
}

fn video(number: usize) -> String {
    if number < 26 { format!("video_{}", letter(number)) } else { format!("video_{}", number + 1) }
}

fn auth(writer: &mut Writer, indent: usize, call: &Call) {
    let template = |name: String, unknown: &str| {
        if writer.is_saved(&name) { quoted(&format!("${{{name}}}")) } else { unknown.to_owned() }
    };
    let token_of = |number: usize| template(token(number), UNKNOWN_TOKEN);
    let text = match call.auth {
        Auth::None => match &call.action {
            Action::Upload { token: TokenName::Nth(number), .. } => {
                format!("{{ upload-token: {} }}", token_of(*number))
            }
            Action::Upload { token: TokenName::Unknown, .. } => {
                format!("{{ upload-token: {UNKNOWN_TOKEN} }}")
            }
            _ => return,
        },
        Auth::Key => "key".to_owned(),
        Auth::UnknownKey => format!("{{ key: {UNKNOWN_SECRET} }}"),
        Auth::Malformed => format!("{{ literal: {MALFORMED} }}"),
        Auth::Bearer(number) => {
            format!("{{ bearer: {} }}", template(format!("access_{}", number + 1), UNKNOWN_SECRET))
        }
        Auth::UnknownBearer => format!("{{ bearer: {UNKNOWN_SECRET} }}"),
        Auth::TokenAsBearer(number) => format!("{{ bearer: {} }}", token_of(number)),
        Auth::TokenAsKey(number) => format!("{{ key: {} }}", token_of(number)),
    };
    // With another credential the token stands in the query by itself.
    let query = match &call.action {
        Action::Upload { token: TokenName::Nth(number), .. } => Some(token_of(*number)),
        Action::Upload { token: TokenName::Unknown, .. } => Some(UNKNOWN_TOKEN.to_owned()),
        _ => None,
    };
    writer.line(indent, &format!("auth: {text}"));
    if let Some(query) = query.filter(|_| call.auth != Auth::None) {
        writer.line(indent, &format!("query: {{ token: {query} }}"));
    }
}

fn headers(writer: &mut Writer, place: &Place<'_>, call: &Call) {
    let mut headers = Vec::new();
    let is_preflight = matches!(call.action, Action::Preflight(_));
    if call.from_page || is_preflight {
        headers.push(format!("Origin: {ORIGIN}"));
    }
    if is_preflight {
        headers.push("Access-Control-Request-Method: POST".to_owned());
        headers.push(format!("Access-Control-Request-Headers: {}", quoted(&PREFLIGHT_HEADERS.join(","))));
    }
    if let Some(range) = call.segment().and_then(|segment| Numbers(place.limits).range(&segment.frame)) {
        headers.push(format!("Content-Range: {range}"));
    }
    match json_of(&call.action) {
        Some(JsonBody::AsText) => headers.push("Content-Type: text/plain;charset=UTF-8".to_owned()),
        Some(JsonBody::NotJson) => headers.push("Content-Type: application/json".to_owned()),
        _ if matches!(call.action, Action::CreateToken { ttl: TtlGiven::NotJson, .. }) => {
            headers.push("Content-Type: application/json".to_owned());
        }
        _ => {}
    }
    if !headers.is_empty() {
        writer.line(place.indent, &format!("headers: {{ {} }}", headers.join(", ")));
    }
}

const fn json_of(action: &Action) -> Option<JsonBody> {
    match action {
        Action::Exchange { body, .. } | Action::Refresh { body, .. } | Action::CreateVideo { body, .. } => {
            Some(*body)
        }
        _ => None,
    }
}

fn json(writer: &mut Writer, indent: usize, action: &Action) {
    let (member, right) = match action {
        Action::Exchange { .. } => ("apiKey", "\"${credential.api_key}\"".to_owned()),
        Action::Refresh { of, .. } => {
            let name = format!("refresh_{}", of + 1);
            let value =
                if writer.is_saved(&name) { format!("${{{name}}}") } else { UNKNOWN_SECRET.to_owned() };
            ("refreshToken", quoted(&value))
        }
        Action::CreateVideo { .. } => ("title", quoted(TITLE)),
        Action::CreateToken { ttl: TtlGiven::NotJson, .. } => {
            return writer.line(indent, &format!("text: {}", quoted(NOT_JSON)));
        }
        Action::CreateToken { ttl, .. } => return writer.line(indent, &format!("json: {}", ttl_body(ttl))),
        _ => return,
    };
    let text = match json_of(action) {
        Some(JsonBody::Unknown) => format!("json: {{ {member}: {UNKNOWN_SECRET} }}"),
        Some(JsonBody::Missing) => "json: {}".to_owned(),
        Some(JsonBody::NotJson) => format!("text: {}", quoted(NOT_JSON)),
        _ => format!("json: {{ {member}: {right} }}"),
    };
    writer.line(indent, &text);
}

fn form(writer: &mut Writer, place: &Place<'_>, segment: &Segment, is_source: bool) {
    let indent = place.indent;
    let id = match segment.link {
        _ if is_source => None,
        VideoRef::Unknown => Some(UNKNOWN_VIDEO.to_owned()),
        VideoRef::Carried => {
            writer.is_saved(&video(segment.upload)).then(|| format!("${{{}}}", video(segment.upload)))
        }
    };
    let id = id.map(|id| format!("- videoId: {}", quoted(&id)));
    writer.line(indent, "form:");
    let id_first = segment.form.order == Order::IdFirst;
    if let Some(id) = id.as_ref().filter(|_| id_first) {
        writer.line(indent + 1, id);
    }
    if segment.form.files == 0 && id.is_none() {
        // A form has one field at least.
        writer.line(indent + 1, "- comment: no file");
    }
    let content = if segment.length == 0 {
        "text: \"\"".to_owned()
    } else {
        format!("size: {}", quoted(&Numbers(place.limits).number(segment.length)))
    };
    for _ in 0..segment.form.files {
        let name = quoted(segment.form.name);
        writer.line(indent + 1, &format!("- {}: {{ {content}, name: {name} }}", segment.form.field));
    }
    if let Some(id) = id.filter(|_| !id_first) {
        writer.line(indent + 1, &id);
    }
}

/// What the answer to a call is to be saved as.
fn saves(action: &Action) -> Vec<(String, String)> {
    let save = |name: String, path: &str| (name, path.to_owned());
    match action {
        Action::Exchange { saves, .. } | Action::Refresh { saves, .. } => vec![
            save(format!("access_{}", saves + 1), "$.access_token"),
            save(format!("refresh_{}", saves + 1), "$.refresh_token"),
        ],
        Action::CreateToken { saves, .. } => vec![
            save(token(*saves), "$.token"),
            save(format!("{}_created", token(*saves)), "$.createdAt"),
            save(format!("{}_expires", token(*saves)), "$.expiresAt"),
        ],
        Action::CreateVideo { saves, .. } => {
            vec![save(video(*saves), "$.videoId"), save(format!("{}_created", video(*saves)), "$.createdAt")]
        }
        Action::Upload { segment, .. } => vec![
            save(video(segment.upload), "$.videoId"),
            save(format!("{}_created", video(segment.upload)), "$.createdAt"),
        ],
        _ => Vec::new(),
    }
}

/// What an answer shows, with the variables that it is saved as.
pub(in crate::contract) fn variables(call: &Call, reply: &Reply) -> Vec<(String, String)> {
    if !reply.is_success() {
        return Vec::new();
    }
    let text = |path: &str| {
        let member = path.trim_start_matches("$.");
        reply.json.as_ref().and_then(|body| body.get(member)?.as_str()).map(str::to_owned)
    };
    saves(&call.action).into_iter().filter_map(|(name, path)| Some((text(&path)?, name))).collect()
}
