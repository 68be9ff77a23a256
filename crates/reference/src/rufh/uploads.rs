//! All uploads of a server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::distr::{Alphanumeric, SampleString as _};

use super::interop::Interop;
use super::upload::{Asked, Upload};

/// The most uploads at once.
const MOST: usize = 100_000;
/// Enough characters that nobody guesses a path.
const NAME: usize = 32;

/// The uploads, by their paths.
#[derive(Default)]
pub(super) struct Uploads(Mutex<HashMap<String, Arc<Upload>>>);

impl Uploads {
    /// A new upload; none where there are too many.
    pub(super) fn create(&self, interop: Interop, asked: Asked, max_age: Duration) -> Option<Arc<Upload>> {
        let path = format!("/uploads/{}", Alphanumeric.sample_string(&mut rand::rng(), NAME));
        let mut uploads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if uploads.len() >= MOST {
            uploads.retain(|_, upload| upload.created.elapsed() < max_age);
        }
        if uploads.len() >= MOST {
            return None;
        }
        let upload = Arc::new(Upload::new(path.clone(), interop, asked));
        uploads.insert(path, Arc::clone(&upload));
        Some(upload)
    }

    /// The upload at this path, if it is not too old.
    pub(super) fn at(&self, path: &str, max_age: Duration) -> Option<Arc<Upload>> {
        let mut uploads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if uploads.get(path)?.created.elapsed() >= max_age {
            uploads.remove(path);
        }
        uploads.get(path).cloned()
    }

    pub(super) fn remove(&self, path: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
    }
}
