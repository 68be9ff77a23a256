//! A part that has arrived whole.

use std::sync::Arc;

use super::checksum::Checksum;
use crate::storage::content_file::StoredContent;
use crate::storage::digests::{Algorithm, hex};

/// A part that has arrived whole.
pub(super) struct Part {
    pub(super) content: Arc<StoredContent>,
    pub(super) checksum: Option<(Checksum, String)>,
    /// Which was stored first.
    pub(super) arrival: u64,
}

impl Part {
    pub(super) fn size(&self) -> u64 {
        self.content.size
    }

    /// Its MD5; that of every part is computed.
    pub(super) fn md5(&self) -> &[u8] {
        self.content.digests.get(Algorithm::Md5).unwrap_or_default()
    }

    /// Its `ETag` without quotation marks.
    pub(super) fn etag(&self) -> String {
        hex(self.md5())
    }
}
