//! What a defect must remember from one decision to the next, shared by its closures.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Something remembered, shared by the closures of one defect.
#[derive(Default)]
pub(crate) struct Memory<T>(Arc<Mutex<T>>);

/// A memory by name.
pub(crate) type MemoryMap<T> = Memory<HashMap<String, T>>;

impl<T> Memory<T> {
    /// The same memory for another closure.
    pub(crate) fn share(&self) -> Self {
        Self(Arc::clone(&self.0))
    }

    /// What is remembered, for one short look.
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
