//! AWS Signature Version 4, in a request's headers or in its URL.
//!
//! A signer covers the method, the path, the query, `Host`, the headers that the request names, and the body's SHA-256; a URL
//! covers no body, and only those headers whose names begin with `x-amz-`. It reads no clock and no environment.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use ring::{digest, hmac};

use super::exchange::find;
use super::message::host;
use super::{Body, Fault, Request};
use uptake_payload::hex;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Headers that proxies and this client change or add, and which no signature covers.
const UNCOVERED: [&str; 6] =
    ["authorization", "connection", "content-length", "expect", "transfer-encoding", "user-agent"];

/// How much of a body is read at a time.
const STRIDE: usize = 64 << 10;

/// Who signs, for what, and when.
#[derive(Debug, Clone)]
pub struct SigV4 {
    /// The id of the key.
    pub access_key: String,
    /// The key itself.
    pub secret_key: String,
    /// The session's token, for keys that last for a session.
    pub token: Option<String>,
    /// The region that the key is for.
    pub region: String,
    /// The service that the key is for.
    pub service: String,
    /// The time, as `20130524T000000Z`.
    pub at: String,
}

impl SigV4 {
    /// Signs a request in its Authorization header, and gives the signature. A request that names `x-amz-content-sha256` itself
    /// is signed with that.
    pub fn sign(&self, request: &mut Request) -> Result<String, Fault> {
        let named = find(&request.headers, "x-amz-content-sha256").map(str::to_owned);
        let payload = if let Some(payload) = named {
            payload
        } else {
            let payload = hex(&sha256(&request.body)?);
            request.headers.push(("x-amz-content-sha256".to_owned(), payload.clone()));
            payload
        };
        request.headers.push(("x-amz-date".to_owned(), self.at.clone()));
        if let Some(token) = &self.token {
            request.headers.push(("x-amz-security-token".to_owned(), token.clone()));
        }
        let headers = covered(request, |name| !UNCOVERED.contains(&name));
        let signature = self.signature(request, &headers, &payload);
        let (scope, names) = (self.scope(), names(&headers));
        let value = format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
            self.access_key
        );
        request.headers.push(("Authorization".to_owned(), value));
        Ok(signature)
    }

    /// Signs a request in its URL, which is valid for so many seconds, and gives the signature.
    pub fn presign(&self, request: &mut Request, seconds: i64) -> String {
        let headers = covered(request, |name| name == "host" || name.starts_with("x-amz-"));
        let credential = format!("{}/{}", self.access_key, self.scope());
        let mut parameters = vec![
            ("X-Amz-Algorithm", ALGORITHM.to_owned()),
            ("X-Amz-Credential", credential),
            ("X-Amz-Date", self.at.clone()),
            ("X-Amz-Expires", seconds.to_string()),
            ("X-Amz-SignedHeaders", names(&headers)),
        ];
        parameters.extend(self.token.clone().map(|token| ("X-Amz-Security-Token", token)));
        for (name, value) in parameters {
            append(request, name, &value);
        }
        let signature = self.signature(request, &headers, UNSIGNED);
        append(request, "X-Amz-Signature", &signature);
        signature
    }

    fn signature(&self, request: &Request, headers: &[(String, String)], payload: &str) -> String {
        let lines: Vec<_> = headers.iter().map(|(name, value)| format!("{name}:{value}")).collect();
        let canonical = format!(
            "{}\n{}\n{}\n{}\n\n{}\n{payload}",
            request.method,
            path(request.url.path()),
            query(request.url.query().unwrap_or_default()),
            lines.join("\n"),
            names(headers),
        );
        let hashed = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
        let text = format!("{ALGORITHM}\n{}\n{}\n{hashed}", self.at, self.scope());
        let start = format!("AWS4{}", self.secret_key).into_bytes();
        let parts = [self.day(), &self.region, &self.service, "aws4_request", &text];
        hex(&parts.iter().fold(start, |key, part| keyed(&key, part)))
    }

    fn scope(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.day(), self.region, self.service)
    }

    fn day(&self) -> &str {
        self.at.split('T').next().unwrap_or_default()
    }
}

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

