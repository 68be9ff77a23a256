//! `GetObject`, `HeadObject` and `DeleteObject`.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode};

use super::answer::{Refusal, set, with_status};
use super::bucket::Object;
use super::conditions::{Read, check_read};
use super::defects::S3Defect;
use super::request::Call;
use super::service::Service;
use crate::storage::file_body::FileBody;
use crate::storage::ranges::{Asked, asked};

const UNSATISFIABLE: Refusal = Refusal {
    status: StatusCode::RANGE_NOT_SATISFIABLE,
    code: "InvalidRange",
    message: "the object has no such bytes",
};

pub(super) fn read(service: &Service, call: &Call) -> Result<Response, Refusal> {
    let object = service.bucket.lock().objects.get(&call.key).cloned().ok_or(Refusal::NO_SUCH_KEY)?;
    if check_read(&object, call)? == Read::NotModified {
        let mut response = with_status(StatusCode::NOT_MODIFIED);
        describe(&mut response, &object);
        return Ok(response);
    }
    let size = object.size();
    let part = call.head.parameter("partNumber").map(|number| part(&object, number)).transpose()?;
    let asked = part
        .map_or_else(|| asked(call.head.header("range"), size), |(first, last)| Asked::Range(first, last));
    let (status, first, last) = match asked {
        Asked::Whole => (StatusCode::OK, 0, size.saturating_sub(1)),
        Asked::Range(first, last) => (StatusCode::PARTIAL_CONTENT, first, last),
        Asked::Unsatisfiable => return Err(UNSATISFIABLE),
    };
    let parts = object.parts.iter().map(|(_, part)| &part.content);
    let mut body = FileBody::new(parts, (first, last));
    if service.has(S3Defect::DamagesAByte) {
        body = body.damaged();
    }
    let mut response = Response::new(Body::new(body));
    *response.status_mut() = status;
    describe(&mut response, &object);
    if status == StatusCode::PARTIAL_CONTENT {
        set(&mut response, "content-range", &format!("bytes {first}-{last}/{size}"));
    }
    if part.is_some() {
        set(&mut response, "x-amz-mp-parts-count", &object.parts.len().to_string());
    }
    Ok(response)
}

/// The bytes of the part with this number.
fn part(object: &Object, number: &str) -> Result<(u64, u64), Refusal> {
    let number: u32 =
        number.parse().map_err(|_| Refusal::bad("InvalidArgument", "the part number is not an integer"))?;
    let mut first = 0;
    for (known, part) in &object.parts {
        if *known == number && part.size() > 0 {
            return Ok((first, first + part.size() - 1));
        }
        first += part.size();
    }
    Err(Refusal {
        status: StatusCode::RANGE_NOT_SATISFIABLE,
        code: "InvalidPartNumber",
        message: "the object has no such part",
    })
}

fn describe(response: &mut Response, object: &Arc<Object>) {
    set(response, "content-type", "binary/octet-stream");
    for (name, value) in &object.described.known {
        set(response, name, value);
    }
    for (name, value) in &object.described.metadata {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    set(response, "etag", &object.etag);
    set(response, "accept-ranges", "bytes");
    set(response, "last-modified", &httpdate::fmt_http_date(object.modified));
}

/// An object that is not there is deleted as well.
pub(super) fn delete(service: &Service, call: &Call) -> Response {
    service.bucket.lock().objects.remove(&call.key);
    with_status(StatusCode::NO_CONTENT)
}
