//! The certificate that a server shows: made at the start and signed by itself, or read from files. It knows nothing of
//! what travels on a secured connection.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use crate::config::Tls;
use crate::error::ReferenceError;

/// What callers on this machine call it.
const LOCAL_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// HTTP/2 is preferred, as browsers do.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// What a server shows of itself.
pub(crate) struct ServerCertificate {
    pub(crate) acceptor: TlsAcceptor,
    /// Its certificates as PEM, for callers that are to trust them.
    pub(crate) certificates: String,
}

impl ServerCertificate {
    /// Makes or reads it; a certificate that is made holds for this machine's own names and for `address`.
    pub(crate) fn of(tls: &Tls, address: IpAddr) -> Result<Self, ReferenceError> {
        match tls {
            Tls::SelfSigned => Self::self_signed(address),
            Tls::Files { certificate, key } => Self::read(certificate, key),
        }
    }

    fn self_signed(address: IpAddr) -> Result<Self, ReferenceError> {
        let failed = |error: rcgen::Error| ReferenceError::SelfSigned(error.to_string());
        let mut names = LOCAL_NAMES.map(str::to_owned).to_vec();
        let address = address.to_string();
        if !names.contains(&address) {
            names.push(address);
        }
        let mut params = CertificateParams::new(names).map_err(failed)?;
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "uptake reference server");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = params.self_signed(&key).map_err(failed)?;
        let secret = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        let acceptor = acceptor(vec![certificate.der().clone()], secret)
            .map_err(|error| ReferenceError::SelfSigned(error.to_string()))?;
        Ok(Self { acceptor, certificates: certificate.pem() })
    }

    fn read(certificate: &Path, key: &Path) -> Result<Self, ReferenceError> {
        let refuse = |file: &Path, why: String| ReferenceError::Certificate { file: file.to_owned(), why };
        let text = std::fs::read(certificate).map_err(|error| refuse(certificate, error.to_string()))?;
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&text)
            .collect::<Result<_, _>>()
            .map_err(|error| refuse(certificate, error.to_string()))?;
        if chain.is_empty() {
            return Err(refuse(certificate, "it contains no certificate (PEM)".to_owned()));
        }
        let secret = std::fs::read(key).map_err(|error| refuse(key, error.to_string()))?;
        let secret = PrivateKeyDer::from_pem_slice(&secret)
            .map_err(|_| refuse(key, "it contains no private key (PEM, not encrypted)".to_owned()))?;
        let acceptor = acceptor(chain, secret).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                refuse(key, format!("it is not the key of the certificate in {}", certificate.display()))
            }
            other => refuse(certificate, other.to_string()),
        })?;
        Ok(Self { acceptor, certificates: String::from_utf8_lossy(&text).into_owned() })
    }
}

fn acceptor(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<TlsAcceptor, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(TlsAcceptor::from(Arc::new(config)))
}
