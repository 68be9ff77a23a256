//! Reading text through the encodings that may lie over it.

/// Which encodings are taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// None.
    Raw,
    /// Percent-encoding.
    Percent,
    /// JSON's escapes.
    Json,
    /// JSON's escapes, and percent-encoding under them.
    PercentInJson,
}

/// Reads text from one place on. Where a reading begins decides what it means (`%4` before a `1` may swallow it), so a
/// search reads anew from every place.
#[derive(Clone, Copy)]
pub(super) struct Decoder<'t> {
    text: &'t [u8],
    at: usize,
    encoding: Encoding,
    /// What a single escape stood for and has not been handed out: up to four bytes of UTF-8.
    pending: [u8; 4],
    left: usize,
}

impl<'t> Decoder<'t> {
    pub(super) fn new(text: &'t [u8], at: usize, encoding: Encoding) -> Decoder<'t> {
        Decoder { text, at, encoding, pending: [0; 4], left: 0 }
    }

    /// Where the text goes on after what was read.
    pub(super) fn end(&self) -> usize {
        self.at
    }

    /// The next byte as the encoding shows it.
    pub(super) fn next(&mut self) -> Option<u8> {
        match self.encoding {
            Encoding::Raw => self.raw(),
            Encoding::Json => self.json(),
            Encoding::Percent | Encoding::PercentInJson => self.percent(),
        }
    }

    fn percent(&mut self) -> Option<u8> {
        let byte = self.below()?;
        if byte != b'%' {
            return Some(byte);
        }
        let mut ahead = *self;
        let high = ahead.below().and_then(digit);
        let low = ahead.below().and_then(digit);
        if let (Some(high), Some(low)) = (high, low) {
            *self = ahead;
            return Some(high * 16 + low);
        }
        Some(byte)
    }

    /// What lies under the percent-encoding.
    fn below(&mut self) -> Option<u8> {
        if self.encoding == Encoding::PercentInJson { self.json() } else { self.raw() }
    }

    fn json(&mut self) -> Option<u8> {
        if self.left > 0 {
            let byte = self.pending[4 - self.left];
            self.left -= 1;
            return Some(byte);
        }
        let byte = self.raw()?;
        if byte != b'\\' {
            return Some(byte);
        }
        let Some(&escape) = self.text.get(self.at) else { return Some(byte) };
        let plain = match escape {
            b'"' | b'\\' | b'/' => escape,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => return Some(self.unicode().unwrap_or(byte)),
            _ => return Some(byte),
        };
        self.at += 1;
        Some(plain)
    }

    /// The character after `\`, where it is `uXXXX` (or a pair of them); its first byte is returned.
    fn unicode(&mut self) -> Option<u8> {
        let (mut end, high) = (self.at + 5, unit(self.text, self.at)?);
        let decoded = if let Some(character) = char::from_u32(high) {
            character
        } else {
            let low = (self.text.get(end) == Some(&b'\\')).then(|| unit(self.text, end + 1)).flatten()?;
            end += 6;
            char::decode_utf16([u16::try_from(high).ok()?, u16::try_from(low).ok()?]).next()?.ok()?
        };
        self.at = end;
        let mut utf8 = [0; 4];
        let len = decoded.encode_utf8(&mut utf8).len();
        self.pending[4 - len..].copy_from_slice(&utf8[..len]);
        self.left = len - 1;
        Some(utf8[0])
    }

    fn raw(&mut self) -> Option<u8> {
        let byte = self.text.get(self.at)?;
        self.at += 1;
        Some(*byte)
    }
}

/// The code unit in the `uXXXX` at this place.
fn unit(text: &[u8], at: usize) -> Option<u32> {
    let (letter, digits) = text.get(at..at + 5)?.split_first()?;
    let fold = |value: u32, byte: &u8| Some(value * 16 + u32::from(digit(*byte)?));
    if *letter == b'u' { digits.iter().try_fold(0, fold) } else { None }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
