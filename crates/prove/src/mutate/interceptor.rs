//! The proxy between suite and server: one a scenario, on a free port of loopback. Every exchange has a connection of its own,
//! so the number of a connection since the scenario began is the number of the exchange.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::answer::Answer;
use super::change::Change;
use super::connect::{RequestLine, read_connect};
use super::derive::{Mutation, RecordedExchange};
use super::relay::{Changing, Record, pass_on, pass_on_changed};
use super::unsent::swallow;
use uptake_wire::Dialer;

/// The most exchanges of a scenario that are recorded; the others are passed on.
const MAX_EXCHANGES: usize = 2_000;
/// The most connections at a time.
const MAX_CONNECTIONS: usize = 256;
/// The longest that a connection lasts.
const MAX_LIFE: Duration = Duration::from_secs(10 * 60);

/// A running interceptor; it ends with its connections when it is dropped.
pub(super) struct Interceptor {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    dialer: Dialer,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The exchanges since the scenario began.
    exchanges: Vec<Arc<Record>>,
    mutation: Option<Mutation>,
    has_applied: bool,
}

impl Interceptor {
    /// Starts one that reaches servers by `dialer`.
    pub(super) async fn start(dialer: Dialer) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { dialer, state: Mutex::default() });
        let accepting = tokio::spawn(Arc::clone(&shared).accept(listener));
        Ok(Self { address, shared, accepting })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Forgets what was recorded, and changes one answer from now on.
    pub(super) fn arm(&self, mutation: Option<Mutation>) {
        *self.shared.state() = State { mutation, ..State::default() };
    }

    /// The scenario begins: what came before was not its own.
    pub(super) fn begin(&self) {
        self.shared.state().exchanges.clear();
    }

    /// Whether the change has been made.
    pub(super) fn has_applied(&self) -> bool {
        self.shared.state().has_applied
    }

    /// What was exchanged since the scenario began.
    pub(super) fn recorded(&self) -> Vec<RecordedExchange> {
        let exchanges = self.shared.state().exchanges.clone();
        exchanges
            .iter()
            .map(|record| {
                let RequestLine { method, target } = record.line();
                RecordedExchange { method, target, answer: record.answer() }
            })
            .collect()
    }
}

impl Drop for Interceptor {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn accept(self: Arc<Self>, listener: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            if connections.len() >= MAX_CONNECTIONS {
                connections.join_next().await;
                continue;
            }
            let stream = tokio::select! {
                accepted = listener.accept() => accepted,
                Some(_) = connections.join_next() => continue,
            };
            let Ok((stream, _)) = stream else { continue };
            let shared = Arc::clone(&self);
            // What goes wrong on a connection is seen by the suite as the network's doing.
            connections.spawn(async move { drop(timeout(MAX_LIFE, shared.serve(stream)).await) });
        }
    }

    async fn serve(&self, mut client: TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        let url = read_connect(&mut client).await?;
        let (record, change) = self.next();
        if let Some(Change::Unsent(answer)) = change {
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            let line = swallow(&mut client).await?;
            record.unsent(&line);
            self.state().has_applied = true;
            client.write_all(&answer.to_bytes(line.kind())).await?;
            return client.shutdown().await;
        }
        let Ok(server) = self.dialer.dial(&url).await else {
            return client.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").await;
        };
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        let Some(change) = change else { return pass_on(client, server, &record).await };
        let this = ThisExchange { shared: self, record: &record };
        pass_on_changed(client, server, &record, &change, &this).await
    }

    /// The record of the next exchange, and what is done to its answer.
    fn next(&self) -> (Arc<Record>, Option<Change>) {
        let mut state = self.state();
        let record = Arc::new(Record::new());
        let at = state.exchanges.len();
        if at < MAX_EXCHANGES {
            state.exchanges.push(Arc::clone(&record));
        }
        let change = state.mutation.as_ref().filter(|mutation| mutation.at == at && at < MAX_EXCHANGES);
        (record, change.map(|mutation| mutation.change.clone()))
    }
}

/// The exchange whose answer is changed.
struct ThisExchange<'s> {
    shared: &'s Shared,
    record: &'s Arc<Record>,
}

