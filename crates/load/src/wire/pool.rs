//! The connections of one thread: the one that was used last is used next, so that there are no more than are needed.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::ask::{Ask, Cost, Fault, Reply};
use super::http1::Http1;
use super::http2::Http2;
use super::site::Site;
use super::stream::{Opened, Stream};
use crate::plan::Protocol;
use crate::recorder::Class;

/// The connections of one thread.
pub(crate) struct Pool {
    site: Arc<Site>,
    idle: RefCell<Vec<Http1>>,
    shared: RefCell<Vec<Shared>>,
    /// Held while an HTTP/2 connection is made, so that all who wait for one take the same.
    connecting: tokio::sync::Mutex<()>,
    made: Cell<u64>,
    open: Cell<u64>,
    peak: Cell<u64>,
}

/// An HTTP/2 connection, and how many requests are on it.
struct Shared {
    id: u64,
    connection: Http2,
    active: u64,
}

/// Requests at once on one HTTP/2 connection: what servers commonly allow.
const STREAMS: u64 = 100;

/// Counts a connection as open for as long as it lives.
struct Gauge<'p>(&'p Pool);

impl Drop for Gauge<'_> {
    fn drop(&mut self) {
        self.0.open.set(self.0.open.get() - 1);
    }
}

impl Pool {
    pub(crate) fn new(site: Arc<Site>) -> Self {
        Self {
            site,
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

    /// Sends a request. Where a kept connection turns out to have been closed it is repeated once on a new one.
    pub(crate) async fn exchange(&self, ask: &Ask<'_>, cost: &mut Cost) -> Result<Reply, Fault> {
        for attempt in 0..2 {
            cost.requests += 1;
            let outcome = match self.site.protocol {
                Protocol::Http1 => self.by_http1(ask, cost, attempt).await,
                Protocol::Http2 => self.by_http2(ask, cost).await,
            };
            match outcome {
                Err(Fault::Stale(_)) if attempt == 0 => cost.retries += 1,
                other => return other,
            }
        }
        Err(Fault::Failed(Class::Closed))
    }

    async fn by_http1(&self, ask: &Ask<'_>, cost: &mut Cost, attempt: u32) -> Result<Reply, Fault> {
        // A second attempt goes over a new connection: all that idle may have been closed together.
        let idle = if attempt == 0 { self.idle.borrow_mut().pop() } else { None };
        let (mut connection, gauge) = if let Some(connection) = idle {
            (connection, Gauge(self))
        } else {
            let (stream, gauge) = self.connect(cost).await?;
            (Http1::new(stream), gauge)
        };
        let (reply, is_kept) = connection.exchange(&self.site, ask, cost).await?;
        if is_kept {
            self.idle.borrow_mut().push(connection);
            // It stays open, in the pool.
            std::mem::forget(gauge);
        }
        Ok(reply)
    }

    async fn connect(&self, cost: &mut Cost) -> Result<(Stream, Gauge<'_>), Fault> {
        let Opened { stream, connect, tls } = Stream::open(&self.site).await.map_err(Fault::Failed)?;
        cost.connect = Some(connect);
        cost.tls = tls;
        self.open.set(self.open.get() + 1);
        self.peak.set(self.peak.get().max(self.open.get()));
        Ok((stream, Gauge(self)))
    }

    async fn by_http2(&self, ask: &Ask<'_>, cost: &mut Cost) -> Result<Reply, Fault> {
        let (id, mut connection) = match self.take_shared() {
            Some(shared) => shared,
            None => self.new_shared(cost).await?,
        };
        let outcome = connection.exchange(&self.site, ask, cost).await;
        if let Some(shared) = self.shared.borrow_mut().iter_mut().find(|shared| shared.id == id) {
            shared.active -= 1;
        }
        outcome
    }

    async fn new_shared(&self, cost: &mut Cost) -> Result<(u64, Http2), Fault> {
        let _turn = self.connecting.lock().await;
        if let Some(shared) = self.take_shared() {
            return Ok(shared);
        }
        let (stream, gauge) = self.connect(cost).await?;
        let connection = Http2::new(stream).await.map_err(Fault::Failed)?;
        // It stays open, and is counted until it is forgotten.
        std::mem::forget(gauge);
        let id = self.made.get();
        self.made.set(id + 1);
        self.shared.borrow_mut().push(Shared { id, connection: connection.clone(), active: 1 });
        Ok((id, connection))
    }

    /// An open connection with room for a request; those that were closed are forgotten.
    fn take_shared(&self) -> Option<(u64, Http2)> {
        let mut all = self.shared.borrow_mut();
        let before = all.len();
        all.retain(|shared| shared.connection.is_open());
        self.open.set(self.open.get() - (before - all.len()) as u64);
        let shared = all.iter_mut().find(|shared| shared.active < STREAMS)?;
        shared.active += 1;
        Some((shared.id, shared.connection.clone()))
    }
}
