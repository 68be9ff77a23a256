//! What every handler shares: the settings, the clock, the memory, the store.

use std::sync::{Mutex, MutexGuard};

use http::HeaderMap;

use super::access::credentials;
use super::books::Books;
use super::clock::{Clock, Moment};
use super::config::Config;
use super::error::ReferenceError;
use super::problem::Problem;
use super::rate::Meter;
use super::store::Store;
use super::terms::Terms;

/// The server, apart from its sockets.
pub(super) struct App {
    pub(super) origin: String,
    pub(super) terms: Terms,
    pub(super) clock: Clock,
    pub(super) meter: Meter,
    pub(super) store: Store,
    books: Mutex<Books>,
}

impl App {
    pub(super) fn new(config: &Config, origin: String) -> Result<Self, ReferenceError> {
        if config.api_key.is_empty() {
            return Err(ReferenceError::EmptyKey);
        }
        Ok(Self {
            origin,
            terms: Terms::of(config),
            clock: Clock::new(config.clock, config.skew),
            meter: Meter::new(config.rate_limit, config.defects),
            store: Store::open(&config.storage)?,
            books: Mutex::new(Books::new(config)),
        })
    }

    /// The memory, for one short decision; never across an await.
    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().expect("nothing panics while it decides")
    }

    pub(super) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Lets a call of a management endpoint pass, or says why not.
    pub(super) fn authorize(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let credentials = credentials(headers, self.terms.defects)?;
        self.books().authorize(&credentials, self.now())
    }
}
