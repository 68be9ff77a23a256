//! The server's life: it binds its addresses, takes connections, and stops without breaking off what runs. What
//! travels on a connection is `connection`'s.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use super::app::App;
use super::config::Config;
use super::connection::{Answers, Terms, converse};
use super::error::ReferenceError;
use super::tls::Identity;
use super::{api, control, edge};

/// How long running calls may take to finish once the server stops.
const GRACEFUL: Duration = Duration::from_secs(10);
/// Connections at once; past that, idle ones make room for others.
const CONNECTIONS: usize = 8192;
/// How long to wait for room.
const PAUSE: Duration = Duration::from_millis(20);

/// A reference server that runs until it is shut down or dropped.
#[derive(Debug)]
pub struct Server {
    origin: String,
    control: Option<String>,
    certificates: Option<String>,
    stop: watch::Sender<()>,
    listeners: Vec<JoinHandle<()>>,
}

impl Server {
    /// Binds the addresses and serves them in the background; callers may connect as soon as this returns.
    pub async fn start(config: Config) -> Result<Self, ReferenceError> {
        let (api_listener, api_address) = bind(config.listen).await?;
        let control_listener = match config.control {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let identity = config.tls.as_ref().map(|tls| Identity::of(tls, api_address.ip())).transpose()?;
        let origin = origin_of(if identity.is_some() { "https" } else { "http" }, api_address);
        let app = Arc::new(App::new(&config, origin.clone())?);
        let stop = watch::Sender::new(());
        let door = |acceptor| Door { acceptor, patience: config.patience, stop: stop.subscribe() };

        let router = TowerToHyperService::new(api::router(Arc::clone(&app)));
        let api_app = Arc::clone(&app);
        let api_service =
            service_fn(move |request| edge::serve(Arc::clone(&api_app), router.clone(), request));
        let api_door = door(identity.as_ref().map(|identity| identity.acceptor.clone()));
        let mut listeners = vec![tokio::spawn(accept(api_listener, api_service, api_door))];

        let mut control = None;
        if let Some((listener, address)) = control_listener {
            control = Some(origin_of("http", address));
            let service = TowerToHyperService::new(control::router(app));
            listeners.push(tokio::spawn(accept(listener, service, door(None))));
        }
        let certificates = identity.map(|identity| identity.certificates);
        Ok(Self { origin, control, certificates, stop, listeners })
    }

    /// Where the API is, without a slash at the end.
    pub fn origin(&self) -> String {
        self.origin.clone()
    }

    /// Where the control surface is, if there is one.
    pub fn control(&self) -> Option<String> {
        self.control.clone()
    }

    /// The certificates that the API shows, as PEM, if it is secured. The control surface never is: it has an address of its
    /// own, which is nobody else's business.
    pub fn certificates(&self) -> Option<&str> {
        self.certificates.as_deref()
    }

    /// Stops taking calls, lets those that run finish within a limit, and returns when all is quiet.
    pub async fn shutdown(self) {
        let Self { stop, listeners, .. } = self;
        drop(stop);
        for listener in listeners {
            // A listener that failed has stopped as well.
            drop(listener.await);
        }
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ReferenceError> {
    let failed = |source| ReferenceError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// The address as callers on this machine reach it.
fn origin_of(scheme: &str, mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    format!("{scheme}://{address}")
}

/// What the connections of one listener have in common.
struct Door {
    acceptor: Option<TlsAcceptor>,
    patience: Duration,
    stop: watch::Receiver<()>,
}

/// Takes connections until the other end of `stop` is dropped.
async fn accept<S: Answers>(listener: TcpListener, service: S, door: Door) {
    let Door { acceptor, patience, mut stop } = door;
    let crowded = watch::Sender::new(());
    let terms = Terms { acceptor, patience, stop: stop.clone(), crowded: crowded.subscribe() };
    let mut connections = JoinSet::new();
    loop {
        let full = connections.len() >= CONNECTIONS;
        tokio::select! {
            accepted = listener.accept(), if !full => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, service.clone(), terms.clone()));
                }
                // Out of file descriptors, most likely.
                Err(_) => {
                    crowded.send_replace(());
                    tokio::time::sleep(PAUSE).await;
                }
            },
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
