//! The connections of one thread. The one used last is used next, so that there are no more than needed.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::endpoint::Endpoint;
use super::exchange::{ExchangeError, ExchangeStats, Request, Response};
use super::http1::Http1;
use super::http2::Http2;
use super::transport::{Opened, Transport};
use crate::failure::ErrorClass;
use crate::plan::Protocol;

/// The connections of one thread.
pub(crate) struct ConnectionPool {
    endpoint: Arc<Endpoint>,
    idle: RefCell<Vec<Http1>>,
    shared: RefCell<Vec<SharedConnection>>,
    /// Held while an HTTP/2 connection is made, so that all requests that wait for one share it.
    connecting: tokio::sync::Mutex<()>,
    made: Cell<u64>,
    open: Cell<u64>,
    peak: Cell<u64>,
}

/// An HTTP/2 connection, and how many requests are in progress on it.
struct SharedConnection {
    id: u64,
    connection: Http2,
    active: u64,
}

/// The most requests at once on one HTTP/2 connection: what servers commonly allow.
const MAX_STREAMS: u64 = 100;

/// Counts a connection as open while it lives.
struct OpenConnection<'p>(&'p ConnectionPool);

impl Drop for OpenConnection<'_> {
    fn drop(&mut self) {
        self.0.open.set(self.0.open.get() - 1);
    }
}

impl ConnectionPool {
    pub(crate) fn new(endpoint: Arc<Endpoint>) -> Self {
        Self {
            endpoint,
            idle: RefCell::default(),
            shared: RefCell::default(),
            connecting: tokio::sync::Mutex::default(),
            made: Cell::new(0),
            open: Cell::new(0),
            peak: Cell::new(0),
        }
    }

    /// How many connections are open.
    pub(crate) fn open(&self) -> u64 {
        self.open.get()
    }

    /// The most that were open at once.
    pub(crate) fn peak(&self) -> u64 {
        self.peak.get()
    }

    /// Sends a request. If a reused connection turns out to be closed, the request is repeated once on a new one.
    pub(crate) async fn exchange(
        &self,
        request: &Request<'_>,
        cost: &mut ExchangeStats,
    ) -> Result<Response, ExchangeError> {
        for attempt in 0..2 {
            cost.requests += 1;
            let outcome = match self.endpoint.protocol {
                Protocol::Http1 => self.by_http1(request, cost, attempt).await,
                Protocol::Http2 => self.by_http2(request, cost).await,
            };
            match outcome {
                Err(ExchangeError::Stale(_)) if attempt == 0 => cost.retries += 1,
                other => return other,
            }
        }
        Err(ExchangeError::Failed(ErrorClass::Closed))
    }

    async fn by_http1(
        &self,
        request: &Request<'_>,
        cost: &mut ExchangeStats,
        attempt: u32,
    ) -> Result<Response, ExchangeError> {
        // A second attempt uses a new connection: all idle ones may have been closed together.
        let idle = if attempt == 0 { self.idle.borrow_mut().pop() } else { None };
        let (mut connection, open) = if let Some(connection) = idle {
            (connection, OpenConnection(self))
        } else {
            let (stream, open) = self.connect(cost).await?;
            (Http1::new(stream), open)
        };
        let (reply, is_kept) = connection.exchange(&self.endpoint, request, cost).await?;
        if is_kept {
            self.idle.borrow_mut().push(connection);
            // It stays open, in the pool.
            std::mem::forget(open);
        }
        Ok(reply)
    }

    async fn connect(
        &self,
        cost: &mut ExchangeStats,
    ) -> Result<(Transport, OpenConnection<'_>), ExchangeError> {
        let Opened { stream, connect, tls } =
            Transport::open(&self.endpoint).await.map_err(ExchangeError::Failed)?;
        cost.connect = Some(connect);
        cost.tls = tls;
        self.open.set(self.open.get() + 1);
        self.peak.set(self.peak.get().max(self.open.get()));
        Ok((stream, OpenConnection(self)))
    }

    async fn by_http2(
        &self,
        request: &Request<'_>,
        cost: &mut ExchangeStats,
    ) -> Result<Response, ExchangeError> {
        let (id, mut connection) = match self.take_shared() {
            Some(shared) => shared,
            None => self.new_shared(cost).await?,
        };
        let outcome = connection.exchange(&self.endpoint, request, cost).await;
        if let Some(shared) = self.shared.borrow_mut().iter_mut().find(|shared| shared.id == id) {
            shared.active -= 1;
        }
        outcome
    }

    async fn new_shared(&self, cost: &mut ExchangeStats) -> Result<(u64, Http2), ExchangeError> {
        let _turn = self.connecting.lock().await;
        if let Some(shared) = self.take_shared() {
            return Ok(shared);
        }
        let (stream, open) = self.connect(cost).await?;
        let connection = Http2::new(stream).await.map_err(ExchangeError::Failed)?;
        // It stays open, and is counted until it is closed.
        std::mem::forget(open);
        let id = self.made.get();
        self.made.set(id + 1);
        self.shared.borrow_mut().push(SharedConnection { id, connection: connection.clone(), active: 1 });
        Ok((id, connection))
    }

    /// An open connection that can take another request. Closed ones are dropped.
    fn take_shared(&self) -> Option<(u64, Http2)> {
        let mut all = self.shared.borrow_mut();
        let before = all.len();
        all.retain(|shared| shared.connection.is_open());
        self.open.set(self.open.get() - (before - all.len()) as u64);
        let shared = all.iter_mut().find(|shared| shared.active < MAX_STREAMS)?;
        shared.active += 1;
        Some((shared.id, shared.connection.clone()))
    }
}
