//! A connection to where a URL leads, secured where it says https.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::tls_error::{explain, reason};
use super::{Fault, Phase, Proxies, Proxy, Version};

/// A connection, secured or not.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// How connections are made.
pub(super) struct Connector {
    pub(super) limit: Duration,
    pub(super) tls: Arc<ClientConfig>,
    pub(super) version: Version,
    pub(super) proxies: Proxies,
}

/// How the target is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// Directly.
    Direct,
    /// By a proxy that reads the requests and passes them on.
    Forwarded(Proxy),
    /// Through a tunnel that a proxy makes.
    Tunnel(Proxy),
    /// By way of an interceptor, which sees what is sent and speaks TLS itself.
    Intercepted(Proxy),
}

impl Route {
    /// The same, with nothing between that reads what is sent.
    pub(super) fn tunnelled(self) -> Route {
        match self {
            Route::Forwarded(proxy) => Route::Tunnel(proxy),
            other => other,
        }
    }
}

impl Connector {
    /// How the target of this URL is reached.
    pub(super) fn route(&self, url: &Url) -> Result<Route, Fault> {
        if let Some(interceptor) = self.proxies.interceptor() {
            return Ok(Route::Intercepted(interceptor));
        }
        Ok(match self.proxies.of(url).map_err(Fault::Harness)? {
            None => Route::Direct,
            // A proxy that reads requests reads HTTP/1.1.
            Some(proxy) if url.scheme() == "https" || self.version == Version::Http2 => Route::Tunnel(proxy),
            Some(proxy) => Route::Forwarded(proxy),
        })
    }

    pub(super) async fn connect(&self, url: &Url, route: &Route) -> Result<Box<dyn Duplex>, Fault> {
        let place = Place::of(url)?;
        let stream = match route {
            Route::Direct => self.reach(&place).await?,
            Route::Forwarded(proxy) => self.reach(&Place::of_proxy(proxy)?).await?,
            Route::Tunnel(proxy) | Route::Intercepted(proxy) => {
                let mut stream = self.reach(&Place::of_proxy(proxy)?).await?;
                let lines = match route {
                    Route::Intercepted(_) => format!("Forwarded: proto={}\r\n", url.scheme()),
                    _ => String::new(),
                };
                timeout(self.limit, proxy.tunnel_with(&mut stream, &place.to(), &lines))
                    .await
                    .map_err(|_| Fault::Timeout { phase: Phase::Connecting, after: self.limit })?
                    .map_err(|reason| Fault::Connect { to: place.to(), reason })?;
                stream
            }
        };
        if !place.secure || matches!(route, Route::Intercepted(_)) {
            return Ok(Box::new(stream));
        }
        let connect = TlsConnector::from(Arc::clone(&self.tls)).connect(place.server_name()?, stream);
        let secured = timeout(self.limit, connect)
            .await
            .map_err(|_| Fault::Timeout { phase: Phase::Securing, after: self.limit })?
            .map_err(|error| place.not_secured(&error))?;
        if self.version == Version::Http2 {
            place.agreed(secured.get_ref().1.alpn_protocol())?;
        }
        Ok(Box::new(secured))
    }

    async fn reach(&self, place: &Place) -> Result<TcpStream, Fault> {
        let addresses = timeout(self.limit, place.resolve())
            .await
            .map_err(|_| Fault::Timeout { phase: Phase::Resolving, after: self.limit })??;
        let late = Fault::Timeout { phase: Phase::Connecting, after: self.limit };
        // Each address gets its share of the time, so that one that swallows packets does not eat it all.
        let share = self.limit / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
        let mut last =
            Fault::Resolve { host: place.host.to_string(), reason: "it has no address".to_owned() };
        for address in addresses {
            match timeout(share, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // A held-back last byte must not wait for the acknowledgement of what went before it.
                    stream.set_nodelay(true).map_err(|error| Fault::Harness(reason(&error)))?;
                    return Ok(stream);
                }
                Ok(Err(error)) => last = place.refused(&error),
                Err(_) => last = late.clone(),
            }
        }
        Err(last)
    }
}

