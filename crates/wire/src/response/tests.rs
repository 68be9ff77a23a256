//! What is a response and what is not, by tables; and that it does not matter in which pieces the bytes come.

use proptest::prelude::*;

use super::{Bound, Ending, Event, Limits, RequestKind, ResponseError, ResponseParser};

/// What was made of some bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Seen {
    /// Status and fields of each interim response.
    interim: Vec<(u16, Vec<String>)>,
    head: Option<(u16, Vec<String>, bool)>,
    body: String,
    /// How many bytes were consumed, where the response ended.
    end: Option<usize>,
    /// What the end of the connection would mean, where it did not.
    ending: Option<Ending>,
    error: Option<ResponseError>,
}

fn fields(head: &super::Head<'_>) -> Vec<String> {
    head.fields().map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value))).collect()
}

/// Parses bytes that come in pieces which end at `cuts`.
fn parse(bytes: &[u8], cuts: &[usize], to: RequestKind, limits: Limits) -> Seen {
    let mut parser = ResponseParser::new(to, limits);
    let (mut seen, mut at) = (Seen::default(), 0);
    for end in cuts.iter().copied().chain([bytes.len()]) {
        if at > end {
            continue;
        }
        loop {
            let (consumed, event) = match parser.next(&bytes[at..end]) {
                Ok(next) => next,
                Err(error) => {
                    seen.error = Some(error);
                    return seen;
                }
            };
            at += consumed;
            assert!(at <= end, "consumed more than there is");
            match event {
                Event::NeedMore => break,
                Event::Interim(head) => seen.interim.push((head.status, fields(&head))),
                Event::Head(head) => seen.head = Some((head.status, fields(&head), head.is_persistent)),
                Event::Data(piece) => {
                    assert!(!piece.is_empty());
                    seen.body.push_str(&piece.escape_ascii().to_string());
                }
                Event::End => {
                    seen.end = Some(at);
                    return seen;
                }
            }
        }
    }
    seen.ending = Some(parser.ending(&bytes[at..]));
    seen
}

fn whole(bytes: &[u8]) -> Seen {
    parse(bytes, &[], RequestKind::Other, Limits::default())
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Each line: what comes, the body, whether the connection may be used again, and what is left unread.
#[test]
fn the_end_of_a_body_is_known_as_section_6_3_says() {
    for (text, body, is_persistent, left) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1", "hello", true, "HTTP/1.1"),
        ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "", true, ""),
        ("HTTP/1.1 200 OK\nContent-Length:\t5 \n\nhello", "hello", true, ""),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\ncontent-length: 005\r\n\r\nhello", "hello", true, ""),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", "", true, "hello"),
        ("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", "", true, ""),
        ("HTTP/1.1 101 Switching\r\nContent-Length: 5\r\n\r\n\0\0\0", "", false, "\0\0\0"),
        ("HTTP/1.1 200 OK\r\nConnection: a, Close\r\nContent-Length: 1\r\n\r\nx", "x", false, ""),
        ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", "x", false, ""),
        ("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx", "x", true, ""),
        // Transfer-Encoding overrides Content-Length, and leaves the connection in doubt.
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "hello",
            false,
            "",
        ),
        (
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "",
            false,
            "",
        ),
    ] {
        let seen = whole(text.as_bytes());
        let end = text.len() - left.len();
        assert_eq!((seen.body.as_str(), seen.end), (body, Some(end)), "of {text}: {seen:?}");
        assert_eq!(seen.head.map(|head| head.2), Some(is_persistent), "of {text}");
    }
}

#[test]
fn a_body_without_a_length_ends_with_the_connection() {
    for text in [
        "HTTP/1.1 200 OK\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\nhello",
    ] {
        let seen = whole(text.as_bytes());
        assert_eq!((seen.body.as_str(), seen.ending), ("hello", Some(Ending::Complete)), "of {text}");
        assert_eq!(seen.head.map(|head| head.2), Some(false), "of {text}");
    }
}

