//! A parser for `multipart/form-data` that hands on a part's bytes as the slices in which they arrived.
//!
//! It does no input and knows no limits but its own: the headers of one part must stay small. Nothing is copied except
//! what straddles two arrivals.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use memchr::memmem::Finder;

use super::disposition::PartHead;

/// The headers of one part may be this long.
const MAX_HEADERS: usize = 16 * 1024;

/// What the parser found next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// A part begins.
    Begin(PartHead),
    /// Some of its bytes.
    Data(Bytes),
    /// It ends.
    End,
    /// The last boundary was seen; whatever follows does not matter.
    Done,
    /// Nothing can be said before more has arrived.
    NeedsMore,
}

/// The body is not a multipart form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the multipart form is malformed: {0}")]
pub(crate) struct Malformed(pub(crate) &'static str);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Preamble,
    AfterBoundary,
    Headers,
    Body,
    Done,
}

/// The state between two arrivals.
pub(crate) struct Parser {
    finder: Finder<'static>,
    place: Place,
    /// What was held back, because a boundary may begin in it or a line has not ended yet.
    held: Bytes,
    arrived: VecDeque<Bytes>,
}

impl Parser {
    /// A parser for the boundary that a Content-Type names.
    pub(crate) fn new(boundary: &str) -> Self {
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
    pub(crate) fn feed(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.arrived.push_back(bytes);
        }
    }

    /// What comes next.
    pub(crate) fn next(&mut self) -> Result<Event, Malformed> {
        loop {
            let event = match self.place {
                Place::Done => Some(Event::Done),
                Place::Preamble | Place::Body => self.until_boundary()?,
                Place::AfterBoundary => self.after_boundary()?,
                Place::Headers => self.headers()?,
            };
            match event {
                Some(event) => return Ok(event),
                None if self.arrived.is_empty() => return Ok(Event::NeedsMore),
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
            _ => Err(Malformed("a boundary is not followed by a line break")),
        }
    }

    fn headers(&mut self) -> Result<Option<Event>, Malformed> {
        let mut slots = [httparse::EMPTY_HEADER; 16];
        match httparse::parse_headers(&self.held, &mut slots) {
            Ok(httparse::Status::Complete((length, headers))) => {
                let head = PartHead::read(headers).map_err(Malformed)?;
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Everything that a form has, however its bytes arrive.
    fn read(form: &[u8], arrivals: &[usize]) -> Result<Vec<(PartHead, Vec<u8>)>, Malformed> {
        let mut parser = Parser::new("edge");
        let mut parts = Vec::new();
        let mut rest = form;
        let mut sizes = arrivals.iter().copied().cycle();
        loop {
            match parser.next()? {
                Event::Begin(head) => parts.push((head, Vec::new())),
                Event::Data(bytes) => {
                    parts.last_mut().expect("data lies in a part").1.extend_from_slice(&bytes);
                }
                Event::End => {}
                Event::Done => return Ok(parts),
                Event::NeedsMore if rest.is_empty() => return Err(Malformed("it ends early")),
                Event::NeedsMore => {
                    let (now, later) = rest.split_at(sizes.next().unwrap_or(1).clamp(1, rest.len()));
                    parser.feed(Bytes::copy_from_slice(now));
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

    proptest! {
        /// A body made of what boundaries are made of is where a parser goes wrong.
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
        let mut parser = Parser::new("edge");
        parser.feed(Bytes::from_static(b"--edge\r\ncontent-disposition: form-data\r\n\r\n"));
        assert!(matches!(parser.next(), Ok(Event::Begin(_))));
        assert_eq!(parser.next(), Ok(Event::NeedsMore));
        let bytes = Bytes::from(vec![7; 1000]);
        parser.feed(bytes.clone());
        let Ok(Event::Data(data)) = parser.next() else { panic!("there is data") };
        assert_eq!((data.as_ptr(), data.len()), (bytes.as_ptr(), bytes.len()));
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
