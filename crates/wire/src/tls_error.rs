//! Why a TLS handshake failed, in words that say what to do.

use std::io;

use rustls::{CertificateError, Error};

/// What the system says, without the number of the error.
pub(super) fn reason(error: &io::Error) -> String {
    let said = error.to_string();
    match error.raw_os_error() {
        Some(number) => said.replace(&format!(" (os error {number})"), ""),
        None => said,
    }
}

/// How to trust the server's authority, for those who set it by flag or profile.
const TRUST: &str =
    "name its authority with --ca FILE or in the profile (`tls: { ca: FILE }`), or pass --insecure";

/// Why a handshake with `host` failed.
pub fn explain(error: &io::Error, host: &str) -> String {
    explain_with(error, host, TRUST)
}

/// Why a handshake with `host` failed, if one is among the causes of an error of another library. `trust` says how to trust the
/// server's authority.
pub fn explain_cause(error: &(dyn std::error::Error + 'static), host: &str, trust: &str) -> Option<String> {
    std::iter::successors(Some(error), |error| error.source())
        .find_map(|error| handshake(error.downcast_ref::<io::Error>()?))
        .map(|error| explain_with(error, host, trust))
}

/// The error of a handshake inside an error of input and output, however often it was wrapped.
fn handshake(error: &io::Error) -> Option<&io::Error> {
    let inner = error.get_ref()?;
    if inner.is::<Error>() { Some(error) } else { handshake(inner.downcast_ref::<io::Error>()?) }
}

fn explain_with(error: &io::Error, host: &str, trust: &str) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let Some(inner) = inner else {
        return match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
                "the server closed the connection during the handshake: it may not speak TLS on this port"
                    .to_owned()
            }
            _ => format!("the handshake failed: {}", reason(error)),
        };
    };
    match inner {
        Error::InvalidCertificate(error) => certificate(error, host, trust),
        Error::InvalidMessage(_) | Error::InappropriateMessage { .. } => {
            "the server does not speak TLS on this port: try http:// instead of https://".to_owned()
        }
        Error::AlertReceived(alert) => format!("the server refused the handshake (TLS alert {alert:?})"),
        Error::PeerIncompatible(_) => {
            "the server supports no TLS version or cipher that uptake does".to_owned()
        }
        Error::NoApplicationProtocol => "the server does not offer HTTP/2 on this port".to_owned(),
        _ => "the server does not keep to the TLS protocol".to_owned(),
    }
}

fn certificate(error: &CertificateError, host: &str, trust: &str) -> String {
    match error {
        CertificateError::UnknownIssuer => {
            format!("the server's certificate is not signed by a trusted authority: {trust}")
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the server's certificate has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!(
                "the server's certificate is not valid for `{host}`: its subjectAltName has to name it \
                 (`openssl req -x509 -addext subjectAltName=DNS:NAME` or `IP:ADDRESS`)"
            )
        }
        error if is_authority_as_server(error) => {
            format!("the server's certificate is one of an authority (CA:TRUE) that is not trusted: {trust}")
        }
        _ => "the server's certificate is not valid".to_owned(),
    }
}

/// Whether a certificate was refused only because a server shows a certificate with CA:TRUE.
pub(super) fn is_authority_as_server(error: &CertificateError) -> bool {
    // The verifier keeps it as an opaque error, whose name is all there is.
    matches!(error, CertificateError::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handshake_is_found_however_often_its_error_was_wrapped() {
        let failed = io::Error::other(Error::InvalidCertificate(CertificateError::UnknownIssuer));
        let wrapped = io::Error::other(io::Error::other(failed));
        let reason = explain_cause(&wrapped, "host", "trust it");
        let wanted = "the server's certificate is not signed by a trusted authority: trust it";
        assert_eq!(reason.as_deref(), Some(wanted));
        assert_eq!(explain_cause(&io::Error::other("another error"), "host", "trust it"), None);
    }
}
