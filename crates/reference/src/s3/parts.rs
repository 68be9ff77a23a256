//! `UploadPart`, and `AbortMultipartUpload`.

use std::sync::Arc;

use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;

use super::answer::{Refusal, set, with_status};
use super::content::receive;
use super::defects::S3Defect;
use super::part::Part;
use super::request::Call;
use super::service::Service;
use super::signature::SignedContent;
use crate::storage::request_content::RequestContent;

/// Stores a part once it has arrived whole.
pub(super) async fn upload_part(
    service: &Service,
    call: &Call,
    body: &mut RequestContent,
    signed: SignedContent,
) -> Result<Response, Refusal> {
    let number = call.head.parameter("partNumber").and_then(|text| text.parse().ok());
    let outside = Refusal::bad("InvalidArgument", "the part number is an integer from 1 to 10000");
    let number = number.filter(|number| (1..=10_000).contains(number)).ok_or(outside)?;
    let id = call.head.parameter("uploadId").ok_or(Refusal::NO_SUCH_UPLOAD)?;
    let checksum = service.bucket.lock().upload(&call.key, id)?.checksum;
    let stored = match receive(service, call, body, signed, checksum).await {
        Ok(stored) => stored,
        Err((refusal, Some(damaged))) => {
            store(service, call, (number, id), damaged)?;
            return Err(refusal);
        }
        Err((refusal, None)) => return Err(refusal),
    };
    let mut response = with_status(StatusCode::OK);
    set(&mut response, "etag", &format!("\"{}\"", stored.etag()));
    if let Some((checksum, value)) = &stored.checksum {
        set(&mut response, checksum.header(), value);
    }
    store(service, call, (number, id), stored)?;
    Ok(response)
}

fn store(service: &Service, call: &Call, (number, id): (u32, &str), part: Part) -> Result<(), Refusal> {
    let mut contents = service.bucket.lock();
    let parts = &mut contents.upload(&call.key, id)?.parts;
    if !(service.has(S3Defect::KeepsFirstPart) && parts.contains_key(&number)) {
        parts.insert(number, (Arc::new(part), Timestamp::now()));
    }
    Ok(())
}

pub(super) fn abort(service: &Service, call: &Call, id: &str) -> Result<Response, Refusal> {
    let removed = service.bucket.lock().uploads.remove(&(call.key.clone(), id.to_owned()));
    removed.map(|_| with_status(StatusCode::NO_CONTENT)).ok_or(Refusal::NO_SUCH_UPLOAD)
}
