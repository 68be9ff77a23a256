//! Digests of content as it arrives.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use md5::Digest as _;
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

/// A digest algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Crc32c,
    Md5,
    Sha1,
    Sha256,
}

impl Algorithm {
    /// The bytes of a digest.
    pub(crate) const fn size(self) -> usize {
        match self {
            Self::Crc32c => 4,
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }
}

#[derive(Clone)]
enum Running {
    Crc32c(u32),
    Md5(Box<md5::Md5>),
    Ring(Box<Context>),
}

/// Running digests.
#[derive(Clone)]
pub(crate) struct Digests(Vec<(Algorithm, Running)>);

/// Finished digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finished(Vec<(Algorithm, Vec<u8>)>);

impl Digests {
    /// Digests by these algorithms; one that is named twice is computed once.
    pub(crate) fn of(algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        let mut all: Vec<(Algorithm, Running)> = Vec::new();
        for algorithm in algorithms {
            if all.iter().all(|(known, _)| *known != algorithm) {
                let running = match algorithm {
                    Algorithm::Crc32c => Running::Crc32c(0),
                    Algorithm::Md5 => Running::Md5(Box::default()),
                    Algorithm::Sha1 => Running::Ring(Box::new(Context::new(&SHA1_FOR_LEGACY_USE_ONLY))),
                    Algorithm::Sha256 => Running::Ring(Box::new(Context::new(&SHA256))),
                };
                all.push((algorithm, running));
            }
        }
        Self(all)
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        for (_, running) in &mut self.0 {
            match running {
                Running::Crc32c(sum) => *sum = crc32c::crc32c_append(*sum, bytes),
                Running::Md5(sum) => sum.update(bytes),
                Running::Ring(sum) => sum.update(bytes),
            }
        }
    }

    pub(crate) fn finish(self) -> Finished {
        let finished = self.0.into_iter().map(|(algorithm, running)| {
            let digest = match running {
                Running::Crc32c(sum) => sum.to_be_bytes().to_vec(),
                Running::Md5(sum) => sum.finalize().to_vec(),
                Running::Ring(sum) => sum.finish().as_ref().to_vec(),
            };
            (algorithm, digest)
        });
        Finished(finished.collect())
    }
}

impl Finished {
    /// The digest by an algorithm, if it was computed.
    pub(crate) fn get(&self, algorithm: Algorithm) -> Option<&[u8]> {
        self.0.iter().find(|(known, _)| *known == algorithm).map(|(_, digest)| digest.as_slice())
    }

    pub(crate) fn hex(&self, algorithm: Algorithm) -> Option<String> {
        self.get(algorithm).map(hex)
    }

    pub(crate) fn base64(&self, algorithm: Algorithm) -> Option<String> {
        self.get(algorithm).map(|digest| BASE64_STANDARD.encode(digest))
    }
}

/// Decodes a digest of this algorithm in Base64.
pub(crate) fn decode_base64(text: &str, algorithm: Algorithm) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(text).ok().filter(|bytes| bytes.len() == algorithm.size())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_published_vectors() {
        for (algorithm, wanted) in [
            (Algorithm::Crc32c, "4waSgw=="),
            (Algorithm::Md5, "JfnnlDI7RTiF9RgfG2JNCw=="),
            (Algorithm::Sha1, "98O8HYCOBHMq32eZZczDTKeuNEE="),
            (Algorithm::Sha256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
        ] {
            let mut digests = Digests::of([algorithm, algorithm]);
            digests.update(b"1234");
            digests.update(b"56789");
            let finished = digests.finish();
            assert_eq!(finished.base64(algorithm).as_deref(), Some(wanted), "{algorithm:?}");
            assert_eq!(decode_base64(wanted, algorithm).as_deref(), finished.get(algorithm));
        }
    }

    #[test]
    fn text_of_another_length_is_no_digest() {
        assert_eq!(decode_base64("4waSgw==", Algorithm::Md5), None);
        assert_eq!(decode_base64("4waSg", Algorithm::Crc32c), None);
    }
}
