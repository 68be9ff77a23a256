//! Checksums that a request may name in `x-amz-checksum-…`, and the `ETag` of an object of parts.

use md5::Digest as _;

use crate::storage::digests::{Algorithm, hex};

/// A checksum that a request may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checksum {
    Crc32c,
    Sha1,
    Sha256,
}

impl Checksum {
    pub(super) const ALL: [Self; 3] = [Self::Crc32c, Self::Sha1, Self::Sha256];

    /// As `x-amz-checksum-algorithm` names it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Crc32c => "CRC32C",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    pub(super) const fn header(self) -> &'static str {
        match self {
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// Its element in lists and results.
    pub(super) const fn element(self) -> &'static str {
        match self {
            Self::Crc32c => "ChecksumCRC32C",
            Self::Sha1 => "ChecksumSHA1",
            Self::Sha256 => "ChecksumSHA256",
        }
    }

    pub(super) const fn algorithm(self) -> Algorithm {
        match self {
            Self::Crc32c => Algorithm::Crc32c,
            Self::Sha1 => Algorithm::Sha1,
            Self::Sha256 => Algorithm::Sha256,
        }
    }
}

/// The `ETag` of an object of parts: the MD5 of their MD5s, a hyphen, and how many they are.
pub(super) fn etag_of_parts<'a>(parts: impl ExactSizeIterator<Item = &'a [u8]>) -> String {
    let count = parts.len();
    let mut sum = md5::Md5::new();
    parts.for_each(|part| sum.update(part));
    format!("\"{}-{count}\"", hex(&sum.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_etag_of_parts_has_their_number() {
        let md5 = [0x55; 16];
        let etag = etag_of_parts([&md5[..], &md5].into_iter());
        assert!(etag.starts_with('"') && etag.ends_with("-2\"") && etag.len() == 36, "{etag}");
    }
}
