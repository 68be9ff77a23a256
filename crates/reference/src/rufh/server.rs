//! The server's life: it binds an address, takes connections, and stops.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::body::Body;
use super::complete::Outcome;
use super::connection::{Connection, Next};
use super::defects::RufhDefect;
use super::problem;
use super::route::route;
use super::service::Service;
use crate::error::ReferenceError;

/// The most connections at once; others wait to be accepted.
const CONNECTIONS: usize = 8192;
/// How long running requests may take to finish once the server stops.
const GRACEFUL: Duration = Duration::from_secs(10);
/// How long to wait after a connection could not be accepted.
const PAUSE: Duration = Duration::from_millis(20);

/// How a server is set up.
#[derive(Debug, Clone)]
pub struct RufhConfig {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The planted defects.
    pub defects: Vec<RufhDefect>,
}

impl Default for RufhConfig {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), defects: Vec::new() }
    }
}

/// A server that runs until it is shut down or dropped. Uploads are created by POST, PUT or PATCH at `/files`.
#[derive(Debug)]
pub struct RufhServer {
    address: SocketAddr,
    stop: watch::Sender<()>,
    listener: JoinHandle<()>,
}

impl RufhServer {
    /// Binds the address and serves it in the background; callers may connect as soon as this returns.
    pub async fn start(config: RufhConfig) -> Result<Self, ReferenceError> {
        let failed = |source| ReferenceError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let service = Arc::new(Service::with(config.defects));
        let stop = watch::Sender::new(());
        let listener = tokio::spawn(accept(listener, service, stop.subscribe()));
        Ok(Self { address, stop, listener })
    }

    /// Where it is, without a slash at the end.
    pub fn origin(&self) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            let local =
                if address.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() };
            address.set_ip(local);
        }
        format!("http://{address}")
    }

    /// Stops taking requests, lets those that run finish within a limit, and returns when all is quiet.
    pub async fn shutdown(self) {
        let Self { stop, listener, .. } = self;
        drop(stop);
        // A listener that failed has stopped as well.
        drop(listener.await);
    }
}

/// Takes connections until the other end of `stop` is dropped.
async fn accept(listener: TcpListener, service: Arc<Service>, mut stop: watch::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, Arc::clone(&service), stop.clone()));
                }
                // Out of file descriptors, most likely.
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
            _ = stop.changed() => break,
        }
    }
    drop(listener);
    let quiet = async { while connections.join_next().await.is_some() {} };
    // Dropping the set breaks off whatever has not finished by then.
    drop(tokio::time::timeout(GRACEFUL, quiet).await);
}

/// Serves the requests of one connection, one after the other.
async fn serve(stream: TcpStream, service: Arc<Service>, mut stop: watch::Receiver<()>) {
    let mut connection = Connection::new(stream);
    loop {
        let next = tokio::select! {
            next = connection.next_head() => next,
            _ = stop.changed() => return connection.close().await,
        };
        let refused = match next {
            Next::Request(head) => {
                let mut body = Body::new(&mut connection, &head);
                let outcome = route(&service, &head, &mut body).await;
                let Outcome::Answer(response) = outcome else { return connection.abort() };
                // A refusal goes out before the rest of the content is read: whoever waits for it stops sending.
                let closes = !head.keeps_alive || !body.is_finished();
                let bytes = response.to_bytes(&head.method, closes);
                let is_next = body.answer(&bytes).await;
                if closes || !is_next {
                    return connection.close().await;
                }
                continue;
            }
            Next::End => return,
            Next::Malformed => problem::plain(400, "this is no HTTP/1.1 request"),
            Next::TooLong => problem::plain(431, "the head of the request is too long"),
        };
        drop(connection.write(&refused.to_bytes("GET", true)).await);
        return connection.close().await;
    }
}
