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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Everything that a form has, however its bytes arrive.
    fn read(form: &[u8], arrivals: &[usize]) -> Result<Vec<(PartHead, Vec<u8>)>, Malformed> {
        let mut scanner = Scanner::new("edge");
        let mut parts = Vec::new();
        let mut rest = form;
        let mut sizes = arrivals.iter().copied().cycle();
        loop {
            match scanner.next()? {
                Event::Begin(head) => parts.push((head, Vec::new())),
                Event::Data(bytes) => {
                    parts.last_mut().expect("data lies in a part").1.extend_from_slice(&bytes);
                }
                Event::End => {}
                Event::Done => return Ok(parts),
                Event::Hungry if rest.is_empty() => return Err(Malformed("it ends early")),
                Event::Hungry => {
                    let (now, later) = rest.split_at(sizes.next().unwrap_or(1).clamp(1, rest.len()));
                    scanner.feed(Bytes::copy_from_slice(now));
                    rest = later;
                }
            }
        }
    }

    fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut form = Vec::new();
        for (disposition, body) in parts {
            form.extend_from_slice(
                format!("--edge\r\nContent-Disposition: {disposition}\r\n\r\n").as_bytes(),
            );
            form.extend_from_slice(body);
            form.extend_from_slice(b"\r\n");
        }
        form.extend_from_slice(b"--edge--\r\n");
        form
    }

    fn head(disposition: &str) -> PartHead {
        read(&form(&[(disposition, b"")]), &[7]).unwrap().remove(0).0
    }

    proptest! {
        /// A body made of what boundaries are made of is where a scanner goes wrong.
        #[test]
        fn a_form_is_read_as_it_was_written_however_it_arrives(
            bodies in proptest::collection::vec("([a\r\n-]|\r\n--edg|\r\n--|--edge){0,12}", 0..4),
            arrivals in proptest::collection::vec(1_usize..40, 1..6),
        ) {
            // A body that has the delimiter in it would be two.
            prop_assume!(bodies.iter().all(|body| !format!("\r\n{body}\r\n-").contains("\r\n--edge")));
            let parts: Vec<_> = bodies.iter().map(|body| ("form-data; name=\"a\"", body.as_bytes())).collect();
            let read: Vec<_> = read(&form(&parts), &arrivals).unwrap().into_iter().map(|(_, body)| body).collect();
            prop_assert_eq!(read, bodies.iter().map(|body| body.as_bytes().to_vec()).collect::<Vec<_>>());
        }

        /// Whatever arrives is a form or is not; it never ends the server.
        #[test]
        fn nonsense_is_malformed(form in "(--edge|\r\n|--|[ -~]|content-disposition: form-data){0,30}") {
            drop(read(form.as_bytes(), &[3, 5]));
        }
    }

    #[test]
    fn bytes_that_straddle_nothing_are_handed_on_without_a_copy() {
        let mut scanner = Scanner::new("edge");
        scanner.feed(Bytes::from_static(b"--edge\r\ncontent-disposition: form-data\r\n\r\n"));
        assert!(matches!(scanner.next(), Ok(Event::Begin(_))));
        assert_eq!(scanner.next(), Ok(Event::Hungry));
        let bytes = Bytes::from(vec![7; 1000]);
        scanner.feed(bytes.clone());
        let Ok(Event::Data(data)) = scanner.next() else { panic!("there is data") };
        assert_eq!((data.as_ptr(), data.len()), (bytes.as_ptr(), bytes.len()));
    }

    #[test]
    fn names_are_read_as_clients_write_them() {
        let named = |name: &str| Some(name.to_owned());
        for (disposition, field, file_name) in [
            ("form-data; name=\"file\"; filename=\"film.mp4\"", "file", named("film.mp4")),
            ("form-data; filename=film.mp4; name=file", "file", named("film.mp4")),
            ("FORM-DATA; Name=\"videoId\"", "videoId", None),
            ("form-data; name=\"a\"; filename=\"a\\\"b.mp4\"", "a", named("a\"b.mp4")),
            ("form-data; name=\"a\"; filename=\"a%22b;c.mp4\"", "a", named("a\"b;c.mp4")),
            ("form-data; name=\"a\"; filename=\"C:\\film.mp4\"", "a", named("C:\\film.mp4")),
            ("form-data; name=\"a\"; filename=\"\"", "a", named("")),
            ("form-data; name=\"a\"; filename=\"unended", "a", named("unended")),
        ] {
            assert_eq!(head(disposition), PartHead { field: field.into(), file_name }, "{disposition}");
        }
    }

    #[test]
    fn a_boundary_is_found_in_a_content_type() {
        assert_eq!(boundary_of("multipart/form-data; boundary=edge").as_deref(), Some("edge"));
        assert_eq!(
            boundary_of("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"").as_deref(),
            Some("a b")
        );
        let long = format!("multipart/form-data; boundary={}", "a".repeat(71));
        for nonsense in
            ["multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=a", &long]
        {
            assert_eq!(boundary_of(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_preamble_and_an_epilogue_do_not_matter() {
        let form = b"hello\r\n--edge \t\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--edge--\r\nbye --edge";
        let parts = read(form, &[1]).unwrap();
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].1, b"b");
    }

    #[test]
    fn what_is_no_form_is_refused() {
        let endless = [b"--edge\r\n".as_slice(), &b"a: b\r\n".repeat(5000)].concat();
        for nonsense in [
            b"--edge\r\nContent-Disposition: form-data\r\n\r\nno end".as_slice(),
            b"--edge\r\nContent-Type: text/plain\r\n\r\nno name\r\n--edge--",
            b"--edge\r\nContent-Disposition: attachment\r\n\r\n\r\n--edge--",
            b"--edge\r\nContent-Disposition form-data\r\n\r\n\r\n--edge--",
            b"--edgewise\r\n",
            b"no boundary at all",
            &endless,
        ] {
            assert!(read(nonsense, &[11]).is_err(), "{}", String::from_utf8_lossy(nonsense));
        }
    }
}
