//! What every request needs: the bucket, where content goes, whose requests are served, and what is planted.

use super::bucket::Bucket;
use super::defects::S3Defect;
use super::signature::Keys;
use crate::storage::folder::ContentFolder;

/// The name of the bucket.
pub(super) const BUCKET: &str = "uptake";

/// What every request needs.
pub(super) struct Service {
    pub(super) bucket: Bucket,
    pub(super) folder: ContentFolder,
    pub(super) keys: Keys,
    defects: Vec<S3Defect>,
}

impl Service {
    pub(super) fn new(folder: ContentFolder, keys: Keys, defects: Vec<S3Defect>) -> Self {
        Self { bucket: Bucket::default(), folder, keys, defects }
    }

    pub(super) fn has(&self, defect: S3Defect) -> bool {
        self.defects.contains(&defect)
    }
}
