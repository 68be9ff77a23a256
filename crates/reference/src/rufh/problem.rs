//! Problem responses (RFC 9457): those that the draft registers, and plain ones.

use serde_json::json;

use super::response::Response;

const REGISTRY: &str = "https://iana.org/assignments/http-problem-types#";
const MEDIA_TYPE: &str = "application/problem+json";

/// A problem without a type of its own.
pub(super) fn plain(status: u16, title: &str) -> Response {
    Response::new(status).json(MEDIA_TYPE, &json!({ "title": title, "status": status }))
}

/// The request appends elsewhere than where the upload ends.
pub(super) fn mismatching_offset(expected: u64, provided: u64) -> Response {
    let body = json!({
        "type": format!("{REGISTRY}mismatching-upload-offset"),
        "title": "the offset of the request is not that of the upload",
        "expected-offset": expected,
        "provided-offset": provided,
    });
    Response::new(409).json(MEDIA_TYPE, &body)
}

/// The lengths that were named differ.
pub(super) fn inconsistent_length() -> Response {
    registered("inconsistent-upload-length", "the lengths that were named for the upload differ")
}

/// The upload has been completed.
pub(super) fn completed() -> Response {
    registered("completed-upload", "the upload has been completed")
}

fn registered(name: &str, title: &str) -> Response {
    let body = json!({ "type": format!("{REGISTRY}{name}"), "title": title });
    Response::new(400).json(MEDIA_TYPE, &body)
}
