//! `ListParts` and `ListMultipartUploads`, page by page.

use std::ops::Bound;

use axum::response::Response;

use super::answer::{Refusal, result};
use super::request::Call;
use super::service::Service;
use super::xml::Element;

/// The most entries of a page.
const MOST: u32 = 1000;

/// How many entries a page has at most, by a parameter.
fn page_size(call: &Call, name: &str) -> Result<u32, Refusal> {
    let invalid = Refusal::bad("InvalidArgument", "the size of a page is a number that is not negative");
    let size = call.head.parameter(name).map(|text| text.parse::<u32>().map_err(|_| invalid)).transpose()?;
    Ok(size.unwrap_or(MOST).min(MOST))
}

pub(super) fn parts(service: &Service, call: &Call, id: &str) -> Result<Response, Refusal> {
    let most = page_size(call, "max-parts")?;
    let invalid = Refusal::bad("InvalidArgument", "part-number-marker is the number of a part");
    let marker = call.head.parameter("part-number-marker").filter(|text| !text.is_empty());
    let marker = marker.map_or(Ok(0), |text| text.parse::<u32>().map_err(|_| invalid))?;
    let mut contents = service.bucket.lock();
    let upload = contents.upload(&call.key, id)?;
    let mut rest = upload.parts.range((Bound::Excluded(marker), Bound::Unbounded)).peekable();
    let mut page = Vec::new();
    while let Some((number, (part, modified))) = (page.len() < most as usize).then(|| rest.next()).flatten() {
        let mut entry = Element::new("Part")
            .text("PartNumber", number)
            .text("LastModified", modified.strftime("%Y-%m-%dT%H:%M:%S.000Z"))
            .text("ETag", format!("\"{}\"", part.etag()));
        if let Some((checksum, value)) = &part.checksum {
            entry = entry.text(checksum.element(), value);
        }
        page.push((*number, entry.text("Size", part.size())));
    }
    let is_truncated = rest.peek().is_some();
    let mut root = Element::new("ListPartsResult")
        .text("Bucket", &call.bucket)
        .text("Key", &call.key)
        .text("UploadId", id)
        .text("PartNumberMarker", marker)
        .text("NextPartNumberMarker", page.last().map_or(0, |(number, _)| *number))
        .text("MaxParts", most)
        .text("IsTruncated", is_truncated);
    if let Some(checksum) = upload.checksum {
        root = root.text("ChecksumAlgorithm", checksum.name());
    }
    root = root.text("StorageClass", "STANDARD");
    Ok(result(page.iter().fold(root, |root, (_, entry)| root.child(entry))))
}

pub(super) fn uploads(service: &Service, call: &Call) -> Result<Response, Refusal> {
    if ["delimiter", "encoding-type"].iter().any(|name| call.head.parameter(name).is_some()) {
        return Err(Refusal::NOT_IMPLEMENTED);
    }
    let most = page_size(call, "max-uploads")?;
    let text = |name| call.head.parameter(name).unwrap_or_default().to_owned();
    let (prefix, key_marker, upload_marker) = (text("prefix"), text("key-marker"), text("upload-id-marker"));
    let contents = service.bucket.lock();
    let is_behind = |key: &str, id: &str| {
        let is_next = key == key_marker && !upload_marker.is_empty() && *id > *upload_marker;
        key_marker.is_empty() || *key > *key_marker || is_next
    };
    let mut rest = contents
        .uploads
        .iter()
        .filter(|((key, id), _)| key.starts_with(&prefix) && is_behind(key, id))
        .peekable();
    let mut page = Vec::new();
    while let Some(((key, id), upload)) = (page.len() < most as usize).then(|| rest.next()).flatten() {
        let entry = Element::new("Upload")
            .text("Key", key)
            .text("UploadId", id)
            .text("StorageClass", "STANDARD")
            .text("Initiated", upload.initiated.strftime("%Y-%m-%dT%H:%M:%S.000Z"));
        page.push((key, id, entry));
    }
    let mut root = Element::new("ListMultipartUploadsResult")
        .text("Bucket", &call.bucket)
        .text("KeyMarker", &key_marker)
        .text("UploadIdMarker", &upload_marker)
        .text("Prefix", &prefix)
        .text("MaxUploads", most);
    if let Some((key, id, _)) = page.last().filter(|_| rest.peek().is_some()) {
        root = root.text("NextKeyMarker", key).text("NextUploadIdMarker", id);
    }
    root = root.text("IsTruncated", rest.peek().is_some());
    Ok(result(page.iter().fold(root, |root, (_, _, entry)| root.child(entry))))
}
