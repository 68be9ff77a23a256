//! Bytes for a connection, as they are.

use std::fmt;

/// Bytes that are written to a connection without being understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawBytes {
    /// Requests that go before them over the same connection, each once the one before was answered.
    pub earlier: Vec<Vec<u8>>,
    /// The bytes whose answer is read.
    pub bytes: Vec<u8>,
    /// What happens to our side of the connection after them.
    pub then: Then,
}

impl RawBytes {
    /// Everything that is written.
    pub fn all(&self) -> Vec<u8> {
        let texts = self.earlier.iter().chain([&self.bytes]);
        texts.flatten().copied().collect()
    }
}

/// What happens to our side of the connection once the bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Then {
    /// It stays open: the server may wait for more.
    #[default]
    KeepOpen,
    /// It is closed for writing: the server knows that no more comes.
    HalfClose,
}

/// What is odd about it, in words.
impl fmt::Display for Then {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Then::KeepOpen => "",
            Then::HalfClose => "and closed its side of the connection",
        })
    }
}