#[test]
fn the_response_to_head_or_connect_has_no_body() {
    let text = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    for (to, body) in [(RequestKind::Head, ""), (RequestKind::Connect, ""), (RequestKind::Other, "hello")] {
        assert_eq!(parse(text, &[], to, Limits::default()).body, body, "{to:?}");
    }
    let refused = b"HTTP/1.1 407 Auth\r\nContent-Length: 5\r\n\r\nhello";
    assert_eq!(parse(refused, &[], RequestKind::Connect, Limits::default()).body, "hello");
}

#[test]
fn chunks_are_joined_and_trailers_read_over() {
    for (chunks, body) in [
        ("0\r\n\r\n", ""),
        ("2;x=\"y\"\r\nhe\r\n0003 \r\nllo\r\n00\r\n\r\n", "hello"),
        ("A\r\n0123456789\r\n0;last\r\nX-Sum: caf\u{e9}\r\nY:\r\n\r\n", "0123456789"),
    ] {
        let text = format!("{CHUNKED}{chunks}");
        let seen = whole(text.as_bytes());
        assert_eq!((seen.body.as_str(), seen.end), (body, Some(text.len())), "of {chunks}: {seen:?}");
    }
}

#[test]
fn interim_responses_come_before_the_final_one() {
    let seen = whole(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 104 Resumption\r\nLocation: /u/1\r\nContent-Length: 9\r\n\r\n\
          HTTP/1.1 201 Created\r\nContent-Length: 0\r\nX-A:  b c \r\nX-A:\r\n\r\n",
    );
    let interim: Vec<_> = seen.interim.iter().map(|(status, fields)| (*status, fields.join("|"))).collect();
    assert_eq!(interim, [(100, String::new()), (104, "Location: /u/1|Content-Length: 9".to_owned())]);
    let (status, fields, _) = seen.head.expect("a head");
    assert_eq!((status, fields.join("|")), (201, "Content-Length: 0|X-A: b c|X-A: ".to_owned()));
}

#[test]
fn the_end_of_the_connection_means_something_else_at_each_place() {
    for (text, ending) in [
        ("", Ending::BeforeHead),
        ("HTTP/1.1 100 Continue\r\n\r\n", Ending::BeforeHead),
        ("H", Ending::InHead),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 2", Ending::InHead),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", Ending::InBody),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", Ending::InBody),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n", Ending::InBody),
        ("HTTP/1.1 200 OK\r\n\r\n", Ending::Complete),
    ] {
        assert_eq!(whole(text.as_bytes()).ending, Some(ending), "of {text}");
    }
}

