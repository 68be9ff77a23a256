//! Keys that sign: a text shared with the server, or a private key in PEM.

use std::fmt;

use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use ring::{digest, hmac};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;

use super::error::KeyFault;

/// A key that signs.
pub enum SigningKey {
    /// A text that the server knows too.
    Shared(String),
    /// An RSA key, whose public half the server knows.
    Rsa(Box<RsaKeyPair>),
}

impl SigningKey {
    /// A text that the server knows too.
    pub fn shared(text: &str) -> Result<Self, KeyFault> {
        if text.is_empty() { Err(KeyFault::Empty) } else { Ok(Self::Shared(text.to_owned())) }
    }

    /// An RSA key in PEM, as PKCS #8 or PKCS #1.
    pub fn pem(text: &str) -> Result<Self, KeyFault> {
        if text.is_empty() {
            return Err(KeyFault::Empty);
        }
        if text.trim_start().starts_with('{') {
            return Err(KeyFault::Json);
        }
        let pair = match PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| KeyFault::NotPem)? {
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            _ => return Err(KeyFault::NotRsa),
        };
        pair.map(|pair| Self::Rsa(Box::new(pair))).map_err(|_| KeyFault::NotRsa)
    }
}

/// HMAC with SHA-256.
pub(super) fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

/// An RSA signature (PKCS #1 v1.5) of the SHA-256 of a text: the same for the same text.
pub(super) fn rsa(pair: &RsaKeyPair, text: &str) -> Result<Vec<u8>, KeyFault> {
    let mut signature = vec![0; pair.public().modulus_len()];
    // The randomness blinds the computation; the signature has none of it.
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
        .map_err(|_| KeyFault::NotRsa)?;
    Ok(signature)
}

pub(super) fn sha256(text: &str) -> digest::Digest {
    digest::digest(&digest::SHA256, text.as_bytes())
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shared(_) => "Shared",
            Self::Rsa(_) => "Rsa",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_key_is_said() {
        let elliptic = rcgen::KeyPair::generate().unwrap().serialize_pem();
        for (text, fault) in [
            ("", KeyFault::Empty),
            ("{ \"private_key\": \"-----BEGIN\" }", KeyFault::Json),
            ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC", KeyFault::NotPem),
            ("-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----", KeyFault::NotPem),
            ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", KeyFault::NotRsa),
            ("-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----", KeyFault::NotPem),
            (&elliptic, KeyFault::NotRsa),
        ] {
            assert_eq!(SigningKey::pem(text).unwrap_err(), fault, "{text}");
        }
        assert_eq!(SigningKey::shared("").unwrap_err(), KeyFault::Empty);
    }

    #[test]
    fn a_key_is_not_shown() {
        assert_eq!(format!("{:?}", SigningKey::shared("secret").unwrap()), "Shared");
    }
}
