//! Where requests go: addresses, host name, TLS and time-outs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

use crate::error::LoadError;
use crate::plan::Protocol;
use uptake_target::Target;
use uptake_wire::response::Limits;
use uptake_wire::{explain_tls, tls_config};

/// What uptake calls itself.
const USER_AGENT: &str = concat!("uptake/", env!("CARGO_PKG_VERSION"));

/// The server under load.
pub(crate) struct Endpoint {
    /// The path that all others are appended to, without a slash at the end.
    pub(crate) prefix: String,
    /// The value of Host.
    pub(crate) authority: String,
    /// Header fields of every request.
    pub(super) headers: Vec<(String, String)>,
    pub(super) scheme: &'static str,
    pub(super) tls: Option<(TlsConnector, ServerName<'static>)>,
    pub(super) protocol: Protocol,
    pub(super) connect_timeout: Duration,
    pub(super) answer_timeout: Duration,
    /// How much of a response is accepted.
    pub(super) limits: Limits,
    addresses: Vec<SocketAddr>,
    next: AtomicUsize,
}

impl Endpoint {
    /// Resolves the target, and connects once to see that it is there. Given addresses are all used; of those that a name has,
    /// the first that answers is.
    pub(crate) async fn find(
        target: &Target,
        given: &[SocketAddr],
        protocol: Protocol,
    ) -> Result<Self, LoadError> {
        let base = &target.base_url;
        let host = base.host_str().unwrap_or_default();
        let port = base.port_or_known_default().unwrap_or(80);
        let unreachable = |why: String| LoadError::Unreachable(format!("{base}: {why}"));
        let candidates: Vec<SocketAddr> = if given.is_empty() {
            let name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
            let limit = target.settings.connect_timeout;
            let found = tokio::time::timeout(limit, tokio::net::lookup_host((name, port))).await;
            let found =
                found.map_err(|_| unreachable(format!("its name was not resolved within {limit:?}")))?;
            found.map_err(|error| unreachable(format!("its name cannot be resolved: {error}")))?.collect()
        } else {
            given.to_vec()
        };
        let tls = match base.scheme() {
            "https" => Some(connector(target, host, protocol)?),
            _ => None,
        };
        let mut reached = Vec::new();
        let mut why = "it has no address".to_owned();
        for address in candidates {
            match reach(address, tls.as_ref(), target.settings.connect_timeout).await {
                Ok(()) => reached.push(address),
                Err(error) => why = format!("{address}: {error}"),
            }
            // The addresses of a name are alternatives.
            if given.is_empty() && !reached.is_empty() {
                break;
            }
        }
        if reached.is_empty() || (!given.is_empty() && reached.len() < given.len()) {
            return Err(unreachable(why));
        }
        Ok(Self {
            prefix: base.path().trim_end_matches('/').to_owned(),
            authority: authority(base),
            headers: vec![("User-Agent".to_owned(), USER_AGENT.to_owned())],
            scheme: if tls.is_some() { "https" } else { "http" },
            tls,
            protocol,
            connect_timeout: target.settings.connect_timeout,
            answer_timeout: target.settings.answer_timeout,
            limits: target.settings.limits,
            addresses: reached,
            next: AtomicUsize::new(0),
        })
    }

    /// The address of the next connection.
    pub(super) fn address(&self) -> SocketAddr {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        self.addresses[next % self.addresses.len()]
    }
}

/// Connects once, with TLS if there is any, and says why that fails.
async fn reach(
    address: SocketAddr,
    tls: Option<&(TlsConnector, ServerName<'static>)>,
    limit: Duration,
) -> Result<(), String> {
    let connecting = async {
        let socket = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        let Some((connector, name)) = tls else { return Ok(()) };
        let host = name.to_str();
        let handshake = connector.connect(name.clone(), socket).await;
        let stream = handshake.map_err(|error| format!("TLS: {}", explain_tls(&error, &host)))?;
        let offered = &connector.config().alpn_protocols;
        if offered.iter().any(|protocol| protocol == b"h2")
            && stream.get_ref().1.alpn_protocol() != Some(b"h2")
        {
            return Err("the server does not offer HTTP/2: omit --http2".to_owned());
        }
        Ok(())
    };
    tokio::time::timeout(limit, connecting)
        .await
        .unwrap_or_else(|_| Err(format!("no connection within {limit:?}")))
}

fn authority(base: &Url) -> String {
    let host = base.host_str().unwrap_or_default();
    match base.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn connector(
    target: &Target,
    host: &str,
    protocol: Protocol,
) -> Result<(TlsConnector, ServerName<'static>), LoadError> {
    let mut config = tls_config(target.settings.tls.clone())?;
    if protocol == Protocol::Http2 {
        config.alpn_protocols = vec![b"h2".to_vec()];
    }
    let name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(name)
        .map_err(|error| LoadError::Unreachable(format!("{}: {error}", target.base_url)))?;
    Ok((TlsConnector::from(Arc::new(config)), name))
}
