//! The parts of a request that a signature covers, in the one form that both sides sign.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use ring::digest;

use super::error::SignError;
use crate::exchange::find;
use crate::message::host;
use crate::{Body, Request};

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How much of a body is read at a time.
const STRIDE: usize = 64 << 10;

/// The SHA-256 of a body.
pub(super) fn sha256_of(body: &Body) -> Result<Vec<u8>, SignError> {
    let mut sum = digest::Context::new(&digest::SHA256);
    let mut reader = body.reader();
    let mut left = body.len();
    let mut buffer = vec![0; STRIDE];
    while left > 0 {
        let now = usize::try_from(left).unwrap_or(STRIDE).min(STRIDE);
        reader.fill(&mut buffer[..now]).map_err(|error| SignError::Body(error.to_string()))?;
        sum.update(&buffer[..now]);
        left -= now as u64;
    }
    Ok(sum.finish().as_ref().to_vec())
}

/// The headers that a signature covers, in lower case and in order; values of one name are joined.
pub(super) fn covered(request: &Request, is_meant: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    if find(&request.headers, "host").is_none() {
        headers.push(("host".to_owned(), host(&request.url)));
    }
    for (name, value) in &request.headers {
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = name.to_ascii_lowercase();
        match headers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => *values = format!("{values},{value}"),
            None => headers.push((name, value)),
        }
    }
    headers.retain(|(name, _)| is_meant(name));
    headers.sort();
    headers
}

/// The names of these headers, as a signature lists them.
pub(super) fn names(headers: &[(String, String)]) -> String {
    headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";")
}

/// The path, percent-encoded once.
pub(super) fn path(path: &str) -> String {
    path.split('/').map(encoded).collect::<Vec<_>>().join("/")
}

/// The query, in the order of its names; the signature itself is none of it.
pub(super) fn query(query: &str) -> String {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut pairs: Vec<_> = pairs.map(|(name, value)| (encoded(name), encoded(value))).collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// A text that is percent-encoded in part or not at all, encoded as signatures want it.
fn encoded(text: &str) -> String {
    utf8_percent_encode(&percent_decode_str(text).decode_utf8_lossy(), UNRESERVED).to_string()
}

/// Adds a parameter to the URL.
pub(super) fn append(request: &mut Request, name: &str, value: &str) {
    let pair = format!("{name}={}", utf8_percent_encode(value, UNRESERVED));
    let query = request.url.query().filter(|query| !query.is_empty());
    let query = query.map_or_else(|| pair.clone(), |query| format!("{query}&{pair}"));
    request.url.set_query(Some(&query));
}
