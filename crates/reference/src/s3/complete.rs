//! `CompleteMultipartUpload`: the parts of a list become an object.

use std::sync::Arc;
use std::time::SystemTime;

use axum::response::Response;

use super::answer::{Refusal, result};
use super::bucket::{Contents, Object, Upload};
use super::checksum::etag_of_parts;
use super::conditions::check_write;
use super::defects::S3Defect;
use super::part::Part;
use super::request::Call;
use super::service::Service;
use super::xml::{Element, Listed, listed_parts};

/// The smallest part but the last.
const SMALLEST: u64 = 5 << 20;
const MALFORMED: Refusal = Refusal::bad("MalformedXML", "the content is not a list of parts");

/// The longest list: 10000 parts with a checksum each.
pub(super) const LONGEST_LIST: usize = 4 << 20;

/// A part with its number.
type Numbered = (u32, Arc<Part>);

pub(super) fn complete(service: &Service, call: &Call, id: &str, body: &[u8]) -> Result<Response, Refusal> {
    let mut contents = service.bucket.lock();
    let upload = contents.upload(&call.key, id)?;
    let joined = listed_parts(body).ok_or(MALFORMED).and_then(|listed| join(service, upload, &listed));
    let parts = match joined.and_then(|parts| check_write(&contents, call).map(|()| parts)) {
        Ok(parts) => parts,
        Err(refusal) => {
            if service.has(S3Defect::EndsWhenRefused) {
                end(&mut contents, call, id);
            }
            return Err(refusal);
        }
    };
    let etag = etag_of_parts(parts.iter().map(|(_, part)| part.md5()));
    let described = contents.upload(&call.key, id)?.described.clone();
    let object = Object { parts, etag: etag.clone(), modified: SystemTime::now(), described };
    contents.put(&call.key, object)?;
    end(&mut contents, call, id);
    let host = call.head.header("host").unwrap_or_default();
    let root = Element::new("CompleteMultipartUploadResult")
        .text("Location", format!("http://{host}{}", call.head.path))
        .text("Bucket", &call.bucket)
        .text("Key", &call.key)
        .text("ETag", etag);
    Ok(result(root))
}

fn end(contents: &mut Contents, call: &Call, id: &str) {
    contents.uploads.remove(&(call.key.clone(), id.to_owned()));
}

fn join(service: &Service, upload: &Upload, listed: &[Listed]) -> Result<Vec<Numbered>, Refusal> {
    if !listed.is_sorted_by(|one, next| one.number < next.number) {
        return Err(Refusal::bad("InvalidPartOrder", "the parts are not in the order of their numbers"));
    }
    let mut parts = listed.iter().map(|part| part_of(upload, part)).collect::<Result<Vec<_>, _>>()?;
    if service.has(S3Defect::JoinsEveryPart) {
        parts = upload.parts.iter().map(|(number, (part, _))| (*number, Arc::clone(part))).collect();
    }
    let all_but_last = parts.iter().take(parts.len().saturating_sub(1));
    if all_but_last.map(|(_, part)| part.size()).any(|size| size < SMALLEST) {
        return Err(Refusal::bad("EntityTooSmall", "a part that is not the last has less than 5 MiB"));
    }
    if service.has(S3Defect::OrdersByArrival) {
        parts.sort_by_key(|(_, part)| part.arrival);
    }
    if service.has(S3Defect::LosesLastPart) && parts.len() > 1 {
        parts.pop();
    }
    Ok(parts)
}

/// The part that an entry of the list names.
fn part_of(upload: &Upload, listed: &Listed) -> Result<Numbered, Refusal> {
    let part = upload.parts.get(&listed.number).map(|(part, _)| part);
    let part = part.filter(|part| part.etag() == listed.etag && has_checksums(part, listed));
    let missing = Refusal::bad("InvalidPart", "a part was not sent, or its ETag is different");
    part.map(|part| (listed.number, Arc::clone(part))).ok_or(missing)
}

fn has_checksums(part: &Part, listed: &Listed) -> bool {
    listed.checksums.iter().all(|(element, value)| {
        part.checksum.as_ref().is_some_and(|(known, have)| known.element() == element && have == value)
    })
}