#[test]
fn what_is_malformed_is_refused_in_plain_words() {
    let chunks = |text: &str| format!("{CHUNKED}{text}");
    for (text, words) in [
        ("SSH-2.0-OpenSSH_9.6\r\n".to_owned(), "it begins with: `SSH-2.0-OpenSSH_9.6\\r\\n`"),
        ("\r\nHTTP/1.1 200 OK\r\n\r\n".to_owned(), "it begins with: `\\r\\nHTTP/1.1 200 OK\\r\\n\\r\\n`"),
        ("HTTP/2 200\r\n\r\n".to_owned(), "it begins with: `HTTP/2 200\\r\\n\\r\\n`"),
        ("\u{15}\u{3}\u{1}\0\u{2}\u{2}F".to_owned(), "it speaks TLS: use https"),
        ("\0\0\u{12}\u{4}\0\0\0\0\0".to_owned(), "it speaks HTTP/2 only"),
        ("HTTP/1.7 200 OK\r\n\r\n".to_owned(), "the status line is malformed: `HTTP/1.7 200 OK`"),
        ("HTTP/1.1 2000 OK\r\n\r\n".to_owned(), "the status line is malformed: `HTTP/1.1 2000 OK`"),
        ("HTTP/1.1 099 OK\r\n\r\n".to_owned(), "status 099 is not in 100 to 999"),
        (
            "HTTP/1.1 200 OK\r\nA: b\r\nno colon\r\n\r\n".to_owned(),
            "a header field has no name, or no colon after it: `no colon`",
        ),
        (
            "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n".to_owned(),
            "a header field has no name, or no colon after it: ` folded`",
        ),
        (
            "HTTP/1.1 200 OK\r\nA: \u{1b}[31m\r\n\r\n".to_owned(),
            "a header field's value holds control characters: `A: \\x1b[31m`",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n".to_owned(),
            "Content-Length is not a number of bytes: `+5`",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n".to_owned(),
            "Content-Length is not a number of bytes: `99999999999999999999`",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n".to_owned(),
            "Content-Length is not a number of bytes: ``",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n".to_owned(),
            "Content-Length is given twice, and differs: `6`",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n".to_owned(),
            "Transfer-Encoding names the chunked coding twice",
        ),
        (chunks("x"), "a chunk size is not hexadecimal: `x`"),
        (chunks("-5\r\n"), "a chunk size is not hexadecimal: `-`"),
        (chunks("\r\n"), "a chunk size is not hexadecimal: `\\r`"),
        (chunks("5\nhello"), "a chunk size is not hexadecimal: `\\n`"),
        (chunks("00000000000000005\r\n"), "a chunk size has more than 16 digits"),
        (chunks("5;a\nhello"), "a chunk's size line does not end with CRLF"),
        (chunks("4\r\nhello\r\n"), "a chunk is longer than its size"),
        (chunks("5\r\nhello\r0"), "a chunk is longer than its size"),
        (chunks("0\r\nno colon\r\n\r\n"), "a trailer is not a header field: ` `"),
        (chunks("0\r\nA: \u{1b}\r\n\r\n"), "a trailer is not a header field: `\\x1b`"),
        (chunks("0\r\n\rx"), "a line of the chunked coding does not end with CRLF"),
    ] {
        assert_eq!(
            whole(text.as_bytes()).error.map(|error| error.to_string()).as_deref(),
            Some(words),
            "{text:?}"
        );
    }
}

#[test]
fn everything_has_a_bound_and_the_error_names_it() {
    const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let head = |filler: String| format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{filler}\r\n");
    let many = |count: usize| head("a:b\r\n".repeat(count - 1));
    let long = |len: usize| head(format!("a: {}\r\n", "x".repeat(len)));
    let interim = |count: usize| format!("{}{OK}", "HTTP/1.1 100 C\r\n\r\n".repeat(count));
    let body = |len: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {len}\r\n\r\n{}", "x".repeat(len));
    let close = |len: usize| format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(len));
    let one = |len: usize| format!("{CHUNKED}{len:x}\r\n{}\r\n0\r\n\r\n", "x".repeat(len));
    let trailers = |len: usize| format!("{CHUNKED}0\r\na:{}\r\n\r\n", "x".repeat(len));
    let extension = |len: usize| format!("{CHUNKED}1;{}\r\nx\r\n0\r\n\r\n", "x".repeat(len));
    let rest = long(0).len();
    for (fits, exceeds, bound) in [
        (many(256), many(257), Bound::Fields(256)),
        (long((64 << 10) - rest), long((64 << 10) - rest + 1), Bound::Head(64 << 10)),
        (interim((64 << 10) / 18), interim((64 << 10) / 18 + 1), Bound::Interim(64 << 10)),
        (body(1 << 20), body((1 << 20) + 1), Bound::Body(1 << 20)),
        (close(1 << 20), close((1 << 20) + 1), Bound::Body(1 << 20)),
        (one(1 << 20), one((1 << 20) + 1), Bound::Body(1 << 20)),
        // The name, the colon, the CR and the LF are a part of the trailers too.
        (trailers((16 << 10) - 3), trailers((16 << 10) - 2), Bound::Trailers(16 << 10)),
        (extension((16 << 10) - 4), extension(16 << 10), Bound::ChunkLines(16 << 10)),
    ] {
        let seen = whole(fits.as_bytes());
        assert_eq!(seen.error, None, "{bound}");
        let error = whole(exceeds.as_bytes()).error;
        assert_eq!(error, Some(ResponseError::Exceeded(bound)), "{bound}");
    }
    let endless = format!("HTTP/1.1 200 {}", "x".repeat(64 << 10));
    assert_eq!(whole(endless.as_bytes()).error, Some(ResponseError::Exceeded(Bound::Head(64 << 10))));
    let tiny = format!("{CHUNKED}{}", "1\r\nx\r\n".repeat(1 << 20));
    assert_eq!(whole(tiny.as_bytes()).error, None, "tiny chunks are a body like any other, up to its limit");
    assert_eq!(Bound::Interim(64 << 10).to_string(), "more than 64 KiB of interim (1xx) responses",);
}

