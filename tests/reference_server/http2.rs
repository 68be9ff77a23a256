//! A caller that speaks HTTP/2, over a plain connection or a secured one.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use uptake_reference::Server;

/// One connection of HTTP/2.
#[derive(Clone)]
pub(crate) struct Caller {
    origin: String,
    sender: SendRequest<Full<Bytes>>,
}

impl Caller {
    /// Connects; by HTTP/2 from the first byte where the server is not secured.
    pub(crate) async fn connect(server: &Server) -> Self {
        let stream = TcpStream::connect(address(server)).await.unwrap();
        let sender = match server.certificates() {
            None => begin(stream).await,
            Some(certificates) => begin(secure(certificates, &[b"h2"], stream).await).await,
        };
        Self { origin: server.origin(), sender }
    }

    /// Sends a call, and gives the answer's status and body.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> (u16, Value) {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.origin));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::from(body)).unwrap();
        let answer = self.sender.clone().send_request(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }
}

/// Where a server is, without a scheme.
pub(crate) fn address(server: &Server) -> String {
    server.origin().split_once("://").unwrap().1.to_owned()
}

/// Who trusts these certificates alone.
pub(crate) fn trusting(certificates: &str) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(certificates.as_bytes()) {
        roots.add(certificate.unwrap()).unwrap();
    }
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// Secures a connection, with the protocols that the caller offers.
pub(crate) async fn secure(certificates: &str, offers: &[&[u8]], stream: TcpStream) -> TlsStream<TcpStream> {
    let mut config = trusting(certificates);
    config.alpn_protocols = offers.iter().map(|offer| offer.to_vec()).collect();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
}

async fn begin<S>(stream: S) -> SendRequest<Full<Bytes>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}
