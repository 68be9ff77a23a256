//! The head of a request.

/// What the head says of the content that follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// So many bytes; none where neither length nor coding is named.
    Length(u64),
    /// In chunks.
    Chunked,
}

/// A request's head.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) method: String,
    /// Without the query.
    pub(super) path: String,
    fields: Vec<(String, String)>,
    pub(super) framing: Framing,
    /// Whether the connection may carry another request.
    pub(super) keeps_alive: bool,
}

/// A head that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// The most fields of a request.
const MOST_FIELDS: usize = 128;

impl Head {
    /// Reads a head from the beginning of `bytes`, with its length; none where it is not whole yet.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, Malformed> {
        let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
        let mut request = httparse::Request::new(&mut fields);
        let length = match request.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err(Malformed),
        };
        let text = |value: &[u8]| String::from_utf8_lossy(value).trim_matches([' ', '\t']).to_owned();
        let fields: Vec<_> =
            request.headers.iter().map(|field| (field.name.to_owned(), text(field.value))).collect();
        let target = request.path.unwrap_or_default();
        let path = match target.strip_prefix("http://").and_then(|rest| rest.find('/').map(|at| &rest[at..]))
        {
            Some(path) => path,
            None => target,
        };
        let path = path.split('?').next().unwrap_or_default().to_owned();
        let is_http11 = request.version == Some(1);
        let mut head = Self {
            method: request.method.unwrap_or_default().to_owned(),
            path,
            fields,
            framing: Framing::Length(0),
            keeps_alive: is_http11,
        };
        head.framing = head.framed()?;
        head.keeps_alive &=
            !head.field("Connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        Ok(Some((head, length)))
    }

    /// The first value of a field.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(have, _)| have.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The media type of the content, without parameters, in lower case.
    pub(super) fn media_type(&self) -> Option<String> {
        let value = self.field("Content-Type")?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// The length of the content, where it is declared.
    pub(super) fn content_length(&self) -> Option<u64> {
        match self.framing {
            // A request without both fields has no content, which is a length as well.
            Framing::Length(length) => Some(length),
            Framing::Chunked => None,
        }
    }

    /// Whether the client waits to be told to send its content.
    pub(super) fn expects_continue(&self) -> bool {
        self.field("Expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue"))
    }

    fn framed(&self) -> Result<Framing, Malformed> {
        let coding = self.field("Transfer-Encoding");
        let lengths: Vec<_> =
            self.fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("Content-Length")).collect();
        match (coding, lengths.as_slice()) {
            (Some(coding), []) if coding.eq_ignore_ascii_case("chunked") => Ok(Framing::Chunked),
            (None, []) => Ok(Framing::Length(0)),
            (None, [(_, length)]) if length.bytes().all(|byte| byte.is_ascii_digit()) => {
                length.parse().map(Framing::Length).map_err(|_| Malformed)
            }
            // Two ways to say where the content ends let one request hide in another.
            _ => Err(Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Option<(Head, usize)>, Malformed> {
        Head::parse(text.as_bytes())
    }

    #[test]
    fn a_head_says_where_its_content_ends() {
        let (head, length) = parse("PUT /a?b HTTP/1.1\r\nContent-Length: 7\r\n\r\nrest").unwrap().unwrap();
        assert_eq!((head.path.as_str(), head.framing, length), ("/a", Framing::Length(7), 40));
        let (head, _) = parse("PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap().unwrap();
        assert_eq!((head.framing, head.content_length()), (Framing::Chunked, None));
        assert!(parse("PUT /a HTTP/1.1\r\n").unwrap().is_none());
    }

    #[test]
    fn a_head_that_contradicts_itself_is_malformed() {
        for fields in [
            "Content-Length: 1\r\nTransfer-Encoding: chunked",
            "Content-Length: 1\r\nContent-Length: 2",
            "Content-Length: +1",
            "Transfer-Encoding: gzip",
        ] {
            let text = format!("PUT /a HTTP/1.1\r\n{fields}\r\n\r\n");
            assert_eq!(parse(&text).unwrap_err(), Malformed, "{fields}");
        }
    }
}