/// Host and port of a URL.
struct Place {
    host: Host<String>,
    port: u16,
    secure: bool,
}

impl Place {
    fn of(url: &Url) -> Result<Place, Fault> {
        let secure = match url.scheme() {
            "http" => false,
            "https" => true,
            other => return Err(Fault::Harness(format!("the scheme {other} is neither http nor https"))),
        };
        let lacks = |what: &str| Fault::Harness(format!("the URL has no {what}"));
        let host = url.host().ok_or_else(|| lacks("host"))?.to_owned();
        let port = url.port_or_known_default().ok_or_else(|| lacks("port"))?;
        Ok(Place { host, port, secure })
    }

    fn of_proxy(proxy: &Proxy) -> Result<Place, Fault> {
        let bare = proxy.host.trim_start_matches('[').trim_end_matches(']');
        let host = Host::parse(&proxy.host).or_else(|_| Host::parse(bare));
        let host = host.map_err(|_| Fault::Harness(format!("the proxy {proxy} has no host")))?;
        Ok(Place { host, port: proxy.port, secure: false })
    }

    /// Whether the server has agreed to HTTP/2 (ALPN).
    fn agreed(&self, protocol: Option<&[u8]>) -> Result<(), Fault> {
        let why = match protocol {
            Some(b"h2") => return Ok(()),
            Some(b"http/1.1") => "it negotiated HTTP/1.1 by ALPN".to_owned(),
            Some(other) => format!("it negotiated `{}` by ALPN", String::from_utf8_lossy(other)),
            None => "it negotiated no protocol by ALPN".to_owned(),
        };
        Err(Fault::Version { to: self.to(), why })
    }

    fn to(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    async fn resolve(&self) -> Result<Vec<SocketAddr>, Fault> {
        match &self.host {
            Host::Ipv4(address) => Ok(vec![(*address, self.port).into()]),
            Host::Ipv6(address) => Ok(vec![(*address, self.port).into()]),
            Host::Domain(name) => {
                let found = tokio::net::lookup_host((name.as_str(), self.port)).await;
                let fault = |error: io::Error| Fault::Resolve { host: name.clone(), reason: reason(&error) };
                Ok(found.map_err(fault)?.collect())
            }
        }
    }

    fn server_name(&self) -> Result<ServerName<'static>, Fault> {
        match &self.host {
            Host::Ipv4(address) => Ok(ServerName::from(std::net::IpAddr::from(*address))),
            Host::Ipv6(address) => Ok(ServerName::from(std::net::IpAddr::from(*address))),
            Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| Fault::Tls {
                to: self.to(),
                reason: "certificates cannot name this host".to_owned(),
            }),
        }
    }

    /// Why a connection was not secured: a connection that ends amid the handshake may be lost, what TLS refuses is final.
    fn not_secured(&self, error: &io::Error) -> Fault {
        let (to, reason) = (self.to(), explain(error, &self.host.to_string()));
        if error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some() {
            Fault::Tls { to, reason }
        } else {
            Fault::Connect { to, reason }
        }
    }

    /// Why a connection did not come about. That we have no file descriptor or no port left is our own fault.
    fn refused(&self, error: &io::Error) -> Fault {
        let ours = error.kind() == io::ErrorKind::AddrNotAvailable
            || matches!(error.raw_os_error(), Some(PROCESS_FILES | SYSTEM_FILES));
        if ours {
            return Fault::Harness(format!("no connection to {} can be made: {}", self.to(), reason(error)));
        }
        Fault::Connect { to: self.to(), reason: reason(error) }
    }
}

/// EMFILE: the process has too many files open.
const PROCESS_FILES: i32 = 24;
/// ENFILE: the system has too many files open.
const SYSTEM_FILES: i32 = 23;
