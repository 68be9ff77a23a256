//! A response's head, and what it says of the body that follows (RFC 9112, sections 4 to 6).

use std::mem::MaybeUninit;

use super::limits::MAX_FIELDS;
use super::{Bound, RequestKind, ResponseError};

/// The head of a response, as a encoding into the bytes that were received.
#[derive(Debug, Clone, Copy)]
pub struct Head<'b> {
    /// The status code, 100 to 999.
    pub status: u16,
    /// How the end of the body is known.
    pub framing: Framing,
    /// Whether the connection may carry another response after this one (section 9.3).
    pub is_persistent: bool,
    lines: &'b [u8],
}

/// How the end of a body is known (section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// There is no body, whatever the header fields say.
    None,
    /// By Content-Length.
    Length(u64),
    /// By the chunked transfer coding.
    Chunked,
    /// By the end of the connection.
    UntilClose,
}

impl<'b> Head<'b> {
    /// The header fields in their order: names as they were spelt, values without the white space around them.
    pub fn fields(&self) -> Fields<'b> {
        Fields { lines: self.lines }
    }

    /// The value of the first field of this name, in whatever case.
    pub fn field(&self, name: &str) -> Option<&'b [u8]> {
        self.fields().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The head that these whole lines begin with, and how long it is; none where it has not ended yet.
    pub(super) fn parse(lines: &'b [u8], to: RequestKind) -> Result<Option<(usize, Self)>, ResponseError> {
        let mut fields = [const { MaybeUninit::uninit() }; MAX_FIELDS];
        let mut response = httparse::Response::new(&mut []);
        let config = httparse::ParserConfig::default();
        let end = match config.parse_response_with_uninit_headers(&mut response, lines, &mut fields) {
            Ok(httparse::Status::Complete(end)) => end,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(error) => return Err(refusal(error, lines)),
        };
        let status = response.code.expect("a complete head has a status");
        if status < 100 {
            return Err(ResponseError::malformed(format!("status {status:03} is not in 100 to 999")));
        }
        let is_1_1 = response.version == Some(1);
        let facts = Facts::of(response.headers)?;
        let first = lines.iter().position(|byte| *byte == b'\n').map_or(end, |at| at + 1);
        let framing = facts.framing(status, to)?;
        let is_persistent = facts.keeps(is_1_1) && framing != Framing::UntilClose && status != 101;
        Ok(Some((end, Head { status, framing, is_persistent, lines: &lines[first..end] })))
    }
}

/// What the header fields say of framing and of the connection.
struct Facts<'b> {
    /// The Content-Length, where there is one that can be used.
    length: Option<u64>,
    /// Why there is none that can be used, and the value at fault.
    bad_length: Option<(&'static str, &'b [u8])>,
    /// Whether there is a Transfer-Encoding, and whether chunked is its last coding.
    coding: Option<bool>,
    says_close: bool,
    says_keep_alive: bool,
}

impl<'b> Facts<'b> {
    fn of(fields: &[httparse::Header<'b>]) -> Result<Self, ResponseError> {
        let mut facts =
            Facts { length: None, bad_length: None, coding: None, says_close: false, says_keep_alive: false };
        for field in fields {
            match field.name.len() {
                10 if field.name.eq_ignore_ascii_case("connection") => {
                    for option in list(field.value) {
                        facts.says_close |= option.eq_ignore_ascii_case(b"close");
                        facts.says_keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
                    }
                }
                14 if field.name.eq_ignore_ascii_case("content-length") => facts.add_length(field.value),
                17 if field.name.eq_ignore_ascii_case("transfer-encoding") => {
                    for coding in list(field.value).filter(|coding| !coding.is_empty()) {
                        let name = coding.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
                        let is_chunked = name.eq_ignore_ascii_case(b"chunked");
                        if is_chunked && facts.coding == Some(true) {
                            let what = "Transfer-Encoding names the chunked coding twice";
                            return Err(ResponseError::malformed(what));
                        }
                        facts.coding = Some(is_chunked);
                    }
                }
                _ => {}
            }
        }
        Ok(facts)
    }

    /// A list of equal numbers is that number (section 6.3, rule 5).
    fn add_length(&mut self, value: &'b [u8]) {
        for item in list(value) {
            match (number(item), self.length) {
                (None, _) => self.bad_length = Some(("Content-Length is not a number of bytes", value)),
                (Some(length), Some(other)) if length != other => {
                    self.bad_length = Some(("Content-Length is given twice, and differs", value));
                }
                (Some(length), _) => self.length = Some(length),
            }
        }
    }

    fn framing(&self, status: u16, to: RequestKind) -> Result<Framing, ResponseError> {
        let is_tunnel = to == RequestKind::Connect && (200..300).contains(&status);
        if to == RequestKind::Head || is_tunnel || status < 200 || matches!(status, 204 | 304) {
            return Ok(Framing::None);
        }
        if let Some(is_chunked) = self.coding {
            return Ok(if is_chunked { Framing::Chunked } else { Framing::UntilClose });
        }
        if let Some((what, value)) = self.bad_length {
            return Err(ResponseError::in_bytes(what, value));
        }
        Ok(self.length.map_or(Framing::UntilClose, Framing::Length))
    }

    /// Whether the connection stays open. It does not where framing is in doubt: with both Transfer-Encoding and
    /// Content-Length, or with a transfer coding in HTTP/1.0 (section 6.1).
    fn keeps(&self, is_1_1: bool) -> bool {
        let has_length = self.length.is_some() || self.bad_length.is_some();
        let in_doubt = self.coding.is_some() && (has_length || !is_1_1);
        !in_doubt && !self.says_close && (is_1_1 || self.says_keep_alive)
    }
}

fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

/// Digits and nothing else, not even a sign.
fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |sum, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

fn refusal(error: httparse::Error, lines: &[u8]) -> ResponseError {
    use httparse::Error;
    let first = lines.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    match error {
        Error::TooManyHeaders => ResponseError::Exceeded(Bound::Fields(MAX_FIELDS)),
        Error::HeaderName | Error::HeaderValue | Error::NewLine => {
            let after = lines.get(first.len()..).unwrap_or_default().trim_ascii_start();
            let what = match error {
                Error::HeaderName => "a header field has no name, or no colon after it",
                Error::HeaderValue => "a header field's value holds control characters",
                _ => "a line in the head does not end with CRLF",
            };
            ResponseError::in_bytes(what, line_at_fault(after))
        }
        _ => ResponseError::in_bytes("the status line is malformed", first),
    }
}

/// The first line that is no field by itself; all of them where each is.
fn line_at_fault(lines: &[u8]) -> &[u8] {
    let mut fields = [httparse::EMPTY_HEADER; 1];
    lines
        .split_inclusive(|byte| *byte == b'\n')
        .find(|line| httparse::parse_headers(line, &mut fields).is_err())
        .map_or(lines, <[u8]>::trim_ascii_end)
}

/// The header fields of a [`Head`].
#[derive(Debug, Clone)]
pub struct Fields<'b> {
    /// Whole lines that are known to be fields, and the empty line.
    lines: &'b [u8],
}

impl<'b> Iterator for Fields<'b> {
    type Item = (&'b str, &'b [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let end = self.lines.iter().position(|byte| *byte == b'\n')?;
        let line = &self.lines[..end];
        self.lines = &self.lines[end + 1..];
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = std::str::from_utf8(&line[..colon]).expect("a field's name is ASCII");
        Some((name, line[colon + 1..].trim_ascii()))
    }
}
