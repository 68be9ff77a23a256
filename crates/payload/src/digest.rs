//! Digests by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use super::PayloadError;

/// A digest that the language knows by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// MD5, as S3 wants it.
    Md5,
    /// SHA-1, as tus wants it.
    Sha1,
    /// SHA-256.
    Sha256,
    /// CRC-32C (Castagnoli), big-endian, as S3 writes it.
    Crc32c,
}

impl Algorithm {
    pub(super) fn start(self) -> Running {
        match self {
            Algorithm::Md5 => Running::Md5(md5::Md5::new()),
            Algorithm::Sha1 => Running::Sha1(sha1::Sha1::new()),
            Algorithm::Sha256 => Running::Sha256(sha2::Sha256::new()),
            Algorithm::Crc32c => Running::Crc32c(0),
        }
    }

    /// The digest of bytes that are at hand.
    pub fn of(self, bytes: &[u8]) -> Vec<u8> {
        let mut digest = self.start();
        digest.update(bytes);
        digest.finish()
    }
}

/// A digest under way.
pub(super) enum Running {
    Md5(md5::Md5),
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
    Crc32c(u32),
}

impl Running {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Running::Md5(digest) => digest.update(bytes),
            Running::Sha1(digest) => digest.update(bytes),
            Running::Sha256(digest) => digest.update(bytes),
            Running::Crc32c(sum) => *sum = crc32c::crc32c_append(*sum, bytes),
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        match self {
            Running::Md5(digest) => digest.finalize().to_vec(),
            Running::Sha1(digest) => digest.finalize().to_vec(),
            Running::Sha256(digest) => digest.finalize().to_vec(),
            Running::Crc32c(sum) => sum.to_be_bytes().to_vec(),
        }
    }
}

impl FromStr for Algorithm {
    type Err = PayloadError;

    fn from_str(name: &str) -> Result<Algorithm, PayloadError> {
        match name {
            "md5" => Ok(Algorithm::Md5),
            "sha1" => Ok(Algorithm::Sha1),
            "sha256" => Ok(Algorithm::Sha256),
            "crc32c" => Ok(Algorithm::Crc32c),
            other => Err(PayloadError::UnknownAlgorithm(other.to_owned())),
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Algorithm::Md5 => "md5",
            Algorithm::Sha1 => "sha1",
            Algorithm::Sha256 => "sha256",
            Algorithm::Crc32c => "crc32c",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Algorithm;

    #[test]
    fn digests_are_those_of_their_standards() {
        for (name, digest) in [
            ("md5", "25f9e794323b453885f5181f1b624d0b"),
            ("sha1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
            ("sha256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
            ("crc32c", "e3069283"),
        ] {
            let algorithm: Algorithm = name.parse().unwrap();
            assert_eq!(crate::hex(&algorithm.of(b"123456789")), digest, "{name}");
            assert_eq!(algorithm.to_string(), name);
        }
    }

    #[test]
    fn an_unknown_name_is_told() {
        let error = "sha-256".parse::<Algorithm>().unwrap_err();
        assert_eq!(error.to_string(), "unknown digest `sha-256`: choose from md5, sha1, sha256 and crc32c");
    }
}
