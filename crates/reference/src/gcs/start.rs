//! `POST /upload/storage/v1/b/BUCKET/o?uploadType=resumable`: a session starts.

use std::time::Instant;

use axum::response::Response;
use http::StatusCode;

use super::answer::{Refusal, set, with_status};
use super::conditions::Conditions;
use super::defects::GcsDefect;
use super::metadata::Metadata;
use super::object::encoded;
use super::request::Call;
use super::service::Service;
use super::session::{Planned, Session};
use crate::storage::request_content::RequestContent;

/// The longest metadata.
const LONGEST: usize = 64 << 10;

pub(super) async fn start(
    service: &Service,
    call: &Call,
    body: &mut RequestContent,
) -> Result<Response, Refusal> {
    match call.head.parameter("uploadType") {
        Some("resumable") => {}
        Some("media" | "multipart") => {
            return Err(Refusal::invalid("this server takes resumable uploads alone"));
        }
        Some(_) => return Err(Refusal::invalid("there is no such uploadType")),
        None => return Err(Refusal::required("the request has no uploadType")),
    }
    let host = call.head.header("host").ok_or(Refusal::required("the request has no Host"))?;
    let content = body.read(LONGEST).await?;
    let metadata = Metadata::read(call, &content)?;
    let name = metadata.name(call)?.to_owned();
    let total = call.number("x-upload-content-length");
    let total = total.map_err(|_| Refusal::invalid("X-Upload-Content-Length is not a number"))?;
    let (hashes, conditions) = (metadata.hashes()?, Conditions::of(call)?);
    let session = Session::new(Planned { name, metadata, hashes, conditions }, total);
    let id = open(service, session)?;
    let mut query: Vec<_> =
        call.head.query.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    query.push(format!("upload_id={id}"));
    let mut response = with_status(StatusCode::OK);
    set(&mut response, "location", &format!("http://{host}{}?{}", call.head.path, query.join("&")));
    set(&mut response, "x-guploader-uploadid", &id);
    Ok(response)
}

fn open(service: &Service, session: Session) -> Result<String, Refusal> {
    let (mut contents, now) = (service.bucket.lock(), Instant::now());
    if service.has(GcsDefect::SharesSessions)
        && let Some(id) = contents.session_of_name(&session.planned.name)
        && contents.session(&id, now)?.try_lock().is_ok_and(|session| session.object.is_none())
    {
        return Ok(id);
    }
    contents.start(session, now)
}
