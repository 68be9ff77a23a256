//! The server's life: it binds an address, takes connections, and stops.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::sync::watch;

use super::body::Body;
use super::complete::Outcome;
use super::connection::{Connection, Next};
use super::defects::RufhDefect;
use super::problem;
use super::route::route;
use super::service::Service;
use crate::error::ReferenceError;
use crate::server::background::BackgroundListener;
use crate::server::listener::take_connections;

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
pub struct RufhServer(BackgroundListener);

impl RufhServer {
    /// Binds the address and serves it in the background; callers may connect as soon as this returns.
    pub async fn start(config: RufhConfig) -> Result<Self, ReferenceError> {
        let service = Arc::new(Service::with(config.defects));
        let serve = |listener, stopped: watch::Receiver<()>| async move {
            let serve = |stream| serve(stream, Arc::clone(&service), stopped.clone());
            take_connections(listener, serve, watch::Sender::new(()), stopped.clone()).await;
        };
        Ok(Self(BackgroundListener::start(config.listen, serve).await?))
    }

    /// Where it is, without a slash at the end.
    pub fn origin(&self) -> String {
        self.0.origin().to_owned()
    }

    /// Stops taking requests, lets those that run finish within a limit, and returns when all is quiet.
    pub async fn shutdown(self) {
        self.0.shutdown().await;
    }
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
            Next::Malformed => problem::plain(400, "this is not an HTTP/1.1 request"),
            Next::TooLong => problem::plain(431, "the head of the request is too long"),
        };
        drop(connection.write(&refused.to_bytes("GET", true)).await);
        return connection.close().await;
    }
}
