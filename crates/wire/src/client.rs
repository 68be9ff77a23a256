//! The client: requests and raw bytes in, exchanges out.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use http::Method;
use url::Url;

use super::barriers::Barriers;
use super::connection::{Connector, Route};
use super::http2::{self, Http2Exchange};
use super::message::Head;
use super::response::Limits;
use super::round_trip::{Outgoing, RoundTrip, method_of};
use super::sender::OutgoingRequest;
use super::{
    Answer, Exchange, Fault, Interim, Proxies, RawBytes, Request, Sent, TlsSettings, Version, WireError, tls,
};

/// How a client behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The version of HTTP that requests are sent by; raw bytes are always HTTP/1.1.
    pub version: Version,
    /// How long each of name, connection and TLS session may take.
    pub connect_timeout: Duration,
    /// How long the answer may take to come to its end. The time starts anew whenever some of the body was sent.
    pub answer_timeout: Duration,
    /// How much of a response is read.
    pub limits: Limits,
    /// Whom to trust.
    pub tls: TlsSettings,
    /// The headers of every request that does not name them itself.
    pub headers: Vec<(String, String)>,
    /// The proxies to go through.
    pub proxies: Proxies,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            version: Version::Http1,
            connect_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(30),
            limits: Limits::default(),
            tls: TlsSettings::default(),
            headers: Vec::new(),
            proxies: Proxies::default(),
        }
    }
}

/// Sends requests, each over a connection of its own. Clones share what they have.
#[derive(Clone)]
pub struct Client {
    connector: Arc<Connector>,
    answer_timeout: Duration,
    limits: Limits,
    headers: Arc<Vec<(String, String)>>,
}

/// What an attempt left behind: the answer or the fault, and the interim responses before it.
type Left = (Result<Answer, Fault>, Vec<Interim>);

impl Client {
    /// A client with these settings.
    pub fn new(settings: Settings) -> Result<Client, WireError> {
        let Settings { version, connect_timeout, answer_timeout, limits, tls, headers, proxies } = settings;
        let mut tls = tls::configure(tls)?;
        if version == Version::Http2 {
            // HTTP/1.1 too: a server that has only that says so, instead of ending the handshake.
            tls.alpn_protocols.insert(0, b"h2".to_vec());
        }
        let connector = Arc::new(Connector { limit: connect_timeout, tls: Arc::new(tls), version, proxies });
        Ok(Client { connector, answer_timeout, limits, headers: Arc::new(headers) })
    }

    /// Sends a request, once.
    pub async fn send(&self, request: &Request) -> Exchange {
        // Made first, so that whoever waits for this request is released whatever becomes of it.
        let barriers = Barriers::new(&request.delivery.hold);
        let clock = Clock::start();
        if self.connector.version == Version::Http2 {
            // Boxed, so that HTTP/1.1 does not carry it along.
            return Box::pin(self.send_by_http2(request, barriers, clock)).await;
        }
        let route = match self.connector.route(&request.url) {
            Ok(route) => route,
            Err(fault) => {
                let headers = Head::of(request, &self.headers, &Route::Direct).headers;
                let sent = Sent::of(request, Version::Http1, headers);
                return clock.stop(sent, (Err(fault), Vec::new()));
            }
        };
        let head = Head::of(request, &self.headers, &route);
        let sent = Sent::of(request, Version::Http1, head.headers);
        let left = match head.bytes {
            Err(fault) => (Err(fault), Vec::new()),
            Ok(head) => {
                let outgoing =
                    OutgoingRequest { head: &head, body: &request.body, delivery: &request.delivery };
                let outgoing = Outgoing::Request(outgoing, barriers);
                self.round_trip(&request.url, &route, &request.method, outgoing).await
            }
        };
        clock.stop(sent, left)
    }

    async fn send_by_http2(&self, request: &Request, barriers: Barriers, clock: Clock) -> Exchange {
        let http2::Head { headers, message } = http2::Head::of(request, &self.headers);
        let sent = Sent::of(request, Version::Http2, headers);
        let port = request.url.port_or_known_default().unwrap_or_default();
        let to = format!("{}:{port}", request.url.host_str().unwrap_or_default());
        let exchange = Http2Exchange::new(self.answer_timeout, self.limits, &to);
        let outcome = async {
            let message = message?;
            let stream = self.connector.connect(&request.url, &self.connector.route(&request.url)?).await?;
            let (body, delivery) = (&request.body, &request.delivery);
            exchange.run(stream, http2::Outgoing { message, body, delivery, barriers }).await
        };
        let outcome = outcome.await;
        clock.stop(sent, (outcome, exchange.interim()))
    }

    /// Sends bytes as they are, once, to where the URL leads; its path plays no part.
    pub async fn send_raw(&self, url: &Url, raw: &RawBytes) -> Exchange {
        let clock = Clock::start();
        let sent = Sent::raw(url, raw);
        let method = method_of(&raw.bytes);
        let outgoing = Outgoing::Raw(raw);
        let left = match self.connector.route(url) {
            // Raw bytes are for the target: a proxy must not read them.
            Ok(route) => self.round_trip(url, &route.tunnelled(), &method, outgoing).await,
            Err(fault) => (Err(fault), Vec::new()),
        };
        clock.stop(sent, left)
    }

    async fn round_trip(&self, url: &Url, route: &Route, method: &Method, outgoing: Outgoing<'_>) -> Left {
        match self.connector.connect(url, route).await {
            Err(fault) => (Err(fault), Vec::new()),
            Ok(stream) => {
                let round_trip = RoundTrip::new(self.answer_timeout, self.limits);
                let outcome = round_trip.run(stream, method, outgoing).await;
                (outcome, round_trip.interim())
            }
        }
    }
}

/// When an exchange began, by both clocks: one to name the moment, one to measure.
struct Clock {
    started: SystemTime,
    from: Instant,
}

impl Clock {
    fn start() -> Clock {
        Clock { started: SystemTime::now(), from: Instant::now() }
    }

    fn stop(self, request: Sent, (outcome, interim): Left) -> Exchange {
        Exchange { request, outcome, interim, started: self.started, took: self.from.elapsed() }
    }
}
