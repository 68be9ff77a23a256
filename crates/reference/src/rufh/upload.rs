//! One upload: its state, and whose turn it is.
//!
//! Whoever wants to read or change an upload takes a turn. A new request ends the one that is running, and then has the upload to
//! itself; so nothing that is told of an upload is outdated when it is sent.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::{Mutex as AsyncMutex, MutexGuard as AsyncGuard, watch};

use super::digests::Digests;
use super::interop::Interop;
use super::response::Response;

/// What is known of an upload.
#[derive(Clone)]
pub(super) struct State {
    pub(super) offset: u64,
    pub(super) length: Option<u64>,
    pub(super) digests: Digests,
    /// The response that completed it.
    pub(super) completed: Option<Response>,
    /// Whether it was cancelled, or became invalid.
    pub(super) is_gone: bool,
}

impl State {
    /// Takes these bytes.
    pub(super) fn append(&mut self, bytes: &[u8]) {
        self.offset += bytes.len() as u64;
        self.digests.update(bytes);
    }
}

/// What the request that created an upload asked for.
pub(super) struct Asked {
    /// The digests that all of the content must have.
    pub(super) digest: Option<String>,
    /// The digests to tell at the end.
    pub(super) wanted: Option<String>,
}

/// An upload.
pub(super) struct Upload {
    /// Its path.
    pub(super) path: String,
    pub(super) interop: Interop,
    pub(super) asked: Asked,
    pub(super) created: Instant,
    state: Mutex<State>,
    turn: AsyncMutex<()>,
    /// How many turns were asked for.
    arrivals: watch::Sender<u64>,
}

/// The right to read and change an upload.
pub(super) struct Turn<'u> {
    upload: &'u Upload,
    /// None where a planted defect lets requests run side by side.
    _guard: Option<AsyncGuard<'u, ()>>,
    ticket: u64,
    arrivals: watch::Receiver<u64>,
}

impl Upload {
    pub(super) fn new(path: String, interop: Interop, asked: Asked) -> Self {
        let state =
            State { offset: 0, length: None, digests: Digests::new(), completed: None, is_gone: false };
        Self {
            path,
            interop,
            asked,
            created: Instant::now(),
            state: Mutex::new(state),
            turn: AsyncMutex::new(()),
            arrivals: watch::Sender::new(0),
        }
    }

    /// Ends the request that is running, and waits for its end.
    pub(super) async fn turn(&self) -> Turn<'_> {
        let ticket = self.arrive();
        Turn {
            upload: self,
            _guard: Some(self.turn.lock().await),
            ticket,
            arrivals: self.arrivals.subscribe(),
        }
    }

    /// Waits until the request that is running has ended by itself: a planted defect.
    pub(super) async fn turn_after_previous(&self) -> Turn<'_> {
        let guard = self.turn.lock().await;
        let ticket = *self.arrivals.borrow();
        Turn { upload: self, _guard: Some(guard), ticket, arrivals: self.arrivals.subscribe() }
    }

    /// Takes no notice of a request that is running: a planted defect.
    pub(super) fn turn_beside_previous(&self) -> Turn<'_> {
        let ticket = *self.arrivals.borrow();
        Turn { upload: self, _guard: None, ticket, arrivals: self.arrivals.subscribe() }
    }

    fn arrive(&self) -> u64 {
        let mut ticket = 0;
        self.arrivals.send_modify(|arrivals| {
            *arrivals += 1;
            ticket = *arrivals;
        });
        ticket
    }
}

impl Turn<'_> {
    /// The state; it is held for no longer than a decision takes.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.upload.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until another request asks for its turn.
    pub(super) async fn interrupted(&mut self) {
        let ticket = self.ticket;
        if self.arrivals.wait_for(|arrivals| *arrivals != ticket).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
