//! A scanner for `multipart/form-data` that hands on a part's bytes as the slices in which they arrived.
//!
//! It does no input and knows nothing of forms, files or limits but its own: the headers of one part, and the preamble,
//! must stay small. Nothing is copied except what straddles two arrivals.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use memchr::memmem::Finder;

/// The headers of one part may be this long.
const MAX_HEADERS: usize = 16 * 1024;
/// A boundary may be this long (RFC 2046 says 70).
const MAX_BOUNDARY: usize = 70;

/// What the scanner found next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// A part begins.
    Begin(PartHead),
    /// Some of its bytes.
    Data(Bytes),
    /// It ends.
    End,
    /// The last boundary was seen; whatever follows does not matter.
    Done,
    /// Nothing can be said before more has arrived.
    Hungry,
}

/// What a part says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PartHead {
    pub(super) field: String,
    pub(super) file_name: Option<String>,
}

/// The body is no multipart form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the multipart form is malformed: {0}")]
pub(super) struct Malformed(pub(super) &'static str);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Preamble,
    AfterBoundary,
    Headers,
    Body,
    Done,
}

/// The state between two arrivals.
pub(super) struct Scanner {
    finder: Finder<'static>,
    place: Place,
    /// What was held back, because a boundary may begin in it or a line has not ended yet.
    held: Bytes,
    arrived: VecDeque<Bytes>,
}

impl Scanner {
    /// A scanner for the boundary that a Content-Type names.
    pub(super) fn new(boundary: &str) -> Self {
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        Self {
            finder: Finder::new(&delimiter).into_owned(),
            place: Place::Preamble,
            // The first boundary need not follow a line break; this makes it like all the others.
            held: Bytes::from_static(b"\r\n"),
            arrived: VecDeque::new(),
        }
    }

    /// Takes bytes that arrived. An empty slice changes nothing.
    pub(super) fn feed(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.arrived.push_back(bytes);
        }
    }

    /// What comes next.
    pub(super) fn next(&mut self) -> Result<Event, Malformed> {
        loop {
            let event = match self.place {
                Place::Done => Some(Event::Done),
                Place::Preamble | Place::Body => self.until_boundary()?,
                Place::AfterBoundary => self.after_boundary()?,
                Place::Headers => self.headers()?,
            };
            match event {
                Some(event) => return Ok(event),
                None if self.arrived.is_empty() => return Ok(Event::Hungry),
                None => self.join(),
            }
        }
    }

    /// Puts the next arrival behind what was held back; without anything held back nothing is copied.
    fn join(&mut self) {
        let Some(next) = self.arrived.pop_front() else { return };
        if self.held.is_empty() {
            self.held = next;
        } else {
            let mut joined = BytesMut::with_capacity(self.held.len() + next.len());
            joined.extend_from_slice(&self.held);
            joined.extend_from_slice(&next);
            self.held = joined.freeze();
        }
    }

    fn until_boundary(&mut self) -> Result<Option<Event>, Malformed> {
        let inside = self.place == Place::Body;
        if let Some(at) = self.finder.find(&self.held) {
            let data = self.held.split_to(at);
            if inside && !data.is_empty() {
                return Ok(Some(Event::Data(data)));
            }
            let delimiter = self.finder.needle().len();
            drop(self.held.split_to(delimiter));
            self.place = Place::AfterBoundary;
            return if inside { Ok(Some(Event::End)) } else { self.after_boundary() };
        }
        let kept = possible_beginning(&self.held, self.finder.needle());
        let data = self.held.split_to(self.held.len() - kept);
        if inside && !data.is_empty() {
            return Ok(Some(Event::Data(data)));
        }
        Ok(None)
    }

    /// Behind a boundary stand two dashes, or the end of the line and a part.
    fn after_boundary(&mut self) -> Result<Option<Event>, Malformed> {
        if self.held.starts_with(b"--") {
            self.place = Place::Done;
            self.held.clear();
            self.arrived.clear();
            return Ok(Some(Event::Done));
        }
        let padding = self.held.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        match (self.held.get(padding), self.held.get(padding + 1)) {
            (Some(b'\r'), Some(b'\n')) => {
                drop(self.held.split_to(padding + 2));
                self.place = Place::Headers;
                self.headers()
            }
            (Some(b'\r' | b'-'), None) | (None, _) if padding < MAX_HEADERS => Ok(None),
            _ => Err(Malformed("a boundary is followed by something else than a line break")),
        }
    }

    fn headers(&mut self) -> Result<Option<Event>, Malformed> {
        let mut slots = [httparse::EMPTY_HEADER; 16];
        match httparse::parse_headers(&self.held, &mut slots) {
            Ok(httparse::Status::Complete((length, headers))) => {
                let head = PartHead::read(headers)?;
                drop(self.held.split_to(length));
                self.place = Place::Body;
                Ok(Some(Event::Begin(head)))
            }
            Ok(httparse::Status::Partial) if self.held.len() <= MAX_HEADERS => Ok(None),
            Ok(httparse::Status::Partial) => Err(Malformed("the headers of a part are too long")),
            Err(_) => Err(Malformed("a part has unreadable headers")),
        }
    }
}

