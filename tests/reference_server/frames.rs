//! HTTP/2 written by hand, frame by frame, as no proper client writes it.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::http2::address;
use crate::support::Bench;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RESET: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GO_AWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// What answers of 500 begin with, in HPACK.
const STATUS_500: u8 = 0x8e;

/// A connection that frames are written to.
pub(crate) struct Frames {
    stream: TcpStream,
}

/// What came back until the connection ended, or nothing more was to come.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// The kinds of frames.
    pub(crate) kinds: Vec<u8>,
    pub(crate) failed: bool,
}

impl Heard {
    pub(crate) fn went_away(&self) -> bool {
        self.kinds.contains(&GO_AWAY)
    }
}

/// One frame.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend_from_slice(&[kind, flags]);
    frame.extend_from_slice(&stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// The head of a call, not compressed.
pub(crate) fn head(method: &str, path: &str) -> Vec<u8> {
    let mut head = Vec::new();
    // `:scheme: http` has an index of its own, the others are written out under theirs.
    head.push(0x86);
    for (name, value) in [(2, method), (4, path), (1, "localhost")] {
        head.extend_from_slice(&[name, u8::try_from(value.len()).unwrap()]);
        head.extend_from_slice(value.as_bytes());
    }
    head
}

/// One more header of a head.
pub(crate) fn header(name: &str, value_length: usize) -> Vec<u8> {
    let mut header = vec![0, u8::try_from(name.len()).unwrap()];
    header.extend_from_slice(name.as_bytes());
    // An integer of HPACK with a prefix of seven bits.
    let mut rest = value_length;
    if rest < 127 {
        header.push(u8::try_from(rest).unwrap());
    } else {
        header.push(127);
        rest -= 127;
        while rest >= 128 {
            header.push(u8::try_from(rest % 128).unwrap() | 128);
            rest /= 128;
        }
        header.push(u8::try_from(rest).unwrap());
    }
    header.extend(std::iter::repeat_n(b'a', value_length));
    header
}

impl Frames {
    /// Begins a connection with these settings.
    pub(crate) async fn connect(bench: &Bench, settings: &[u8]) -> Self {
        Self::to(&address(&bench.server), settings).await
    }

    /// The same, to a server that is a process of its own.
    pub(crate) async fn to(address: &str, settings: &[u8]) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(PREFACE).await.unwrap();
        stream.write_all(&frame(SETTINGS, 0, 0, settings)).await.unwrap();
        Self { stream }
    }

    /// Writes bytes as they are; gives whether they could all be written. A server may have heard enough.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    /// Writes while it listens, so that neither side waits for the other; then listens to the end.
    pub(crate) async fn say(self, bytes: &[u8]) -> Heard {
        let (mut reader, mut writer) = self.stream.into_split();
        let speaking = async {
            // A server may have heard enough.
            drop(writer.write_all(bytes).await);
            drop(writer.shutdown().await);
        };
        let listening = async {
            let mut heard = Vec::new();
            drop(reader.read_to_end(&mut heard).await);
            heard
        };
        let ((), heard) = tokio::join!(speaking, listening);
        parse(&heard)
    }

    /// Listens until the server ends the connection, without another word.
    pub(crate) async fn listen(mut self) -> Heard {
        let mut heard = Vec::new();
        drop(self.stream.read_to_end(&mut heard).await);
        parse(&heard)
    }
}

fn parse(mut bytes: &[u8]) -> Heard {
    let mut heard = Heard::default();
    while let [a, b, c, kind, _, _, _, _, _, rest @ ..] = bytes {
        let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
        heard.kinds.push(*kind);
        heard.failed |= *kind == HEADERS && rest.first() == Some(&STATUS_500);
        bytes = rest.get(length..).unwrap_or_default();
    }
    heard
}
