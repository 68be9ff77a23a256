//! The server's life: it binds an address, takes connections, and stops.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;

use super::answer::{Refusal, set};
use super::defects::GcsDefect;
use super::request::Call;
use super::route::route;
use super::service::{BUCKET, Service};
use crate::error::ReferenceError;
use crate::server::background::BackgroundListener;
use crate::server::listener::{ListenerOptions, accept};
use crate::storage::folder::ContentFolder;
use crate::storage::request_content::RequestContent;

/// How long a connection may be idle.
const IDLE: Duration = Duration::from_secs(60);

/// How a server is set up.
#[derive(Debug, Clone)]
pub struct GcsConfig {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The bearer token that is accepted.
    pub token: String,
    /// The planted defects.
    pub defects: Vec<GcsDefect>,
}

impl Default for GcsConfig {
    /// With a token that is no secret.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            token: "uptake-example-token".to_owned(),
            defects: Vec::new(),
        }
    }
}

/// A server that runs until it is shut down or dropped.
#[derive(Debug)]
pub struct GcsServer(BackgroundListener);

impl GcsServer {
    /// The name of its bucket.
    pub const BUCKET: &str = BUCKET;

    /// Binds the address and serves it in the background; callers may connect as soon as this returns.
    pub async fn start(config: GcsConfig) -> Result<Self, ReferenceError> {
        let GcsConfig { listen, token, defects } = config;
        let service = Arc::new(Service::new(ContentFolder::new("uptake-gcs-")?, token, defects));
        let service = service_fn(move |request| answer(Arc::clone(&service), request));
        let serve = |listener, stop| {
            accept(listener, service, ListenerOptions { acceptor: None, timeout: IDLE, stop })
        };
        Ok(Self(BackgroundListener::start(listen, serve).await?))
    }

    /// Where it is, without a slash at the end.
    pub fn origin(&self) -> &str {
        self.0.origin()
    }

    /// Stops taking requests, lets those that run finish within a limit, and returns when all is quiet.
    pub async fn shutdown(self) {
        self.0.shutdown().await;
    }
}

/// Answers a request; what all answers have in common is added here.
async fn answer(
    service: Arc<Service>,
    request: hyper::Request<Incoming>,
) -> Result<Response, std::convert::Infallible> {
    let (head, body) = request.into_parts();
    let (call, mut body) = (Call::new(&head), RequestContent::new(body));
    let answered = route(&service, &call, &mut body).await;
    // Whoever waits for a 100 sends nothing once it is answered.
    if !call.head.expects_continue() {
        body.drain().await;
    }
    let mut response = answered.unwrap_or_else(Refusal::response);
    set(&mut response, "date", &httpdate::fmt_http_date(SystemTime::now()));
    set(&mut response, "server", "uptake");
    Ok(response)
}
