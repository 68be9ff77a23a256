//! Connections without exchanges, for a proxy that passes on what others say. It sends and reads nothing itself.

use std::sync::Arc;

use url::Url;

use super::connection::{Connector, Duplex};
use super::{Fault, Settings, Version, WireError, tls};

/// Connects to hosts as a [`Client`](super::Client) with the same settings does.
#[derive(Clone)]
pub struct Dialer(Arc<Connector>);

impl Dialer {
    /// A dialer with the time limit, the certificates and the proxies of these settings.
    pub fn new(settings: Settings) -> Result<Dialer, WireError> {
        let Settings { connect_timeout, tls, proxies, .. } = settings;
        Ok(Dialer(Arc::new(Connector {
            limit: connect_timeout,
            tls: Arc::new(tls::configure(tls)?),
            version: Version::Http1,
            proxies,
        })))
    }

    /// A connection to where `url` leads, secured where it says https; bytes reach the host as they are written.
    pub async fn dial(&self, url: &Url) -> Result<Box<dyn Duplex>, Fault> {
        let route = self.0.route(url)?.tunnelled();
        self.0.connect(url, &route).await
    }
}
