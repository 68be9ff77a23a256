//! Signs requests, as a credential of the suite says. Each request is signed when it is written.

use http::Method;
use serde_json::Value;
use url::Url;

use super::parts::Unrenderable;
use super::values::{Extended, Values};
use uptake_suite::Signature;
use uptake_wire::{Body, Request};

/// How a request is signed.
#[derive(Debug, Clone)]
pub(super) struct Signing {
    pub(super) signature: Signature,
    /// The value of the credential.
    pub(super) value: Value,
    pub(super) base: Url,
}

/// What a signature says of a request's body.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Payload<'b> {
    /// Its digest.
    Bytes(&'b [u8]),
    /// Nothing: the digest of a segment is not computed while load is sent.
    Unsigned,
}

/// A request's URL and header fields, before it is signed or after.
pub(super) struct Signed {
    pub(super) url: Url,
    pub(super) headers: Vec<(String, String)>,
}

impl Signing {
    pub(super) fn sign(
        &self,
        (method, unsigned): (&Method, Signed),
        values: &Values<'_>,
        body: Payload<'_>,
    ) -> Result<Signed, Unrenderable> {
        let mut request = Request::new(method.clone(), unsigned.url);
        request.headers = unsigned.headers;
        match body {
            Payload::Bytes(bytes) => request.body = Body::from(bytes::Bytes::copy_from_slice(bytes)),
            Payload::Unsigned => {
                if let Some((header, value)) = self.signature.unsigned_body()
                    && !request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(header))
                {
                    request.headers.push((header.to_owned(), value.to_owned()));
                }
            }
        }
        let scope = Extended { values, name: "value", value: self.value.clone() };
        self.signature.sign(&mut request, &scope).map_err(|_| Unrenderable::Missing)?;
        Ok(Signed { url: request.url, headers: request.headers })
    }
}
