//! What can be wrong with the wire's settings.

use std::path::PathBuf;

/// A client that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The file with the own certificate authority cannot be used.
    #[error("cannot use the certificate authority in {}: {reason}", path.display())]
    CertificateAuthority {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// TLS cannot be set up.
    #[error("internal error: TLS cannot be set up")]
    Tls(#[from] rustls::Error),
}
