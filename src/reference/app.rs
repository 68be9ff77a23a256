//! What every handler shares: the settings, the clock, the memory, the store.

use std::sync::{Mutex, MutexGuard};

use http::HeaderMap;

use super::access::credentials;
use super::books::Books;
use super::clock::{Clock, Moment};
use super::config::{Config, Limits};
use super::error::ReferenceError;
use super::problem::Problem;
use super::rate::Meter;
use super::store::Store;

/// The server, apart from its sockets.
pub(super) struct App {
    pub(super) origin: String,
    pub(super) limits: Limits,
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
            limits: config.limits,
            clock: Clock::new(config.clock, config.skew),
            meter: Meter::new(config.rate_limit),
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
        let credentials = credentials(headers)?;
        self.books().access.authorize(&credentials, self.now())
    }
}
