//! What every request needs: the bucket, where content goes, the token, and what is planted.

use super::answer::Refusal;
use super::bucket::Bucket;
use super::defects::GcsDefect;
use super::request::Call;
use crate::storage::folder::ContentFolder;

/// The name of the bucket.
pub(super) const BUCKET: &str = "uptake";

/// What every request needs.
pub(super) struct Service {
    pub(super) bucket: Bucket,
    pub(super) folder: ContentFolder,
    token: String,
    defects: Vec<GcsDefect>,
}

impl Service {
    pub(super) fn new(folder: ContentFolder, token: String, defects: Vec<GcsDefect>) -> Self {
        Self { bucket: Bucket::default(), folder, token, defects }
    }

    pub(super) fn has(&self, defect: GcsDefect) -> bool {
        self.defects.contains(&defect)
    }

    /// Verifies the token of a request.
    pub(super) fn authorize(&self, call: &Call) -> Result<(), Refusal> {
        let value = call.head.header("authorization").ok_or(Refusal::UNAUTHORIZED)?;
        let (scheme, token) = value.split_once(' ').ok_or(Refusal::UNAUTHORIZED)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Refusal::UNAUTHORIZED);
        }
        if token.trim() == self.token { Ok(()) } else { Err(Refusal::WRONG_TOKEN) }
    }

    /// Verifies that the bucket is the one that there is.
    pub(super) fn check_bucket(name: &str) -> Result<(), Refusal> {
        if name == BUCKET { Ok(()) } else { Err(Refusal::NO_BUCKET) }
    }
}
