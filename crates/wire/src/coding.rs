//! Content codings that nobody asked for. RFC 9110, section 12.5.3, lets a server choose one where a request has no
//! Accept-Encoding, so a body that is coded is decoded before it is judged.

use std::io::Read as _;

use flate2::read::{MultiGzDecoder, ZlibDecoder};

use super::Fault;
use super::response::Bound;

/// The body without the coding that its Content-Encoding names; as it is where it has none, one that is not known, or one that it does not keep to.
pub(super) fn decoded(coding: Option<&str>, body: Vec<u8>, most: u64) -> Result<Vec<u8>, Fault> {
    let Some(coding) = coding.and_then(named).filter(|_| !body.is_empty()) else { return Ok(body) };
    let mut plain = Vec::new();
    let bounded = most.saturating_add(1);
    let read = match coding.to_ascii_lowercase().as_str() {
        "gzip" | "x-gzip" => MultiGzDecoder::new(body.as_slice()).take(bounded).read_to_end(&mut plain),
        "deflate" => ZlibDecoder::new(body.as_slice()).take(bounded).read_to_end(&mut plain),
        _ => return Ok(body),
    };
    match read {
        Ok(_) if plain.len() as u64 > most => Err(Fault::Exceeded(Bound::Body(most))),
        Ok(_) => Ok(plain),
        Err(_) => Ok(body),
    }
}

/// The coding that a Content-Encoding names.
pub(super) fn named(content_encoding: &str) -> Option<&str> {
    let coding = content_encoding.trim();
    (!coding.is_empty() && !coding.eq_ignore_ascii_case("identity")).then_some(coding)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::decoded;
    use crate::Fault;

    #[test]
    fn known_codings_are_taken_off_within_a_bound() {
        let text = "a body ".repeat(100);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(text.as_bytes()).unwrap();
        let gzip = gzip.finish().unwrap();
        let mut deflate = ZlibEncoder::new(Vec::new(), Compression::default());
        deflate.write_all(text.as_bytes()).unwrap();
        for (coding, body) in
            [("gzip", gzip.clone()), ("X-GZIP", gzip.clone()), ("deflate", deflate.finish().unwrap())]
        {
            assert_eq!(decoded(Some(coding), body, 700).unwrap(), text.as_bytes(), "{coding}");
        }
        assert!(matches!(decoded(Some("gzip"), gzip.clone(), 699), Err(Fault::Exceeded(_))));
        for coding in ["br", "identity", ""] {
            assert_eq!(decoded(Some(coding), gzip.clone(), 10).unwrap(), gzip, "{coding}");
        }
        assert_eq!(decoded(Some("gzip"), b"plain".to_vec(), 10).unwrap(), b"plain");
    }
}
