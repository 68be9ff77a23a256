//! Why a request cannot be signed.

use thiserror::Error;

/// Why a request cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SignError {
    /// The body that the signature covers cannot be read.
    #[error("cannot read the body to sign it: {0}")]
    Body(String),
    /// The key cannot sign.
    #[error("the signing key {0}")]
    Key(KeyFault),
    /// The URL is not one that this kind of signature is for.
    #[error("{0}")]
    Url(String),
}

/// What is wrong with a key, as the end of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyFault {
    /// It has no characters.
    #[error("is empty: set it in the target profile")]
    Empty,
    /// It is a service account's file, of which the key is a member.
    #[error("is JSON: store only the value of its member `private_key` in a file, with real line breaks")]
    Json,
    /// It is not PEM, or has no private key in it.
    #[error(
        "is not an unencrypted private key in PEM: give the whole text, from the line -----BEGIN PRIVATE KEY----- to the line \
         -----END PRIVATE KEY-----; the profile can read it from a file: `{{ file: key.pem }}`"
    )]
    NotPem,
    /// It is the key of another algorithm, or too short or too long.
    #[error("is not an RSA key of 2048 to 8192 bits, which is what this signature needs")]
    NotRsa,
    /// It is not base64.
    #[error(
        "is not base64: copy the account's key as it is shown, without quotes or a connection string around it"
    )]
    NotBase64,
}
