//! Who answers a request.

use axum::response::Response;
use http::Method;

use super::answer::Refusal;
use super::cancel::cancel;
use super::objects;
use super::request::{Call, Resource};
use super::service::Service;
use super::start::start;
use super::upload::upload;
use crate::storage::request_content::RequestContent;

/// Answers a request, or refuses it. The URI of a session needs no token: whoever knows it may use it.
pub(super) async fn route(
    service: &Service,
    call: &Call,
    body: &mut RequestContent,
) -> Result<Response, Refusal> {
    let method = &call.head.method;
    match (&call.resource, call.head.parameter("upload_id")) {
        (Resource::Uploads(bucket), Some(id)) => {
            Service::check_bucket(bucket)?;
            match *method {
                Method::PUT | Method::POST => upload(service, call, id, body).await,
                Method::DELETE => cancel(service, id),
                _ => Err(Refusal::METHOD),
            }
        }
        (Resource::Uploads(bucket), None) => {
            service.authorize(call)?;
            Service::check_bucket(bucket)?;
            if method == Method::POST { start(service, call, body).await } else { Err(Refusal::METHOD) }
        }
        (Resource::Bucket(bucket), _) => {
            service.authorize(call)?;
            Service::check_bucket(bucket)?;
            if method == Method::GET { Ok(objects::bucket(call)) } else { Err(Refusal::METHOD) }
        }
        (Resource::Object(bucket, name), _) => {
            service.authorize(call)?;
            Service::check_bucket(bucket)?;
            match *method {
                Method::GET => objects::read(service, call, name),
                Method::DELETE => objects::delete(service, call, name),
                _ => Err(Refusal::METHOD),
            }
        }
        (Resource::Other, _) => Err(Refusal::NOTHING),
    }
}
