//! An object, and how it is described.

use std::sync::Arc;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::metadata::Metadata;
use crate::storage::content_file::StoredContent;
use crate::storage::digests::Algorithm;

/// The metadata of an object never changes.
pub(super) const METAGENERATION: u64 = 1;
/// The Content-Type of an object that was started without one.
pub(super) const DEFAULT_TYPE: &str = "application/octet-stream";

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An object.
pub(super) struct Object {
    pub(super) bucket: &'static str,
    pub(super) name: String,
    pub(super) generation: u64,
    pub(super) created: Timestamp,
    pub(super) metadata: Metadata,
    pub(super) content: Arc<StoredContent>,
}

/// Encodes a name as a piece of a path, or as a value of a query.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

impl Object {
    pub(super) fn content_type(&self) -> &str {
        self.metadata.content_type.as_deref().unwrap_or(DEFAULT_TYPE)
    }

    pub(super) fn etag(&self) -> String {
        format!("{:x}-{METAGENERATION:x}", self.generation)
    }

    /// The object resource.
    pub(super) fn resource(&self, origin: &str) -> Value {
        let Self { bucket, name, generation, content, .. } = self;
        let path = format!("storage/v1/b/{bucket}/o/{}", encoded(name));
        let created = self.created.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
        let mut resource = json!({
            "kind": "storage#object",
            "id": format!("{bucket}/{name}/{generation}"),
            "selfLink": format!("{origin}/{path}"),
            "mediaLink": format!("{origin}/download/{path}?generation={generation}&alt=media"),
            "name": name,
            "bucket": bucket,
            "generation": generation.to_string(),
            "metageneration": METAGENERATION.to_string(),
            "contentType": self.content_type(),
            "storageClass": "STANDARD",
            "size": content.size.to_string(),
            "md5Hash": content.digests.base64(Algorithm::Md5),
            "crc32c": content.digests.base64(Algorithm::Crc32c),
            "etag": self.etag(),
            "timeCreated": created,
            "updated": created,
            "timeStorageClassUpdated": created,
        });
        if let (Some(resource), Ok(Value::Object(metadata))) =
            (resource.as_object_mut(), serde_json::to_value(&self.metadata))
        {
            resource.extend(metadata);
        }
        resource
    }
}