/// How many bytes at the end may be the beginning of a delimiter.
fn possible_beginning(bytes: &[u8], delimiter: &[u8]) -> usize {
    let longest = bytes.len().min(delimiter.len() - 1);
    let tail = &bytes[bytes.len() - longest..];
    memchr::memchr_iter(delimiter[0], tail)
        .map(|at| longest - at)
        .find(|length| delimiter.starts_with(&tail[longest - length..]))
        .unwrap_or(0)
}

impl PartHead {
    fn read(headers: &[httparse::Header<'_>]) -> Result<Self, Malformed> {
        let disposition = headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case("content-disposition"))
            .ok_or(Malformed("a part has no Content-Disposition"))?;
        let value = String::from_utf8_lossy(disposition.value);
        let (kind, parameters) = value.split_once(';').unwrap_or((&value, ""));
        if !kind.trim().eq_ignore_ascii_case("form-data") {
            return Err(Malformed("a part is no form data"));
        }
        let mut head = Self::default();
        for (name, value) in Parameters(parameters) {
            match name.to_ascii_lowercase().as_str() {
                "name" => head.field = value,
                "filename" => head.file_name = Some(value),
                _ => {}
            }
        }
        Ok(head)
    }
}

/// The boundary that a Content-Type of a form names.
pub(super) fn boundary_of(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    Parameters(parameters)
        .find(|(name, _)| name.eq_ignore_ascii_case("boundary"))
        .map(|(_, value)| value)
        .filter(|boundary| (1..=MAX_BOUNDARY).contains(&boundary.len()))
}

/// The parameters behind a header's value: `name=token` or `name="text"`, with semicolons between them.
struct Parameters<'a>(&'a str);

impl Iterator for Parameters<'_> {
    type Item = (String, String);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.0.trim_start_matches([';', ' ', '\t']);
        let (name, rest) = rest.split_once('=')?;
        let value;
        if let Some(quoted) = rest.strip_prefix('"') {
            let (text, length) = unquote(quoted);
            value = text;
            self.0 = &quoted[length..];
        } else {
            let end = rest.find(';').unwrap_or(rest.len());
            value = rest[..end].trim().to_owned();
            self.0 = &rest[end..];
        }
        Some((name.trim().to_owned(), value))
    }
}

/// The text up to the closing quote, and how much of the input it took. Some clients escape a quote by a backslash,
/// browsers by percent; a backslash before anything else is itself (a path of Windows).
fn unquote(quoted: &str) -> (String, usize) {
    let mut text = String::new();
    let mut letters = quoted.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (text.replace("%22", "\""), at + 1),
            '\\' if letters.peek().is_some_and(|(_, next)| *next == '"') => {
                text.push('"');
                letters.next();
            }
            other => text.push(other),
        }
    }
    (text, quoted.len())
}
