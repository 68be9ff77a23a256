//! The connections of one thread. The one used last is used next, so that there are no more than needed.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use super::counted::ByteCount;
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
    shared: RefCell<Vec<Rc<Http2>>>,
    /// Held while an HTTP/2 connection is made, so that all requests that wait for one share it.
    connecting: tokio::sync::Mutex<()>,
    /// Bytes written to sockets.
    written: ByteCount,
    open: Cell<u64>,
    peak: Cell<u64>,
}

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
            written: ByteCount::default(),
            open: Cell::new(0),
            peak: Cell::new(0),
        }
    }

    /// How many bytes have been written to sockets, those of TLS and HTTP/2 framing included.
    pub(crate) fn bytes_on_wire(&self) -> u64 {
        self.written.get()
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
        stats: &mut ExchangeStats,
    ) -> Result<Response, ExchangeError> {
        for attempt in 0..2 {
            stats.requests += 1;
            let outcome = match self.endpoint.protocol {
                Protocol::Http1 => self.by_http1(request, stats, attempt).await,
                Protocol::Http2 => self.by_http2(request, stats).await,
            };
            match outcome {
                Err(ExchangeError::Stale(_)) if attempt == 0 => stats.retries += 1,
                other => return other,
            }
        }
        Err(ExchangeError::Failed(ErrorClass::Closed))
    }

    async fn by_http1(
        &self,
        request: &Request<'_>,
        stats: &mut ExchangeStats,
        attempt: u32,
    ) -> Result<Response, ExchangeError> {
        // A second attempt uses a new connection: all idle ones may have been closed together.
        let idle = if attempt == 0 { self.idle.borrow_mut().pop() } else { None };
        let (mut connection, open) = if let Some(connection) = idle {
            (connection, OpenConnection(self))
        } else {
            let (transport, open) = self.connect(stats).await?;
            (Http1::new(&self.endpoint, transport, self.written.clone()), open)
        };
        let (response, is_reusable) = connection.exchange(&self.endpoint, request, stats).await?;
        if is_reusable {
            self.idle.borrow_mut().push(connection);
            // It stays open, in the pool.
            std::mem::forget(open);
        }
        Ok(response)
    }

    async fn connect(
        &self,
        stats: &mut ExchangeStats,
    ) -> Result<(Transport, OpenConnection<'_>), ExchangeError> {
        let Opened { transport, connect, tls } =
            Transport::open(&self.endpoint, &self.written).await.map_err(ExchangeError::Failed)?;
        stats.connect = Some(connect);
        stats.tls = tls;
        self.open.set(self.open.get() + 1);
        self.peak.set(self.peak.get().max(self.open.get()));
        Ok((transport, OpenConnection(self)))
    }

    async fn by_http2(
        &self,
        request: &Request<'_>,
        stats: &mut ExchangeStats,
    ) -> Result<Response, ExchangeError> {
        let connection = match self.shared_connection() {
            Some(connection) => connection,
            None => self.new_shared(stats).await?,
        };
        connection.exchange(&self.endpoint, request, stats).await
    }

    async fn new_shared(&self, stats: &mut ExchangeStats) -> Result<Rc<Http2>, ExchangeError> {
        let _turn = self.connecting.lock().await;
        if let Some(connection) = self.shared_connection() {
            return Ok(connection);
        }
        let (transport, open) = self.connect(stats).await?;
        let connecting = Http2::new(&self.endpoint, transport, &self.written);
        let connection = tokio::time::timeout(self.endpoint.connect_timeout, connecting)
            .await
            .map_err(|_| ExchangeError::Failed(ErrorClass::Timeout))?
            .map_err(ExchangeError::Failed)?;
        // It stays open, and is counted until it is closed.
        std::mem::forget(open);
        let connection = Rc::new(connection);
        self.shared.borrow_mut().push(Rc::clone(&connection));
        Ok(connection)
    }

    /// An open connection that can take another request. Closed and retired ones are dropped.
    fn shared_connection(&self) -> Option<Rc<Http2>> {
        let mut all = self.shared.borrow_mut();
        let before = all.len();
        all.retain(|connection| connection.is_usable());
        self.open.set(self.open.get() - (before - all.len()) as u64);
        all.iter().find(|connection| connection.has_capacity()).cloned()
    }
}
