//! Signature Version 4 of AWS and of Google Cloud Storage, in a request's headers or in its URL.
//!
//! A signature covers the method, the path, the query, `Host`, the headers that the request names, and the body's SHA-256; in a
//! URL it covers no body, and only those headers whose names begin with the provider's prefix.

use super::canonical::{append, covered, names, path, query, sha256_of};
use super::error::SignError;
use super::key::{SigningKey, keyed, rsa, sha256};
use crate::Request;
use crate::exchange::find;
use uptake_payload::hex;

const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// Headers that proxies and this client change or add, and which no signature covers.
const UNCOVERED: [&str; 6] =
    ["authorization", "connection", "content-length", "expect", "transfer-encoding", "user-agent"];

/// Whose words a signature has: the computation is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// AWS, and services that are compatible with S3.
    Aws,
    /// Google Cloud Storage.
    Google,
}

/// Who signs, for what, and when.
#[derive(Debug)]
pub struct V4 {
    /// Whose words the signature has.
    pub dialect: Dialect,
    /// The id of the key.
    pub access_key: String,
    /// The key itself.
    pub key: SigningKey,
    /// The session's token, for keys that last for a session.
    pub token: Option<String>,
    /// The region that the key is for.
    pub region: String,
    /// The service that the key is for.
    pub service: String,
    /// The time, as `20130524T000000Z`.
    pub at: String,
}

impl Dialect {
    /// The header that names the body's digest, or that says that the signature does not cover the body.
    pub fn digest_header(self) -> &'static str {
        match self {
            Self::Aws => "x-amz-content-sha256",
            Self::Google => "x-goog-content-sha256",
        }
    }

    /// What the names of the provider's own headers begin with.
    fn prefix(self) -> &'static str {
        match self {
            Self::Aws => "x-amz-",
            Self::Google => "x-goog-",
        }
    }

    /// The same for parameters of a URL.
    fn query_prefix(self) -> &'static str {
        match self {
            Self::Aws => "X-Amz-",
            Self::Google => "X-Goog-",
        }
    }

    /// What the algorithm's name and the first key begin with.
    fn version(self) -> &'static str {
        match self {
            Self::Aws => "AWS4",
            Self::Google => "GOOG4",
        }
    }

    /// What the scope ends with.
    fn request(self) -> &'static str {
        match self {
            Self::Aws => "aws4_request",
            Self::Google => "goog4_request",
        }
    }
}

impl V4 {
    /// Signs a request in its Authorization header, and gives the signature. A request that names the digest of its body
    /// itself is signed with that.
    pub fn sign(&self, request: &mut Request) -> Result<String, SignError> {
        let digest_header = self.dialect.digest_header();
        let named = find(&request.headers, digest_header).map(str::to_owned);
        let payload = if let Some(payload) = named {
            payload
        } else {
            let payload = hex(&sha256_of(&request.body)?);
            request.headers.push((digest_header.to_owned(), payload.clone()));
            payload
        };
        let prefix = self.dialect.prefix();
        request.headers.push((format!("{prefix}date"), self.at.clone()));
        if let Some(token) = &self.token {
            request.headers.push((format!("{prefix}security-token"), token.clone()));
        }
        let headers = covered(request, |name| !UNCOVERED.contains(&name));
        let signature = self.signature(request, &headers, &payload)?;
        let (algorithm, scope, names) = (self.algorithm(), self.scope(), names(&headers));
        let value = format!(
            "{algorithm} Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
            self.access_key
        );
        request.headers.push(("Authorization".to_owned(), value));
        Ok(signature)
    }

    /// Signs a request in its URL, which is valid for so many seconds, and gives the signature.
    pub fn presign(&self, request: &mut Request, seconds: i64) -> Result<String, SignError> {
        let prefix = self.dialect.prefix();
        let headers = covered(request, |name| name == "host" || name.starts_with(prefix));
        let credential = format!("{}/{}", self.access_key, self.scope());
        let mut parameters = vec![
            ("Algorithm", self.algorithm()),
            ("Credential", credential),
            ("Date", self.at.clone()),
            ("Expires", seconds.to_string()),
            ("SignedHeaders", names(&headers)),
        ];
        parameters.extend(self.token.clone().map(|token| ("Security-Token", token)));
        let prefix = self.dialect.query_prefix();
        for (name, value) in parameters {
            append(request, &format!("{prefix}{name}"), &value);
        }
        // Google's URLs cover a digest that the request names; those of AWS never cover a body.
        let named = find(&request.headers, self.dialect.digest_header());
        let payload = named.filter(|_| self.dialect == Dialect::Google).unwrap_or(UNSIGNED).to_owned();
        let signature = self.signature(request, &headers, &payload)?;
        append(request, &format!("{prefix}Signature"), &signature);
        Ok(signature)
    }

    fn signature(
        &self,
        request: &Request,
        headers: &[(String, String)],
        payload: &str,
    ) -> Result<String, SignError> {
        let lines: Vec<_> = headers.iter().map(|(name, value)| format!("{name}:{value}")).collect();
        let canonical = format!(
            "{}\n{}\n{}\n{}\n\n{}\n{payload}",
            request.method,
            path(request.url.path()),
            query(request.url.query().unwrap_or_default()),
            lines.join("\n"),
            names(headers),
        );
        let hashed = hex(sha256(&canonical).as_ref());
        let text = format!("{}\n{}\n{}\n{hashed}", self.algorithm(), self.at, self.scope());
        let signature = match &self.key {
            SigningKey::Shared(secret) => {
                let start = format!("{}{secret}", self.dialect.version()).into_bytes();
                let parts = [self.day(), &self.region, &self.service, self.dialect.request(), &text];
                parts.iter().fold(start, |key, part| keyed(&key, part))
            }
            SigningKey::Rsa(pair) => rsa(pair, &text).map_err(SignError::Key)?,
        };
        Ok(hex(&signature))
    }

    fn algorithm(&self) -> String {
        let kind = match self.key {
            SigningKey::Shared(_) => "HMAC",
            SigningKey::Rsa(_) => "RSA",
        };
        format!("{}-{kind}-SHA256", self.dialect.version())
    }

    fn scope(&self) -> String {
        format!("{}/{}/{}/{}", self.day(), self.region, self.service, self.dialect.request())
    }

    fn day(&self) -> &str {
        self.at.split('T').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use http::Method;
    use url::Url;

    use super::*;

    /// The examples of the S3 documentation, "Signature Calculations for the Authorization Header" and "Authenticating
    /// Requests: Using Query Parameters".
    fn example() -> V4 {
        V4 {
            dialect: Dialect::Aws,
            access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            key: SigningKey::shared("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY").unwrap(),
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
        let signature = example().presign(&mut request, 86_400).unwrap();
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
        let signer = V4 { token: Some("a token".to_owned()), ..example() };
        let mut signed = request(Method::GET, "/a", &[]);
        signer.sign(&mut signed).unwrap();
        assert_eq!(find(&signed.headers, "x-amz-security-token"), Some("a token"));
        let mut presigned = request(Method::GET, "/a", &[]);
        signer.presign(&mut presigned, 60).unwrap();
        assert!(presigned.url.query().unwrap().contains("X-Amz-Security-Token=a%20token"));
    }
}
