//! Who answers a request.

use axum::response::Response;
use http::{Method, StatusCode};
use jiff::Timestamp;

use super::answer::{Refusal, with_status};
use super::complete::{LONGEST_LIST, complete};
use super::content;
use super::initiate::initiate;
use super::request::Call;
use super::service::{BUCKET, Service};
use super::signature::SignedContent;
use super::{lists, objects, parts};
use crate::storage::request_content::RequestContent;

/// The most bytes of content that no operation reads.
const MOST_IGNORED: usize = 64 << 10;

/// Answers a request, or refuses it.
pub(super) async fn route(
    service: &Service,
    call: &Call,
    body: &mut RequestContent,
) -> Result<Response, Refusal> {
    let signed = service.keys.verify(call, Timestamp::now())?;
    if call.bucket != BUCKET {
        return Err(Refusal::not_found("NoSuchBucket", "there is no such bucket"));
    }
    if call.key.is_empty() {
        content::read(body, signed, MOST_IGNORED).await?;
        return of_bucket(service, call);
    }
    if call.head.method == Method::PUT {
        if call.head.parameter("uploadId").is_none() || call.head.header("x-amz-copy-source").is_some() {
            return Err(Refusal::NOT_IMPLEMENTED);
        }
        return parts::upload_part(service, call, body, signed).await;
    }
    of_key(service, call, body, signed).await
}

fn of_bucket(service: &Service, call: &Call) -> Result<Response, Refusal> {
    match call.head.method {
        Method::HEAD => Ok(with_status(StatusCode::OK)),
        Method::GET if call.head.parameter("uploads").is_some() => lists::uploads(service, call),
        _ => Err(Refusal::NOT_IMPLEMENTED),
    }
}

async fn of_key(
    service: &Service,
    call: &Call,
    body: &mut RequestContent,
    signed: SignedContent,
) -> Result<Response, Refusal> {
    let id = call.head.parameter("uploadId");
    let longest = if call.head.method == Method::POST { LONGEST_LIST } else { MOST_IGNORED };
    let body = content::read(body, signed, longest).await?;
    match (&call.head.method, id) {
        (&Method::POST, None) if call.head.parameter("uploads").is_some() => initiate(service, call),
        (&Method::POST, Some(id)) => complete(service, call, id, &body),
        (&Method::GET, Some(id)) => lists::parts(service, call, id),
        (&Method::DELETE, Some(id)) => parts::abort(service, call, id),
        (&Method::GET | &Method::HEAD, None) => objects::read(service, call),
        (&Method::DELETE, None) => Ok(objects::delete(service, call)),
        (&Method::POST, None) => Err(Refusal::NOT_IMPLEMENTED),
        _ => Err(Refusal {
            status: StatusCode::METHOD_NOT_ALLOWED,
            code: "MethodNotAllowed",
            message: "this method is not supported here",
        }),
    }
}
