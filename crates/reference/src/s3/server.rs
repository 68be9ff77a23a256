//! The server's life: it binds an address, takes connections, and stops.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;

use super::answer::set;
use super::defects::S3Defect;
use super::request::Call;
use super::route::route;
use super::service::{BUCKET, Service};
use super::signature::Keys;
use crate::error::ReferenceError;
use crate::server::background::BackgroundListener;
use crate::server::listener::{ListenerOptions, accept};
use crate::storage::folder::ContentFolder;
use crate::storage::request_content::RequestContent;

/// How long a connection may be idle.
const IDLE: Duration = Duration::from_secs(60);

/// How a server is set up.
#[derive(Debug, Clone)]
pub struct S3Config {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The id of the key that signs.
    pub access_key: String,
    /// The key itself.
    pub secret_key: String,
    /// The region that signatures are for.
    pub region: String,
    /// The planted defects.
    pub defects: Vec<S3Defect>,
}

impl Default for S3Config {
    /// With the key of the examples in AWS's documentation, which is nobody's.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            region: "us-east-1".to_owned(),
            defects: Vec::new(),
        }
    }
}

/// A server that runs until it is shut down or dropped.
#[derive(Debug)]
pub struct S3Server(BackgroundListener);

impl S3Server {
    /// Binds the address and serves it in the background; callers may connect as soon as this returns.
    pub async fn start(config: S3Config) -> Result<Self, ReferenceError> {
        let S3Config { listen, access_key, secret_key, region, defects } = config;
        let folder = ContentFolder::new("uptake-s3-")?;
        let keys = Keys { access_key, secret_key, region };
        let service = Arc::new(Service::new(folder, keys, defects));
        let service = service_fn(move |request| answer(Arc::clone(&service), request));
        let serve = |listener, stop| {
            accept(listener, service, ListenerOptions { acceptor: None, timeout: IDLE, stop })
        };
        Ok(Self(BackgroundListener::start(listen, serve).await?))
    }

    /// The URL of the bucket, without a slash at the end.
    pub fn bucket(&self) -> String {
        format!("{}/{BUCKET}", self.0.origin())
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
    let mut response = match route(&service, &call, &mut body).await {
        Ok(response) => response,
        Err(refusal) => {
            // Whoever waits for a 100 sends nothing once it is refused.
            if !call.head.expects_continue() {
                body.drain().await;
            }
            refusal.response(&call.head.path)
        }
    };
    set(&mut response, "date", &httpdate::fmt_http_date(SystemTime::now()));
    set(&mut response, "server", "uptake");
    set(&mut response, "x-amz-request-id", &format!("{:016X}", rand::random::<u64>()));
    Ok(response)
}