impl Changing for ThisExchange<'_> {
    fn earlier(&self, line: &RequestLine) -> Option<Answer> {
        let exchanges = self.shared.state().exchanges.clone();
        let before = exchanges.iter().take_while(|other| !Arc::ptr_eq(other, self.record));
        before.filter(|other| other.line() == *line).filter_map(|other| other.answer()).last()
    }

    fn applies(&self) {
        self.shared.state().has_applied = true;
    }
}

#[cfg(test)]
mod tests {
    use http::Method;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use url::Url;

    use super::super::derive::mutations;
    use super::*;
    use uptake_wire::{Client, Exchange, Proxies, Request, Settings};

    /// A server that counts its requests in a header.
    async fn counting() -> Url {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let url = Url::parse(&format!("http://{}", listener.local_addr().expect("bound"))).expect("a URL");
        tokio::spawn(async move {
            for count in 1.. {
                let Ok((mut stream, _)) = listener.accept().await else { return };
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    stream.read_buf(&mut head).await.expect("a request");
                }
                let answer = format!(
                    "HTTP/1.1 103 Wait\r\n\r\nHTTP/1.1 200 OK\r\nCount: {count}\r\nContent-Length: 2\r\n\r\nok"
                );
                stream.write_all(answer.as_bytes()).await.expect("it is read");
            }
        });
        url
    }

    async fn started() -> (Interceptor, Client) {
        let interceptor =
            Interceptor::start(Dialer::new(Settings::default()).expect("a dialer")).await.expect("a port");
        let proxies = Proxies::intercepted_by(interceptor.address());
        let client = Client::new(Settings { proxies, ..Settings::default() }).expect("a client");
        (interceptor, client)
    }

    fn count(exchange: &Exchange) -> String {
        let answer = exchange.outcome.as_ref().expect("a response");
        let (_, value) =
            answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("count")).expect("a count");
        value.clone()
    }

    #[tokio::test]
    async fn one_answer_is_changed_and_the_others_are_passed_on() {
        let (url, (interceptor, client)) = (counting().await, started().await);
        let get = || Request::new(Method::GET, url.clone());
        for wanted in ["1", "2"] {
            assert_eq!(count(&client.send(&get()).await), wanted);
        }
        let recorded = interceptor.recorded();
        assert_eq!(recorded.len(), 2);
        let found = mutations(&recorded, &[]);
        let named = |slug: &str| {
            found.iter().find(|mutation| mutation.at == 1 && mutation.change.slug() == slug).cloned()
        };
        interceptor.arm(named("count+1"));
        assert_eq!([count(&client.send(&get()).await), count(&client.send(&get()).await)], ["3", "5"]);
        assert!(interceptor.has_applied());
        interceptor.arm(named("repeated"));
        assert_eq!([count(&client.send(&get()).await), count(&client.send(&get()).await)], ["5", "5"]);
        interceptor.arm(named("no-interim"));
        let interim = [client.send(&get()).await.interim.len(), client.send(&get()).await.interim.len()];
        assert_eq!(interim, [1, 0]);
    }

    #[tokio::test]
    async fn a_server_that_does_not_answer_is_not_answered_for() {
        let (interceptor, client) = started().await;
        let closed = Url::parse("http://127.0.0.1:1").expect("a URL");
        assert!(client.send(&Request::new(Method::GET, closed)).await.outcome.is_err());
        assert_eq!(interceptor.recorded().len(), 1);
        assert!(interceptor.recorded()[0].answer.is_none());
    }

    #[tokio::test]
    async fn a_request_can_be_kept_from_the_server() {
        let (url, (interceptor, client)) = (counting().await, started().await);
        let post = || Request::new(Method::POST, url.clone());
        client.send(&post()).await;
        let unsent = mutations(&interceptor.recorded(), &[]);
        let unsent = unsent.into_iter().find(|mutation| mutation.change.slug() == "request-unsent");
        interceptor.arm(unsent);
        assert_eq!(count(&client.send(&post()).await), "1");
        assert_eq!(count(&client.send(&post()).await), "2", "the server did not see the one before");
    }
}
