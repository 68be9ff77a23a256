//! The client against tiny servers on loopback, each of which speaks byte by byte and tells what it saw.

mod answers;
mod deliveries;
mod http2;
mod plain;
mod raw;
mod tls;

use std::future::Future;
use std::time::Duration;

use http::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

use super::{Answer, Client, Request, Settings};
use uptake_payload::{Content, Seed, Slice};

/// The server's end of one connection.
struct Peer(TcpStream);

/// A server that takes one connection and does what the script says; the handle yields what the script saw.
async fn serve<S, F, T>(script: S) -> (Url, JoinHandle<T>)
where
    S: FnOnce(Peer) -> F + Send + 'static,
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback is there");
    let address = listener.local_addr().expect("it is bound");
    let url = Url::parse(&format!("http://{address}/upload?token=abc#no")).expect("a URL");
    let served = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("somebody connects");
        script(Peer(stream)).await
    });
    (url, served)
}

impl Peer {
    /// The request's head, with the empty line that ends it.
    async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.expect("the head goes on"));
        }
        String::from_utf8(head).expect("a head is text")
    }

    async fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.0.read_exact(&mut bytes).await.expect("the bytes come");
        bytes
    }

    /// Everything up to the end of the other's side.
    async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).await.expect("the other side ends in order");
        rest
    }

    async fn say(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.expect("the other side listens");
    }

    /// Ends our side in order, and waits for the other to end too: a reset would take back what was said.
    async fn leave(mut self) {
        self.0.shutdown().await.expect("the connection is open");
        let _ = self.0.read_to_end(&mut Vec::new()).await;
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn client() -> Client {
    Client::new(Settings::default()).expect("the default settings are fine")
}

/// A client that does not wait long.
fn hasty() -> Client {
    let settings = Settings { answer_timeout: Duration::from_millis(60), ..Settings::default() };
    Client::new(settings).expect("the settings are fine")
}

fn post(url: &Url, body: impl Into<super::Body>) -> Request {
    let mut request = Request::new(Method::POST, url.clone());
    request.body = body.into();
    request
}

fn seeded(len: u64) -> Slice {
    Content::seeded(Seed(7), len).whole()
}

fn bytes_of(slice: &Slice) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(slice.len()).expect("small")];
    slice.read_at(0, &mut bytes).expect("seeded content is there");
    bytes
}

fn body_text(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.body).expect("text")
}
