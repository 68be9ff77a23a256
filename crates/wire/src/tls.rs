//! TLS: one configuration for all connections of a client.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::WireError;

/// Whom to trust.
#[derive(Debug, Clone, Default)]
pub struct TlsSettings {
    /// A PEM file with certificate authorities that are trusted beside the well-known ones.
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
        Verify::Yes => builder.with_root_certificates(roots(ca)?).with_no_client_auth(),
        Verify::No => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(TrustAll(provider)))
            .with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn roots(ca: Option<PathBuf>) -> Result<RootCertStore, WireError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let Some(path) = ca else { return Ok(roots) };
    let refuse = |reason: String| WireError::CertificateAuthority { path: path.clone(), reason };
    let mut count = 0;
    for certificate in CertificateDer::pem_file_iter(&path).map_err(|error| refuse(error.to_string()))? {
        let certificate = certificate.map_err(|error| refuse(error.to_string()))?;
        roots.add(certificate).map_err(|error| refuse(error.to_string()))?;
        count += 1;
    }
    if count == 0 {
        return Err(refuse("it holds no certificate".to_owned()));
    }
    Ok(roots)
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
