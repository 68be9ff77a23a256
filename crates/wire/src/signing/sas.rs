//! Shared access signatures of Azure Blob Storage, made with the key of an account: a signature of what a URL allows, not of the
//! request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use url::Url;

use super::canonical::append;
use super::error::{KeyFault, SignError};
use super::key::keyed;
use crate::Request;

/// The version of the service whose text is signed.
const VERSION: &str = "2020-12-06";

/// What a URL allows.
#[derive(Debug, Clone)]
pub struct Sas {
    /// The account.
    pub account: String,
    /// Its key, in base64.
    pub key: String,
    /// What is allowed, by letters: `rcw`.
    pub permissions: String,
    /// What it is allowed with.
    pub resource: SasResource,
    /// The time from which it is allowed, as `2013-05-24T00:00:00Z`; without it, at once.
    pub start: Option<String>,
    /// The time at which it ends.
    pub expiry: String,
}

/// What a signature is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SasResource {
    /// The blob of the URL.
    Blob,
    /// All blobs of the container in the URL.
    Container,
}

impl Sas {
    /// Finds what is wrong with an account's key.
    pub fn check_key(key: &str) -> Result<(), KeyFault> {
        decoded(key).map(|_| ())
    }

    /// Adds what is allowed and its signature to the URL, and gives the signature.
    pub fn sign(&self, request: &mut Request) -> Result<String, SignError> {
        let key = decoded(&self.key).map_err(SignError::Key)?;
        let resource = self.canonical(&request.url)?;
        let kind = match self.resource {
            SasResource::Blob => "b",
            SasResource::Container => "c",
        };
        let start = self.start.as_deref().unwrap_or_default();
        // The empty lines: a stored policy, addresses, the protocol, and after the resource's kind a snapshot, an encryption
        // scope and five headers of the response.
        let text = format!(
            "{}\n{start}\n{}\n{resource}\n\n\n\n{VERSION}\n{kind}\n\n\n\n\n\n\n",
            self.permissions, self.expiry
        );
        let signature = STANDARD.encode(keyed(&key, &text));
        append(request, "sv", VERSION);
        if !start.is_empty() {
            append(request, "st", start);
        }
        for (name, value) in
            [("se", self.expiry.as_str()), ("sr", kind), ("sp", &self.permissions), ("sig", &signature)]
        {
            append(request, name, value);
        }
        Ok(signature)
    }

    /// The resource as the text that is signed names it: without the host, which names the account, or with the account as the
    /// path's first segment, as emulators have it.
    fn canonical(&self, url: &Url) -> Result<String, SignError> {
        let path = percent_decode_str(url.path()).decode_utf8_lossy().into_owned();
        let is_in_host = url.host_str().is_some_and(|host| {
            host.strip_prefix(self.account.as_str()).is_some_and(|rest| rest.starts_with('.'))
        });
        let first = format!("/{}/", self.account);
        let below = if is_in_host { path.strip_prefix('/') } else { path.strip_prefix(first.as_str()) };
        let below = below.ok_or_else(|| {
            SignError::Url(format!(
                "neither the host nor the path of {} begins with the account `{}`",
                url.path(),
                self.account
            ))
        })?;
        let (container, blob) = below.split_once('/').unwrap_or((below, ""));
        match self.resource {
            SasResource::Container => Ok(format!("/blob/{}/{container}", self.account)),
            SasResource::Blob if blob.is_empty() => Err(SignError::Url(format!(
                "{} names no blob, which this signature is for: write `resource: container` to sign for all of its blobs",
                url.path()
            ))),
            SasResource::Blob => Ok(format!("/blob/{}/{container}/{blob}", self.account)),
        }
    }
}

fn decoded(key: &str) -> Result<Vec<u8>, KeyFault> {
    if key.is_empty() {
        return Err(KeyFault::Empty);
    }
    STANDARD.decode(key).map_err(|_| KeyFault::NotBase64)
}
