//! Objects: their description, their content, and their deletion.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::answer::{Refusal, json_document, set, with_status};
use super::complete;
use super::conditions::{Conditions, Unmet};
use super::hashes::header_value;
use super::object::{METAGENERATION, Object};
use super::request::Call;
use super::service::{BUCKET, Service};
use super::session::Session;
use crate::storage::content_file::ContentFile;
use crate::storage::digests::Algorithm;
use crate::storage::file_body::FileBody;
use crate::storage::ranges::{Asked, asked};

/// The object resource.
pub(super) fn described(call: &Call, object: &Object) -> Response {
    let mut response = json_document(StatusCode::OK, &object.resource(&origin(call)));
    set(&mut response, "etag", &object.etag());
    response
}

/// The bucket resource.
pub(super) fn bucket(call: &Call) -> Response {
    let document = json!({
        "kind": "storage#bucket",
        "id": BUCKET,
        "name": BUCKET,
        "selfLink": format!("{}/storage/v1/b/{BUCKET}", origin(call)),
    });
    json_document(StatusCode::OK, &document)
}

fn origin(call: &Call) -> String {
    format!("http://{}", call.head.header("host").unwrap_or_default())
}

/// `GET` of an object: its description, or with `alt=media` its content.
pub(super) fn read(service: &Service, call: &Call, name: &str) -> Result<Response, Refusal> {
    let object = find(service, call, name)?;
    match Conditions::of(call)?.check(Some(&object)) {
        Ok(()) => {}
        Err(Unmet::Differs) => return Err(Refusal::CONDITION),
        Err(Unmet::Matches) => return Ok(with_status(StatusCode::NOT_MODIFIED)),
    }
    if call.head.parameter("alt") == Some("media") {
        download(call, &object)
    } else {
        Ok(described(call, &object))
    }
}

fn download(call: &Call, object: &Object) -> Result<Response, Refusal> {
    let size = object.content.size;
    let (status, first, last) = match asked(call.head.header("range"), size) {
        Asked::Whole => (StatusCode::OK, 0, size.saturating_sub(1)),
        Asked::Range(first, last) => (StatusCode::PARTIAL_CONTENT, first, last),
        Asked::Unsatisfiable => return Err(Refusal::UNSATISFIABLE),
    };
    let body = FileBody::new(std::iter::once(&object.content), (first, last));
    let mut response = Response::new(Body::new(body));
    *response.status_mut() = status;
    if status == StatusCode::PARTIAL_CONTENT {
        set(&mut response, "content-range", &format!("bytes {first}-{last}/{size}"));
    }
    let metadata = &object.metadata;
    for (name, value) in [
        ("cache-control", &metadata.cache_control),
        ("content-disposition", &metadata.content_disposition),
        ("content-encoding", &metadata.content_encoding),
        ("content-language", &metadata.content_language),
    ] {
        if let Some(value) = value {
            set(&mut response, name, value);
        }
    }
    set(&mut response, "content-type", object.content_type());
    set(&mut response, "accept-ranges", "bytes");
    set(&mut response, "etag", &object.etag());
    set(&mut response, "x-goog-generation", &object.generation.to_string());
    set(&mut response, "x-goog-metageneration", &METAGENERATION.to_string());
    set(&mut response, "x-goog-storage-class", "STANDARD");
    set(&mut response, "x-goog-stored-content-length", &size.to_string());
    set(&mut response, "x-goog-hash", &header_value(&object.content.digests));
    Ok(response)
}

pub(super) fn delete(service: &Service, call: &Call, name: &str) -> Result<Response, Refusal> {
    let conditions = Conditions::of(call)?;
    let object = find(service, call, name)?;
    conditions.check(Some(&object)).map_err(|_| Refusal::CONDITION)?;
    service.bucket.lock().objects.remove(name);
    Ok(with_status(StatusCode::NO_CONTENT))
}

/// The object of a name, and of a generation if the request names one.
fn find(service: &Service, call: &Call, name: &str) -> Result<Arc<Object>, Refusal> {
    let object = service.bucket.lock().objects.get(name).cloned().ok_or(Refusal::NO_OBJECT)?;
    let is_other = |text: &str| text != object.generation.to_string();
    if call.head.parameter("generation").is_some_and(is_other) { Err(Refusal::NO_OBJECT) } else { Ok(object) }
}

/// For a planted defect: an empty object of an upload that is not complete.
pub(super) fn create_empty(service: &Service, session: &Session) -> Result<(), Refusal> {
    let content = ContentFile::new(&service.folder, [Algorithm::Crc32c, Algorithm::Md5])?.finish();
    let mut contents = service.bucket.lock();
    let object = complete::object(&mut contents, &session.planned, Arc::new(content));
    contents.put(object)
}
