//! An answer as the interceptor reads, changes and writes it. It may not decide what is changed.

use uptake_wire::response::{Ending, Event, Limits, RequestKind, ResponseError, ResponseParser};

/// The most bytes of a body that can be changed; longer ones are passed on as they are.
pub(super) const MAX_BODY: u64 = 1 << 20;

/// A final answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The header fields in their order.
    pub(super) fields: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
    /// The statuses of the interim responses before it, without 100.
    pub(super) interim: Vec<u16>,
}

/// Fields that frame a message or belong to one connection.
const FRAMING: [&str; 5] = ["content-length", "transfer-encoding", "connection", "keep-alive", "trailer"];

/// Whether a field frames a message or belongs to one connection, and not to what the server says.
pub(super) fn is_framing(name: &str) -> bool {
    FRAMING.iter().any(|framing| name.eq_ignore_ascii_case(framing))
}

impl Answer {
    /// The first value of a field, as text.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let (_, value) = self.fields.iter().find(|(have, _)| have.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// The bytes of an answer that says this, and closes the connection.
    pub(super) fn to_bytes(&self, kind: RequestKind) -> Vec<u8> {
        let reason =
            http::StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason());
        let mut bytes = format!("HTTP/1.1 {} {}\r\n", self.status, reason.unwrap_or_default()).into_bytes();
        let has_body = kind != RequestKind::Head && !matches!(self.status, 204 | 304);
        for (name, value) in &self.fields {
            // An answer to HEAD tells the length that the body would have.
            let is_told = kind == RequestKind::Head && name.eq_ignore_ascii_case("content-length");
            if is_framing(name) && !is_told {
                continue;
            }
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        if has_body {
            bytes.extend_from_slice(format!("Content-Length: {}\r\n", self.body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"Connection: close\r\n\r\n");
        if has_body {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }
}

/// Reads an answer from bytes as they come.
pub(super) struct AnswerReader {
    parser: ResponseParser,
    /// Received and not parsed yet.
    buffer: Vec<u8>,
    answer: Answer,
    /// Interim answers that were not taken yet, with their statuses.
    interim: Vec<(u16, Vec<u8>)>,
}

impl AnswerReader {
    pub(super) fn new(kind: RequestKind) -> Self {
        let limits = Limits { body: MAX_BODY, ..Limits::default() };
        let parser = ResponseParser::new(kind, limits);
        Self { parser, buffer: Vec::new(), answer: Answer::default(), interim: Vec::new() }
    }

    /// The answer in `bytes`, where all of it is there.
    pub(super) fn whole(bytes: &[u8], kind: RequestKind) -> Option<Answer> {
        let mut reader = Self::new(kind);
        let is_whole = reader.feed(bytes).ok()? || reader.is_whole_at_end();
        is_whole.then_some(reader.answer)
    }

    /// Takes further bytes; says whether the answer is whole.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<bool, ResponseError> {
        self.buffer.extend_from_slice(bytes);
        loop {
            let (consumed, event) = self.parser.next(&self.buffer)?;
            match event {
                Event::NeedMore => {
                    self.buffer.drain(..consumed);
                    return Ok(false);
                }
                Event::Interim(head) => {
                    if head.status != 100 {
                        self.answer.interim.push(head.status);
                    }
                    self.interim.push((head.status, self.buffer[..consumed].to_vec()));
                }
                Event::Head(head) => {
                    self.answer.status = head.status;
                    self.answer.fields =
                        head.fields().map(|(name, value)| (name.to_owned(), value.to_vec())).collect();
                }
                Event::Data(piece) => self.answer.body.extend_from_slice(piece),
                Event::End => return Ok(true),
            }
            self.buffer.drain(..consumed);
        }
    }

    /// Whether the answer is whole if the connection ends now.
    pub(super) fn is_whole_at_end(&self) -> bool {
        self.parser.ending(&self.buffer) == Ending::Complete
    }

    /// The interim responses that came since the last call.
    pub(super) fn take_interim(&mut self) -> Vec<(u16, Vec<u8>)> {
        std::mem::take(&mut self.interim)
    }

    /// What was read.
    pub(super) fn into_answer(self) -> Answer {
        self.answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_written_again_with_a_length_of_its_own() {
        let bytes = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 409 No\r\nUpload-Offset: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
        let answer = AnswerReader::whole(bytes, RequestKind::Other).expect("it is whole");
        assert_eq!(
            (answer.status, answer.interim.as_slice(), answer.body.as_slice()),
            (409, &[103][..], &b"ok"[..])
        );
        assert_eq!(
            String::from_utf8(answer.to_bytes(RequestKind::Other)).expect("ASCII"),
            "HTTP/1.1 409 Conflict\r\nUpload-Offset: 5\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
        );
    }

    #[test]
    fn an_answer_to_head_keeps_the_length_that_it_tells() {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n";
        let answer = AnswerReader::whole(bytes, RequestKind::Head).expect("it is whole");
        let written = String::from_utf8(answer.to_bytes(RequestKind::Head)).expect("ASCII");
        assert_eq!(written, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n");
    }

    #[test]
    fn half_an_answer_is_none() {
        for bytes in
            ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", "SSH-2.0\r\n"]
        {
            assert_eq!(AnswerReader::whole(bytes.as_bytes(), RequestKind::Other), None, "{bytes:?}");
        }
    }
}
