//! `CreateMultipartUpload`: an upload begins, with what its object is to be.

use std::collections::BTreeMap;

use axum::response::Response;
use jiff::Timestamp;

use super::answer::{Refusal, result, set};
use super::bucket::{Described, Upload};
use super::checksum::Checksum;
use super::request::Call;
use super::service::Service;
use super::xml::Element;

/// Headers that an object keeps.
const KEPT: [&str; 6] = [
    "content-type",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
];
/// The longest key, and the most bytes of metadata.
const LONGEST_KEY: usize = 1024;
const MOST_METADATA: usize = 2048;

pub(super) fn initiate(service: &Service, call: &Call) -> Result<Response, Refusal> {
    if call.key.len() > LONGEST_KEY {
        return Err(Refusal::bad("KeyTooLongError", "a key has at most 1024 bytes"));
    }
    let checksum = match call.head.header("x-amz-checksum-algorithm") {
        None => None,
        Some(name) => {
            let known = Checksum::ALL.into_iter().find(|known| known.name() == name);
            Some(known.ok_or(Refusal::NOT_IMPLEMENTED)?)
        }
    };
    let described = described(call)?;
    let upload = Upload { initiated: Timestamp::now(), described, checksum, parts: BTreeMap::new() };
    let id = service.bucket.lock().initiate(&call.key, upload)?;
    let root = Element::new("InitiateMultipartUploadResult")
        .text("Bucket", &call.bucket)
        .text("Key", &call.key)
        .text("UploadId", id);
    let mut response = result(root);
    if let Some(checksum) = checksum {
        set(&mut response, "x-amz-checksum-algorithm", checksum.name());
        set(&mut response, "x-amz-checksum-type", "COMPOSITE");
    }
    Ok(response)
}

fn described(call: &Call) -> Result<Described, Refusal> {
    let known =
        KEPT.into_iter().filter_map(|name| call.head.header(name).map(|value| (name, value.to_owned())));
    let metadata = call.head.headers().filter(|(name, _)| name.starts_with("x-amz-meta-"));
    let metadata: Vec<_> = metadata.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let size: usize =
        metadata.iter().map(|(name, value)| name.len() - "x-amz-meta-".len() + value.len()).sum();
    if size > MOST_METADATA {
        return Err(Refusal::bad("MetadataTooLarge", "metadata has at most 2 KB"));
    }
    Ok(Described { known: known.collect(), metadata })
}
