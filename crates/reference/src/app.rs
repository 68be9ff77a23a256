//! What every handler shares: the settings, the clock, the memory, the store, and the ledger where there is one.

use std::sync::{Mutex, MutexGuard};

use http::HeaderMap;

use super::access::credentials;
use super::books::{Books, Complete};
use super::clock::{Clock, Moment};
use super::config::{Config, Storage};
use super::error::ReferenceError;
use super::ledger::{self, Change, Ledger, Receipt, Remembered};
use super::problem::{Problem, kind};
use super::rate::Meter;
use super::recall::recall;
use super::store::{SEGMENTS, Store, Unassembled};
use super::terms::Terms;

/// The server, apart from its sockets.
pub(super) struct App {
    pub(super) origin: String,
    pub(super) terms: Terms,
    pub(super) clock: Clock,
    pub(super) meter: Meter,
    pub(super) store: Store,
    ledger: Option<Ledger>,
    books: Mutex<Books>,
}

impl App {
    /// Opens the store, remembers what is in it, and finishes what a server before this one could not. This takes as long as
    /// the disk does.
    pub(super) fn new(config: &Config, origin: String) -> Result<(Self, Vec<Complete>), ReferenceError> {
        if config.api_key.is_empty() {
            return Err(ReferenceError::EmptyKey);
        }
        let (ledger, remembered) = match &config.storage {
            Storage::Directory(folder) => {
                let opened = ledger::open(folder, SEGMENTS)?;
                (Some(opened.ledger), opened.remembered)
            }
            _ => (None, Remembered::default()),
        };
        let store = Store::open(&config.storage)?;
        let mut books = Books::new(config, ledger.is_some(), remembered.starts);
        let clock = Clock::new(config.clock, config.skew).moved(remembered.advanced);
        let complete = match &config.storage {
            Storage::Directory(folder) => recall(&mut books, remembered, &store, folder)?,
            _ => Vec::new(),
        };
        store.serve();
        let app = Self {
            origin,
            terms: Terms::of(config),
            clock,
            meter: Meter::new(config.rate_limit, config.defects),
            store,
            ledger,
            books: Mutex::new(books),
        };
        Ok((app, complete))
    }

    /// The memory, for one short look; never across an await.
    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().expect("nothing panics while it decides")
    }

    /// Decides something, and gives what must be awaited before it is answered. Decisions are written down in the order in
    /// which they are made.
    pub(super) fn decide<T>(&self, decision: impl FnOnce(&mut Books) -> T) -> (T, Receipt) {
        let mut books = self.books();
        let outcome = decision(&mut books);
        let journal = books.take_journal();
        let Some(ledger) = &self.ledger else {
            // Files go away without the lock.
            drop(books);
            drop(journal);
            return (outcome, Receipt::unwritten());
        };
        (outcome, ledger.record(journal))
    }

    /// Decides something that is answered as soon as it is on the disk.
    pub(super) async fn settle<T>(
        &self,
        decision: impl FnOnce(&mut Books) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let (outcome, receipt) = self.decide(decision);
        let outcome = outcome?;
        receipt.settled().await?;
        Ok(outcome)
    }

    /// What is over goes from memory and disk.
    pub(super) async fn tidy(&self) -> Result<(), Problem> {
        self.settle(|books| {
            books.tidy(self.now());
            Ok(())
        })
        .await
    }

    /// Moves the clock, which lasts.
    pub(super) async fn advance(&self, millis: i64) -> Option<Result<Moment, Problem>> {
        let now = self.clock.advance(millis)?;
        let moved = self.settle(|books| {
            books.journal.note(|| Change::Advanced(self.clock.advanced()));
            books.tidy(now);
            Ok(now)
        });
        Some(moved.await)
    }

    /// Puts the segments of an upload together that is complete, once it is known that they are there.
    pub(super) async fn put_together(&self, receipt: Receipt, complete: Complete) -> Result<(), Problem> {
        let Complete { video_id, pieces } = complete;
        if let Err(problem) = receipt.settled().await {
            self.books().unassembled(&video_id, pieces);
            return Err(problem);
        }
        match self.store.assemble(&video_id, pieces, self.terms.defects).await {
            Ok(assembled) => {
                let done = |books: &mut Books| {
                    books.assembled(&video_id, assembled);
                    Ok(())
                };
                self.settle(done).await
            }
            Err(Unassembled { error, pieces }) => {
                self.books().unassembled(&video_id, pieces);
                let detail = format!("The file could not be put together: {}.", error.kind());
                Err(Problem::new(kind::INTERNAL, detail))
            }
        }
    }

    pub(super) fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Lets a call of a management endpoint pass, or says why not.
    pub(super) fn authorize(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let credentials = credentials(headers, self.terms.defects)?;
        self.books().authorize(&credentials, self.now())
    }

    /// Writes down what was decided, and lets the folder go.
    pub(super) fn close(&self) {
        self.store.spare();
        if let Some(ledger) = &self.ledger {
            ledger.close();
        }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.close();
    }
}
