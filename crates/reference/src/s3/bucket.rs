//! What the bucket holds: uploads under way, and objects.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use jiff::Timestamp;
use rand::distr::{Alphanumeric, SampleString as _};

use super::answer::Refusal;
use super::checksum::Checksum;
use super::part::Part;

/// The most uploads under way, and the most objects.
const MOST: usize = 100_000;

/// How an object is described.
pub(super) type Description = Vec<(&'static str, String)>;

/// An upload under way.
pub(super) struct Upload {
    pub(super) initiated: Timestamp,
    pub(super) described: Described,
    pub(super) checksum: Option<Checksum>,
    pub(super) parts: BTreeMap<u32, (Arc<Part>, Timestamp)>,
}

/// The headers that an object is to have.
#[derive(Debug, Clone, Default)]
pub(super) struct Described {
    /// Content-Type and its like.
    pub(super) known: Description,
    /// `x-amz-meta-…`, with whole names.
    pub(super) metadata: Vec<(String, String)>,
}

/// An object: its parts with their numbers, in order.
pub(super) struct Object {
    pub(super) parts: Vec<(u32, Arc<Part>)>,
    pub(super) etag: String,
    pub(super) modified: SystemTime,
    pub(super) described: Described,
}

impl Object {
    pub(super) fn size(&self) -> u64 {
        self.parts.iter().map(|(_, part)| part.size()).sum()
    }
}

/// Uploads are sorted by their keys and then by the order that they were initiated in, which their ids follow.
pub(super) type UploadKey = (String, String);

#[derive(Default)]
pub(super) struct Contents {
    pub(super) uploads: BTreeMap<UploadKey, Upload>,
    pub(super) objects: BTreeMap<String, Arc<Object>>,
    initiated: u64,
}

/// The one bucket.
#[derive(Default)]
pub(super) struct Bucket(Mutex<Contents>);

impl Bucket {
    pub(super) fn lock(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    /// A new upload, by its id.
    pub(super) fn initiate(&mut self, key: &str, upload: Upload) -> Result<String, Refusal> {
        if self.uploads.len() >= MOST {
            return Err(Refusal::FULL);
        }
        self.initiated += 1;
        let id = format!("{:012}{}", self.initiated, Alphanumeric.sample_string(&mut rand::rng(), 24));
        self.uploads.insert((key.to_owned(), id.clone()), upload);
        Ok(id)
    }

    pub(super) fn upload(&mut self, key: &str, id: &str) -> Result<&mut Upload, Refusal> {
        self.uploads.get_mut(&(key.to_owned(), id.to_owned())).ok_or(Refusal::NO_SUCH_UPLOAD)
    }

    pub(super) fn put(&mut self, key: &str, object: Object) -> Result<(), Refusal> {
        if self.objects.len() >= MOST && !self.objects.contains_key(key) {
            return Err(Refusal::FULL);
        }
        self.objects.insert(key.to_owned(), Arc::new(object));
        Ok(())
    }
}
