//! TLS: one configuration for all connections of a client.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::WireError;
use super::trust::TrustNamed;

/// Whom to trust.
#[derive(Debug, Clone, Default)]
pub struct TlsSettings {
    /// A PEM file with certificates that are trusted beside the well-known authorities.
    pub ca: Option<PathBuf>,
    /// Whether the server's certificate is verified.
    pub verify: Verify,
}

/// Whether a server's certificate is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verify {
    /// It is.
    #[default]
    Yes,
    /// It is not: anybody may be at the other end.
    No,
}

/// The configuration for HTTP/1.1 over TLS, for this room's connections and for the calls of others to the same target.
pub fn configure(settings: TlsSettings) -> Result<ClientConfig, WireError> {
    let provider = Arc::new(ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let TlsSettings { ca, verify } = settings;
    let mut config = match verify {
        Verify::Yes => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(trusted(ca, provider)?))
            .with_no_client_auth(),
        Verify::No => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(TrustAll(provider)))
            .with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn trusted(ca: Option<PathBuf>, provider: Arc<CryptoProvider>) -> Result<TrustNamed, WireError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let mut named = Vec::new();
    if let Some(path) = ca {
        let refuse = |reason: String| WireError::CertificateAuthority { path: path.clone(), reason };
        let text = std::fs::read(&path).map_err(|error| refuse(error.to_string()))?;
        for certificate in CertificateDer::pem_slice_iter(&text) {
            let certificate = certificate
                .map_err(|_| refuse("it is damaged: what it holds is not PEM throughout".to_owned()))?;
            roots.add(certificate.clone()).map_err(|_| {
                refuse(format!(
                    "its certificate {} is not an X.509 certificate of version 3",
                    named.len() + 1
                ))
            })?;
            named.push(certificate);
        }
        if named.is_empty() {
            return Err(refuse("it holds no certificate in PEM form".to_owned()));
        }
    }
    let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .expect("there are trusted authorities, and no revocation list to be read");
    Ok(TrustNamed { inner, named })
}

/// Trusts whoever answers. It is used only where the target profile asks for it in so many words.
#[derive(Debug)]
struct TrustAll(Arc<CryptoProvider>);

impl ServerCertVerifier for TrustAll {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
