//! The server's life: it binds its addresses, serves its connections, and stops without breaking off what runs.
//!
//! The connections are plain HTTP/1.1; nothing here knows what travels on them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::app::App;
use super::config::Config;
use super::error::ReferenceError;
use super::{api, control, edge};

/// How long running calls may take to finish once the server stops.
const GRACEFUL: Duration = Duration::from_secs(10);
/// How long a caller may take for the head of a request, and how long a connection may idle.
const HEAD_PATIENCE: Duration = Duration::from_secs(60);
/// How much is read from a socket at once. Larger reads leave the processor's cache before they are scanned.
const READ_BUFFER: usize = 256 * 1024;

/// A reference server that runs until it is shut down or dropped.
#[derive(Debug)]
pub struct Server {
    origin: String,
    control: Option<String>,
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
        let origin = origin_of(api_address);
        let app = Arc::new(App::new(&config, origin.clone())?);
        let stop = watch::Sender::new(());

        let router = TowerToHyperService::new(api::router(Arc::clone(&app)));
        let api_app = Arc::clone(&app);
        let api_service =
            service_fn(move |request| edge::serve(Arc::clone(&api_app), router.clone(), request));
        let mut listeners = vec![tokio::spawn(accept(api_listener, api_service, stop.subscribe()))];

        let mut control = None;
        if let Some((listener, address)) = control_listener {
            control = Some(origin_of(address));
            let service = TowerToHyperService::new(control::router(app));
            listeners.push(tokio::spawn(accept(listener, service, stop.subscribe())));
        }
        Ok(Self { origin, control, stop, listeners })
    }

    /// Where the API is, without a slash at the end.
    pub fn origin(&self) -> String {
        self.origin.clone()
    }

    /// Where the control surface is, if there is one.
    pub fn control(&self) -> Option<String> {
        self.control.clone()
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
fn origin_of(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    format!("http://{address}")
}

/// Takes connections until the other end of `stop` is dropped.
async fn accept<S>(listener: TcpListener, service: S, mut stop: watch::Receiver<()>)
where
    S: Service<
            hyper::Request<Incoming>,
            Response = Response,
            Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        > + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, service.clone(), stop.clone()));
                }
                // Out of file descriptors, most likely; others will be closed soon.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
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

async fn converse<S>(stream: TcpStream, service: S, mut stop: watch::Receiver<()>)
where
    S: Service<
            hyper::Request<Incoming>,
            Response = Response,
            Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        > + Send
        + 'static,
    S::Future: Send,
{
    // An answer is small; waiting for more to send would only delay it.
    drop(stream.set_nodelay(true));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(READ_BUFFER)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    // A caller that breaks off is no error of the server's.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stop.changed() => connection.as_mut().graceful_shutdown(),
    }
    drop(connection.await);
}