/// A head that comes byte by byte is parsed once a line, not once a byte.
#[test]
fn a_head_that_comes_byte_by_byte_costs_no_more_than_its_lines() {
    let head = format!("HTTP/1.1 200 OK\r\n{}\r\n", format!("a: {}\r\n", "x".repeat(248)).repeat(250));
    let cuts: Vec<usize> = (0..head.len()).collect();
    let began = std::time::Instant::now();
    let seen = parse(head.as_bytes(), &cuts, RequestKind::Other, Limits::default());
    assert_eq!(seen.head.expect("a head").1.len(), 250);
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
}

/// Pieces of responses, right and wrong.
const PIECES: [&[u8]; 26] = [
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 204 \r\n",
    b"HTTP/1.0 500 No\n",
    b"HTTP/1.1 2",
    b"Content-Length: 5\r\n",
    b"Content-Length: 7\r\n",
    b"Content-Length: x\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip\r\n",
    b"X-A: b\r\n",
    b"X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
    b"no colon\r\n",
    b"Connection: close\r\n",
    b"\r\n",
    b"\r\n",
    b"\n",
    b"\r",
    b"5\r\nhello\r\n",
    b"5;x\r\nhel",
    b"lo\r\n",
    b"0\r\n",
    b"0\r\nX: y\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b"hello",
    b"\x15\x03\x00\xff",
];

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        9 => prop::sample::select(PIECES.to_vec()).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    let begun = prop_oneof![
        Just(PIECES[0].to_vec()),
        Just(CHUNKED.as_bytes().to_vec()),
        Just([PIECES[1], PIECES[0], PIECES[5]].concat()),
        Just(Vec::new())
    ];
    (begun, prop::collection::vec(piece, 0..12)).prop_map(|(begun, pieces)| [begun, pieces.concat()].concat())
}

fn kinds() -> impl Strategy<Value = RequestKind> {
    prop::sample::select(vec![RequestKind::Other, RequestKind::Head, RequestKind::Connect])
}

fn limits() -> impl Strategy<Value = Limits> {
    let tight = Limits { head: 90, interim: 60, body: 8, trailers: 5 };
    prop::sample::select(vec![Limits::default(), tight])
}

/// Which fault it is; the bytes that are shown with it are those at hand, and so is the guess at another protocol.
fn kind_of(error: &ResponseError) -> String {
    match error {
        ResponseError::Malformed(text) if text.starts_with("it ") => "not HTTP/1".to_owned(),
        ResponseError::Malformed(text) => text.split('`').next().unwrap_or_default().to_owned(),
        ResponseError::Exceeded(bound) => bound.to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_split_of_the_bytes_gives_the_same(
        bytes in bytes(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        to in kinds(),
        limits in limits(),
    ) {
        let at_once = parse(&bytes, &[], to, limits);
        let mut some: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        some.sort_unstable();
        let each: Vec<usize> = (0..bytes.len()).collect();
        for cuts in [some, each] {
            let mut split = parse(&bytes, &cuts, to, limits);
            prop_assert_eq!(split.error.as_ref().map(kind_of), at_once.error.as_ref().map(kind_of));
            split.error.clone_from(&at_once.error);
            prop_assert_eq!(&split, &at_once);
        }
    }

    #[test]
    fn no_bytes_make_it_panic_or_hold_more_than_it_may(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        begun in prop::sample::select(vec!["", "HTTP/1.1 200 OK\r\n", CHUNKED]),
        limits in limits(),
    ) {
        let bytes = [begun.as_bytes(), &bytes].concat();
        let seen = parse(&bytes, &[], RequestKind::Other, limits);
        if let Some(error) = seen.error {
            prop_assert!(error.to_string().bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{}", error);
        }
    }
}