fn sha256(body: &Body) -> Result<Vec<u8>, Fault> {
    let mut sum = digest::Context::new(&digest::SHA256);
    let mut reader = body.reader();
    let mut left = body.len();
    let mut buffer = vec![0; STRIDE];
    while left > 0 {
        let now = usize::try_from(left).unwrap_or(STRIDE).min(STRIDE);
        reader.fill(&mut buffer[..now]).map_err(|error| Fault::Harness(error.to_string()))?;
        sum.update(&buffer[..now]);
        left -= now as u64;
    }
    Ok(sum.finish().as_ref().to_vec())
}

/// The headers that a signature covers, in lower case and in order; values of one name are joined.
fn covered(request: &Request, is_meant: impl Fn(&str) -> bool) -> Vec<(String, String)> {
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

fn names(headers: &[(String, String)]) -> String {
    headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";")
}

/// The path, percent-encoded once.
fn path(path: &str) -> String {
    path.split('/').map(encoded).collect::<Vec<_>>().join("/")
}

/// The query, in the order of its names; the signature itself is none of it.
fn query(query: &str) -> String {
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

fn append(request: &mut Request, name: &str, value: &str) {
    let pair = format!("{name}={}", utf8_percent_encode(value, UNRESERVED));
    let query = request.url.query().filter(|query| !query.is_empty());
    let query = query.map_or_else(|| pair.clone(), |query| format!("{query}&{pair}"));
    request.url.set_query(Some(&query));
}

#[cfg(test)]
mod tests {
    use http::Method;
    use url::Url;

    use super::*;

    /// The examples of the S3 documentation, "Signature Calculations for the Authorization Header" and "Authenticating
    /// Requests: Using Query Parameters".
    fn example() -> SigV4 {
        SigV4 {
            access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            token: None,
            region: "us-east-1".to_owned(),
            service: "s3".to_owned(),
            at: "20130524T000000Z".to_owned(),
        }
    }

    fn request(method: Method, rest: &str, headers: &[(&str, &str)]) -> Request {
        let url = Url::parse(&format!("https://examplebucket.s3.amazonaws.com{rest}")).unwrap();
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Request { headers: headers.collect(), ..Request::new(method, url) }
    }

    #[test]
    fn signatures_are_those_of_the_published_examples() {
        let put = Request {
            body: "Welcome to Amazon S3.".to_owned().into(),
            ..request(
                Method::PUT,
                "/test$file.text",
                &[("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
            )
        };
        for (mut request, signature) in [
            (
                request(Method::GET, "/test.txt", &[("Range", "bytes=0-9")]),
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            ),
            (put, "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
            (
                request(Method::GET, "/?lifecycle", &[]),
                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
            ),
            (
                request(Method::GET, "/?max-keys=2&prefix=J", &[]),
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
            ),
        ] {
            assert_eq!(example().sign(&mut request).unwrap(), signature, "{}", request.url);
            let authorization = find(&request.headers, "authorization").unwrap();
            assert!(authorization.ends_with(signature), "{authorization}");
        }
    }

    #[test]
    fn a_presigned_url_is_that_of_the_published_example() {
        let mut request = request(Method::GET, "/test.txt", &[]);
        let signature = example().presign(&mut request, 86_400);
        assert_eq!(signature, "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
        assert_eq!(
            request.url.as_str(),
            format!(
                "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=\
                 AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&\
                 X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature={signature}"
            )
        );
        assert!(request.headers.is_empty(), "a URL works without headers");
    }

    #[test]
    fn a_session_s_token_is_signed_and_sent() {
        let signer = SigV4 { token: Some("a token".to_owned()), ..example() };
        let mut signed = request(Method::GET, "/a", &[]);
        signer.sign(&mut signed).unwrap();
        assert_eq!(find(&signed.headers, "x-amz-security-token"), Some("a token"));
        let mut presigned = request(Method::GET, "/a", &[]);
        signer.presign(&mut presigned, 60);
        assert!(presigned.url.query().unwrap().contains("X-Amz-Security-Token=a%20token"));
    }
}
