//! Digests of content as it arrives: those that are always needed, and those that a request asks for.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use md5::Digest as _;
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

/// A checksum that a request may name in `x-amz-checksum-…`.
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

    pub(super) const fn size(self) -> usize {
        match self {
            Self::Crc32c => 4,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }
}

/// Running digests.
pub(super) struct Digests {
    md5: md5::Md5,
    sha256: Context,
    checksum: Option<(Checksum, Running)>,
}

enum Running {
    Crc32c(u32),
    Sha1(Box<Context>),
    /// The digest that runs anyway.
    Sha256,
}

/// Finished digests.
pub(super) struct Finished {
    pub(super) md5: [u8; 16],
    /// In hexadecimal, as `x-amz-content-sha256` has it.
    pub(super) sha256: String,
    /// In Base64.
    pub(super) checksum: Option<(Checksum, String)>,
}

impl Digests {
    pub(super) fn with(checksum: Option<Checksum>) -> Self {
        let running = checksum.map(|checksum| {
            let running = match checksum {
                Checksum::Crc32c => Running::Crc32c(0),
                Checksum::Sha1 => Running::Sha1(Box::new(Context::new(&SHA1_FOR_LEGACY_USE_ONLY))),
                Checksum::Sha256 => Running::Sha256,
            };
            (checksum, running)
        });
        Self { md5: md5::Md5::new(), sha256: Context::new(&SHA256), checksum: running }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        self.sha256.update(bytes);
        match &mut self.checksum {
            Some((_, Running::Crc32c(sum))) => *sum = crc32c::crc32c_append(*sum, bytes),
            Some((_, Running::Sha1(sum))) => sum.update(bytes),
            Some((_, Running::Sha256)) | None => {}
        }
    }

    pub(super) fn finish(self) -> Finished {
        let sha256 = self.sha256.finish();
        let checksum = self.checksum.map(|(checksum, running)| {
            let text = match running {
                Running::Crc32c(sum) => BASE64_STANDARD.encode(sum.to_be_bytes()),
                Running::Sha1(sum) => BASE64_STANDARD.encode(sum.finish()),
                Running::Sha256 => BASE64_STANDARD.encode(sha256),
            };
            (checksum, text)
        });
        Finished { md5: self.md5.finalize().into(), sha256: hex(sha256.as_ref()), checksum }
    }
}

/// Bytes of this number in Base64, as they are.
pub(super) fn base64(text: &str, size: usize) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(text).ok().filter(|bytes| bytes.len() == size)
}

/// The `ETag` of an object of parts: the MD5 of their MD5s, a hyphen, and how many they are.
pub(super) fn etag_of_parts<'a>(parts: impl ExactSizeIterator<Item = &'a [u8; 16]>) -> String {
    let count = parts.len();
    let mut sum = md5::Md5::new();
    parts.for_each(|part| sum.update(part));
    format!("\"{}-{count}\"", hex(&sum.finalize()))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_published_vectors() {
        for (checksum, wanted) in [
            (Checksum::Crc32c, "4waSgw=="),
            (Checksum::Sha1, "98O8HYCOBHMq32eZZczDTKeuNEE="),
            (Checksum::Sha256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
        ] {
            let mut digests = Digests::with(Some(checksum));
            digests.update(b"1234");
            digests.update(b"56789");
            let finished = digests.finish();
            assert_eq!(finished.checksum, Some((checksum, wanted.to_owned())), "{checksum:?}");
            assert_eq!(hex(&finished.md5), "25f9e794323b453885f5181f1b624d0b");
        }
    }
}
