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
use uptake_wire::{Proxy, explain_tls, tls_config};

/// What uptake calls itself.
const USER_AGENT: &str = concat!("uptake/", env!("CARGO_PKG_VERSION"));

/// The server under load.
pub(crate) struct Endpoint {
    /// What all paths are appended to, without a slash at the end: the target's own path, and its origin where a proxy passes the
    /// requests on.
    pub(crate) prefix: String,
    /// The value of Host.
    pub(crate) authority: String,
    /// Header fields of every request.
    pub(super) headers: Vec<(String, String)>,
    /// The end of the request line, and the header lines of every request.
    pub(super) fixed_head: String,
    pub(super) scheme: &'static str,
    pub(super) tls: Option<(TlsConnector, ServerName<'static>)>,
    /// The proxy that makes a tunnel, and where to.
    pub(super) tunnel: Option<(Proxy, String)>,
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
        // Whoever names addresses wants these, and nothing between.
        let proxy =
            if given.is_empty() { target.settings.proxies.of(base).map_err(&unreachable)? } else { None };
        let candidates: Vec<SocketAddr> = if given.is_empty() {
            let (name, port) = proxy.as_ref().map_or((host, port), |proxy| (proxy.host.as_str(), proxy.port));
            let name = name.trim_start_matches('[').trim_end_matches(']').to_owned();
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
        let tunnel = proxy.clone().filter(|_| tls.is_some()).map(|proxy| (proxy, format!("{host}:{port}")));
        let forwarder = proxy.filter(|_| tls.is_none());
        if forwarder.is_some() && protocol == Protocol::Http2 {
            return Err(unreachable(
                "HTTP/2 without TLS cannot go through a proxy: omit --http2, or set NO_PROXY".to_owned(),
            ));
        }
        let mut reached = Vec::new();
        let mut why = "it has no address".to_owned();
        for address in candidates {
            match reach(address, tunnel.as_ref(), tls.as_ref(), target.settings.connect_timeout).await {
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
        let path = base.path().trim_end_matches('/');
        let prefix = match &forwarder {
            Some(_) => format!("http://{}{path}", authority(base)),
            None => path.to_owned(),
        };
        let headers = headers(target, forwarder.and_then(|proxy| proxy.authorization));
        let lines = headers.iter().flat_map(|(name, value)| [name, ": ", value, "\r\n"]).collect::<String>();
        Ok(Self {
            prefix,
            fixed_head: format!(" HTTP/1.1\r\nHost: {}\r\n{lines}", authority(base)),
            authority: authority(base),
            headers,
            scheme: if tls.is_some() { "https" } else { "http" },
            tls,
            tunnel,
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

/// The header fields of every request.
fn headers(target: &Target, for_proxy: Option<String>) -> Vec<(String, String)> {
    let mut headers = target.settings.headers.clone();
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("user-agent")) {
        headers.insert(0, ("User-Agent".to_owned(), USER_AGENT.to_owned()));
    }
    headers.extend(for_proxy.map(|value| ("Proxy-Authorization".to_owned(), value)));
    headers
}

/// Connects once, with TLS if there is any, and says why that fails.
async fn reach(
    address: SocketAddr,
    tunnel: Option<&(Proxy, String)>,
    tls: Option<&(TlsConnector, ServerName<'static>)>,
    limit: Duration,
) -> Result<(), String> {
    let connecting = async {
        let mut socket = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        if let Some((proxy, authority)) = tunnel {
            proxy.tunnel(&mut socket, authority).await?;
        }
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
