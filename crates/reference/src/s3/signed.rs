//! The signature of a request by AWS Signature Version 4: what is signed, and what comes of it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::{digest, hmac};

use super::request::Call;
use crate::storage::digests::hex;

pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What a request says of its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) access_key: String,
    /// The day, the region, the service, and `aws4_request`.
    pub(super) scope: Vec<String>,
    /// As `20130524T000000Z`.
    pub(super) at: String,
    /// In lower case, in order.
    pub(super) signed_headers: Vec<String>,
    pub(super) signature: String,
}

impl Claim {
    /// Splits `KEY/DAY/REGION/SERVICE/aws4_request`.
    pub(super) fn credential(text: &str) -> Option<(String, Vec<String>)> {
        // An access key may have slashes, the rest has none.
        let mut parts: Vec<_> = text.rsplitn(5, '/').map(str::to_owned).collect();
        let access_key = (parts.len() == 5).then(|| parts.pop()).flatten()?;
        parts.reverse();
        Some((access_key, parts))
    }

    /// Whether the signature is the one of this request by this key.
    pub(super) fn is_of(&self, call: &Call, secret_key: &str, payload: &str) -> bool {
        let request = self.canonical(call, payload);
        let hashed = hex(digest::digest(&digest::SHA256, request.as_bytes()).as_ref());
        let text = format!("{ALGORITHM}\n{}\n{}\n{hashed}", self.at, self.scope.join("/"));
        let mut key = format!("AWS4{secret_key}").into_bytes();
        for part in &self.scope {
            let by = hmac::Key::new(hmac::HMAC_SHA256, &key);
            key = hmac::sign(&by, part.as_bytes()).as_ref().to_vec();
        }
        let by = hmac::Key::new(hmac::HMAC_SHA256, &key);
        unhex(&self.signature).is_some_and(|signature| hmac::verify(&by, text.as_bytes(), &signature).is_ok())
    }

    fn canonical(&self, call: &Call, payload: &str) -> String {
        let path: Vec<_> = call.head.path.split('/').map(reencoded).collect();
        let mut query: Vec<_> = call
            .head
            .query
            .iter()
            .filter(|(name, _)| name != "X-Amz-Signature")
            .map(|(name, value)| (encoded(name), encoded(value)))
            .collect();
        query.sort();
        let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let headers: Vec<_> =
            self.signed_headers.iter().map(|name| format!("{name}:{}", values(call, name))).collect();
        format!(
            "{}\n{}\n{}\n{}\n\n{}\n{payload}",
            call.head.method,
            path.join("/"),
            query.join("&"),
            headers.join("\n"),
            self.signed_headers.join(";")
        )
    }
}

/// The values of a header, each with single spaces, joined by commas.
fn values(call: &Call, name: &str) -> String {
    let values = call.head.headers().filter(|(known, _)| *known == name);
    let values = values.map(|(_, value)| value.split_whitespace().collect::<Vec<_>>().join(" "));
    values.collect::<Vec<_>>().join(",")
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

fn reencoded(segment: &str) -> String {
    encoded(&percent_encoding::percent_decode_str(segment).decode_utf8_lossy())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn claim(signed_headers: &[&str], signature: &str) -> Claim {
        let (access_key, scope) =
            Claim::credential("AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request").unwrap();
        Claim {
            access_key,
            scope,
            at: "20130524T000000Z".to_owned(),
            signed_headers: signed_headers.iter().map(|name| (*name).to_owned()).collect(),
            signature: signature.to_owned(),
        }
    }

    fn call(uri: &str, headers: &[(&str, &str)]) -> Call {
        let mut request = http::Request::builder().uri(uri).header("host", "examplebucket.s3.amazonaws.com");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Call::new(&request.body(()).unwrap().into_parts().0)
    }

    /// The examples of the documentation: by a header, and by a URL.
    #[test]
    fn published_signatures_are_those_of_their_requests_and_of_no_other() {
        let signed = claim(
            &["host", "range", "x-amz-content-sha256", "x-amz-date"],
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        );
        let headers =
            [("range", "bytes=0-9"), ("x-amz-content-sha256", EMPTY), ("x-amz-date", "20130524T000000Z")];
        assert!(signed.is_of(&call("/test.txt", &headers), SECRET, EMPTY));
        assert!(!signed.is_of(&call("/test.txx", &headers), SECRET, EMPTY));
        assert!(!signed.is_of(&call("/test.txt?a", &headers), SECRET, EMPTY));
        assert!(!signed.is_of(&call("/test.txt", &headers), "another", EMPTY));
        let url = "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2F\
                   us-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&\
                   X-Amz-SignedHeaders=host&X-Amz-Signature=any";
        let presigned = claim(&["host"], "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
        assert!(presigned.is_of(&call(url, &[]), SECRET, "UNSIGNED-PAYLOAD"));
        let longer = url.replace("=86400", "=864000");
        assert!(!presigned.is_of(&call(&longer, &[]), SECRET, "UNSIGNED-PAYLOAD"));
    }
}
