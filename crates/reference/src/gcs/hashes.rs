//! Hashes that content must have: those of the metadata, and those of `X-Goog-Hash`.

use crate::storage::digests::{Algorithm, Finished, decode_base64};

/// The algorithms, as `X-Goog-Hash` names them.
const NAMES: [(&str, Algorithm); 2] = [("crc32c", Algorithm::Crc32c), ("md5", Algorithm::Md5)];

/// Hashes that content must have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Hashes(Vec<(Algorithm, Vec<u8>)>);

/// A value that is no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

impl Hashes {
    /// Adds a hash in Base64.
    pub(super) fn add(&mut self, algorithm: Algorithm, text: &str) -> Result<(), Malformed> {
        self.0.push((algorithm, decode_base64(text, algorithm).ok_or(Malformed)?));
        Ok(())
    }

    /// Reads values of `X-Goog-Hash`, such as `crc32c=AAAAAA==,md5=…`. Other algorithms are left out.
    pub(super) fn parse<'a>(values: impl Iterator<Item = &'a str>) -> Result<Self, Malformed> {
        let mut hashes = Self::default();
        for entry in values.flat_map(|value| value.split(',')) {
            let (name, text) = entry.trim().split_once('=').ok_or(Malformed)?;
            if let Some((_, algorithm)) = NAMES.iter().find(|(known, _)| *known == name) {
                hashes.add(*algorithm, text)?;
            }
        }
        Ok(hashes)
    }

    /// Leaves out the hashes by an algorithm.
    pub(super) fn without(mut self, algorithm: Algorithm) -> Self {
        self.0.retain(|(known, _)| *known != algorithm);
        self
    }

    /// Whether content with these digests has all of the hashes.
    pub(super) fn are_of(&self, digests: &Finished) -> bool {
        self.0.iter().all(|(algorithm, hash)| digests.get(*algorithm) == Some(hash))
    }
}

/// The value of `X-Goog-Hash` for content with these digests.
pub(super) fn header_value(digests: &Finished) -> String {
    let hashes = NAMES
        .iter()
        .filter_map(|(name, algorithm)| digests.base64(*algorithm).map(|value| format!("{name}={value}")));
    hashes.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::digests::Digests;

    fn digests() -> Finished {
        let mut digests = Digests::of([Algorithm::Crc32c, Algorithm::Md5]);
        digests.update(b"123456789");
        digests.finish()
    }

    #[test]
    fn hashes_are_those_of_the_content_or_not() {
        let own = header_value(&digests());
        assert_eq!(own, "crc32c=4waSgw==,md5=JfnnlDI7RTiF9RgfG2JNCw==");
        let hashes = Hashes::parse([own.as_str(), "sha256=any"].into_iter()).unwrap();
        assert!(hashes.are_of(&digests()));
        assert!(Hashes::default().are_of(&digests()));
        let other = Hashes::parse(["crc32c=AAAAAA=="].into_iter()).unwrap();
        assert!(!other.are_of(&digests()));
        assert!(other.without(Algorithm::Crc32c).are_of(&digests()));
    }

    #[test]
    fn what_is_no_hash_is_malformed() {
        for text in ["", "crc32c", "crc32c=x", "md5=AAAAAA=="] {
            assert_eq!(Hashes::parse([text].into_iter()), Err(Malformed), "{text}");
        }
    }
}
