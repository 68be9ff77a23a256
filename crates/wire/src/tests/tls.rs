//! Secured connections. The certificates are made for these tests alone: an authority, and a server called `localhost`.

use std::path::{Path, PathBuf};
use std::process::Command;
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
    ask_server([include_bytes!("localhost.pem"), include_bytes!("localhost.key.pem")], tls, host).await
}

/// Asks a server that has this certificate and key.
async fn ask_server(pem: [&[u8]; 2], tls: TlsSettings, host: &str) -> Result<Answer, Fault> {
    let chain = vec![CertificateDer::from_pem_slice(pem[0]).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(pem[1]).unwrap();
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

/// A certificate and its key as `openssl req -x509` makes them: self-signed, with CA:TRUE.
fn self_signed(folder: &Path, days: &str) -> (PathBuf, PathBuf) {
    let (certificate, key) = (folder.join("server.pem"), folder.join("server.key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", days])
        .args(["-addext", "subjectAltName=DNS:localhost", "-out"])
        .arg(&certificate)
        .arg("-keyout")
        .arg(&key)
        .output()
        .expect("openssl is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (certificate, key)
}

#[tokio::test]
async fn a_self_signed_certificate_is_trusted_where_it_is_named_and_for_its_names_only() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = self_signed(folder.path(), "1");
    let (pem, key) = (std::fs::read(&certificate).unwrap(), std::fs::read(key).unwrap());
    let tls = TlsSettings { ca: Some(certificate), verify: Verify::Yes };
    assert_eq!(ask_server([&pem, &key], tls.clone(), "localhost").await.unwrap().status, 200);
    let other_name = ask_server([&pem, &key], tls, "127.0.0.1").await.unwrap_err().to_string();
    assert!(other_name.contains("is not valid for `127.0.0.1`: its subjectAltName"), "{other_name}");
    // One that is not named is refused, though another is.
    let others = TlsSettings { ca: Some(authority()), verify: Verify::Yes };
    for tls in [TlsSettings::default(), others] {
        let fault = ask_server([&pem, &key], tls, "localhost").await.unwrap_err();
        assert!(matches!(fault, Fault::Tls { .. }), "{fault:?}");
        assert!(fault.to_string().contains("(`tls: { ca: FILE }`), or pass --insecure"), "{fault}");
    }
}

#[tokio::test]
async fn a_named_certificate_that_has_expired_is_refused() {
    let mut parameters = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let key = rcgen::KeyPair::generate().unwrap();
    let pem = parameters.self_signed(&key).unwrap().pem();
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("server.pem");
    std::fs::write(&ca, &pem).unwrap();
    let tls = TlsSettings { ca: Some(ca), verify: Verify::Yes };
    let said =
        ask_server([pem.as_bytes(), key.serialize_pem().as_bytes()], tls, "localhost").await.unwrap_err();
    assert!(said.to_string().contains("certificate has expired"), "{said}");
}

#[tokio::test]
async fn https_to_a_plain_port_is_named_as_such() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("https://{}/", listener.local_addr().unwrap())).unwrap();
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_u8().await.unwrap();
        stream.write_all(OK.as_bytes()).await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    let client = Client::new(Settings::default()).unwrap();
    let fault = client.send(&Request::new(Method::GET, url)).await.outcome.unwrap_err();
    served.await.unwrap();
    assert!(fault.to_string().contains("does not speak TLS on this port: try http://"), "{fault}");
}

#[test]
fn a_file_without_certificates_is_refused_at_once() {
    for file in ["src/tests/tls.rs", "src/tests/missing.pem"] {
        let ca = Some(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file));
        let settings = Settings { tls: TlsSettings { ca, verify: Verify::Yes }, ..Settings::default() };
        assert!(matches!(Client::new(settings), Err(WireError::CertificateAuthority { .. })), "{file}");
    }
}
