//! A listener of a server: it binds an address and takes connections until the server stops. What is answered is the
//! service's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::connection::{ConnectionOptions, HttpService, serve_connection};
use crate::error::ReferenceError;

/// How long running calls may take to finish once the server stops.
const GRACEFUL: Duration = Duration::from_secs(10);
/// Connections at once; past that, idle ones make room for others.
const CONNECTIONS: usize = 8192;
/// How long to wait for room.
const PAUSE: Duration = Duration::from_millis(20);

/// Binds an address, and tells which it is.
pub(crate) async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ReferenceError> {
    let failed = |source| ReferenceError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// The address as callers on this machine reach it.
pub(crate) fn origin_of(scheme: &str, mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    format!("{scheme}://{address}")
}

/// What the connections of one listener have in common.
pub(crate) struct ListenerOptions {
    pub(crate) acceptor: Option<TlsAcceptor>,
    pub(crate) timeout: Duration,
    pub(crate) stop: watch::Receiver<()>,
}

/// Takes connections until the other end of `stop` is dropped.
pub(crate) async fn accept<S: HttpService>(listener: TcpListener, service: S, options: ListenerOptions) {
    let ListenerOptions { acceptor, timeout, stop } = options;
    let crowded = watch::Sender::new(());
    let connection =
        ConnectionOptions { acceptor, timeout, stop: stop.clone(), crowded: crowded.subscribe() };
    let serve = |stream| serve_connection(stream, service.clone(), connection.clone());
    take_connections(listener, serve, crowded, stop).await;
}

/// Takes connections until the other end of `stop` is dropped, and serves each. `crowded` is told when there is no room for more.
pub(crate) async fn take_connections<F: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    serve: impl Fn(TcpStream) -> F,
    crowded: watch::Sender<()>,
    mut stop: watch::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        let full = connections.len() >= CONNECTIONS;
        tokio::select! {
            accepted = listener.accept(), if !full => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(serve(stream));
                } else {
                    // Out of file descriptors, most likely.
                    crowded.send_replace(());
                    tokio::time::sleep(PAUSE).await;
                }
            }
            () = tokio::time::sleep(PAUSE), if full => {
                crowded.send_replace(());
            }
            Some(_) = connections.join_next() => {}
            _ = stop.changed() => break,
        }
    }
    drop(listener);
    let quiet = async { while connections.join_next().await.is_some() {} };
    // Dropping the set breaks off whatever has not finished by then.
    drop(tokio::time::timeout(GRACEFUL, quiet).await);
}
