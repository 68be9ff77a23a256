//! Secured connections. The certificates are made for these tests alone: an authority, and a server called `localhost`.

use std::path::PathBuf;
use std::sync::Arc;

use http::Method;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use url::Url;

use super::OK;
use crate::{Answer, Client, Fault, Request, Settings, TlsSettings, Verify, WireError};

fn authority() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/tests/authority.pem")
}

async fn ask(tls: TlsSettings, host: &str) -> Result<Answer, Fault> {
    let chain = vec![CertificateDer::from_pem_slice(include_bytes!("localhost.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("localhost.key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(chain, key).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("https://{host}:{}/", listener.local_addr().unwrap().port())).unwrap();
    let served = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await else { return };
        stream.read_u8().await.unwrap();
        stream.write_all(OK.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    let client = Client::new(Settings { tls, ..Settings::default() }).unwrap();
    let outcome = client.send(&Request::new(Method::GET, url)).await.outcome;
    served.await.unwrap();
    outcome
}

#[tokio::test]
async fn a_server_is_trusted_by_the_own_authority() {
    let tls = TlsSettings { ca: Some(authority()), verify: Verify::Yes };
    assert_eq!(ask(tls.clone(), "localhost").await.unwrap().status, 200);
    assert_eq!(ask(tls, "127.0.0.1").await.unwrap().status, 200);
}

#[tokio::test]
async fn a_stranger_is_refused_unless_nothing_is_verified() {
    let fault = ask(TlsSettings::default(), "localhost").await.unwrap_err();
    assert!(matches!(fault, Fault::Tls { .. }), "{fault}");
    let tls = TlsSettings { ca: None, verify: Verify::No };
    assert_eq!(ask(tls, "localhost").await.unwrap().status, 200);
}

#[test]
fn a_file_without_certificates_is_refused_at_once() {
    for file in ["src/tests/tls.rs", "src/tests/missing.pem"] {
        let ca = Some(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file));
        let settings = Settings { tls: TlsSettings { ca, verify: Verify::Yes }, ..Settings::default() };
        assert!(matches!(Client::new(settings), Err(WireError::CertificateAuthority { .. })), "{file}");
    }
}
