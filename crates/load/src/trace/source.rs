//! A file that is read once, and its SHA-256.

use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use uptake_payload::hex;

/// A file whose bytes are hashed as they are read.
pub(super) struct Hashed<R> {
    file: R,
    digest: Sha256,
}

impl<R: Read> Hashed<R> {
    pub(super) fn new(file: R) -> Self {
        Self { file, digest: Sha256::new() }
    }

    /// Reads what is left, and returns the digest of all in hexadecimal digits.
    pub(super) fn finish(mut self) -> io::Result<String> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(hex(&self.digest.finalize()))
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.digest.update(&buffer[..count]);
        Ok(count)
    }
}
