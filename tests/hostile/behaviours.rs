//! The table: what a server does, and what each command may make of it.

use std::time::Duration;

use super::server::Act::{self, Drip, Flood, Hang, Read, ReadHead, Reset, Say, Trickle, Wait};

/// What a server does to whoever asks.
pub(crate) struct Behaviour {
    pub(crate) name: &'static str,
    pub(crate) script: Vec<Act>,
    pub(crate) is: Kind,
}

/// What a behaviour amounts to; the exit codes of the commands follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It is the answer that was expected, in an unusual form.
    Right,
    /// It is HTTP, and not the answer that was expected.
    Wrong,
    /// It is not a whole answer of HTTP: the server's fault.
    Broken,
    /// The connection breaks, or nothing more comes: the server's fault or the network's.
    Lost,
    /// The server asks for patience that nobody has.
    Busy,
    /// It is the answer that was expected, and no other is to be had for a day.
    Last,
}

const TICK: Duration = Duration::from_millis(100);

fn say(bytes: impl AsRef<[u8]>) -> Act {
    Say(bytes.as_ref().to_vec())
}

/// A 201 with these headers, each with its CRLF, and what follows the head.
fn created(headers: &str, rest: impl AsRef<[u8]>) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 201 Created\r\n{headers}\r\n").into_bytes();
    bytes.extend_from_slice(rest.as_ref());
    bytes
}

const JSON: &str = r#"{"videoId":"vi1"}"#;

/// The answer that every command wants, with these headers beside its own.
fn right(headers: &str) -> Vec<u8> {
    whole(headers, JSON)
}

/// A 201 with this body, whose length is told.
fn whole(headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    created(&format!("{headers}Content-Length: {}\r\n", body.as_ref().len()), body)
}

fn chunked(rest: impl AsRef<[u8]>) -> Vec<u8> {
    created("Transfer-Encoding: chunked\r\n", rest)
}

fn status(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// The body in chunks of so many bytes.
fn chunks(body: &str, size: usize) -> String {
    let chunk = |part: &[u8]| format!("{:x}\r\n{}\r\n", part.len(), String::from_utf8_lossy(part));
    let chunks: String = body.as_bytes().chunks(size).map(chunk).collect();
    format!("{chunks}0\r\n\r\n")
}

/// A body under a name of a JSON member.
fn text(text: &str) -> Vec<u8> {
    let json = serde_json::json!({ "title": text, "detail": text, "type": text }).to_string();
    status("400 Bad Request", "Content-Type: application/problem+json\r\n", &json)
}

fn after_request(name: &'static str, is: Kind, acts: impl IntoIterator<Item = Act>) -> Behaviour {
    Behaviour { name, script: [Read].into_iter().chain(acts).collect(), is }
}

/// All of them.
pub(crate) fn table() -> Vec<Behaviour> {
    let mut table = unusual();
    table.extend(endless());
    table.extend(false_lengths());
    table.extend(not_http());
    table.extend(broken_connections());
    table.extend(bad_news());
    table.extend(nasty_contents());
    table
}

fn unusual() -> Vec<Behaviour> {
    let is = Kind::Right;
    let one = |name, bytes: Vec<u8>| after_request(name, is, [Say(bytes)]);
    vec![
        one("an answer as it should be", right("")),
        after_request("an answer byte by byte", is, [Drip(right(""))]),
        after_request(
            "a body some time after its head",
            is,
            [say(created("Content-Length: 17\r\n", "")), Wait(TICK), say(JSON)],
        ),
        after_request(
            "interim responses before the final one",
            is,
            [say("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(10)), Say(right(""))],
        ),
        one("chunks of a byte", chunked(chunks(JSON, 1))),
        one(
            "chunks with extensions and trailers",
            chunked("11;a=\"b\"\r\n{\"videoId\":\"vi1\"}\r\n0;c\r\nX-Sum: 1\r\n\r\n"),
        ),
        one("a body to the end of the connection", created("", JSON)),
        one("an answer of HTTP/1.0", [b"HTTP/1.0 201 Created\r\n\r\n", JSON.as_bytes()].concat()),
        one(
            "a status without a reason",
            [b"HTTP/1.1 201\r\nContent-Length: 17\r\n\r\n", JSON.as_bytes()].concat(),
        ),
        one(
            "lines that end with LF alone",
            [b"HTTP/1.1 201 Created\nContent-Length: 17\n\n", JSON.as_bytes()].concat(),
        ),
        one("the same length twice", right("Content-Length: 17, 17\r\n")),
        one(
            "a length and chunks",
            created("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", chunks(JSON, 5)),
        ),
        one("200 headers", right(&(0..200).map(|at| format!("X-{at}: {at}\r\n")).collect::<String>())),
        one("a header of 32 KiB", right(&format!("X-Long: {}\r\n", "x".repeat(32 << 10)))),
        one("bytes that are no UTF-8 in a header", {
            let mut bytes =
                b"HTTP/1.1 201 Created\r\nX-Name: \xff\xfe\xe9\r\nContent-Length: 17\r\n\r\n".to_vec();
            bytes.extend_from_slice(JSON.as_bytes());
            bytes
        }),
        one("an answer that closes the connection", right("Connection: close\r\n")),
    ]
}

fn endless() -> Vec<Behaviour> {
    let broken = |name, acts: Vec<Act>| after_request(name, Kind::Broken, acts);
    let lost = |name, acts: Vec<Act>| after_request(name, Kind::Lost, acts);
    let flood = |bytes: &str| Flood(bytes.repeat(16_384 / bytes.len()).into_bytes());
    let head = || say("HTTP/1.1 201 Created\r\n");
    let drip = |text: &str| Trickle(text.as_bytes().to_vec(), TICK);
    vec![
        Behaviour {
            name: "nothing is read and nothing answered",
            script: vec![Wait(Duration::from_secs(600))],
            is: Kind::Lost,
        },
        lost("no response", vec![Hang]),
        lost("a status line without end, slowly", vec![say("HTTP/1.1 201 "), drip("x")]),
        lost("a head without end, slowly", vec![head(), drip("X: y\r\n")]),
        lost("a body that never comes", vec![say(created("Content-Length: 17\r\n", "")), Hang]),
        lost("a body by length, slowly", vec![say(created("Content-Length: 1000000\r\n", "")), drip("x")]),
        lost("chunks without end, slowly", vec![say(chunked("")), drip("1\r\nx\r\n")]),
        lost("a chunk's size without end, slowly", vec![say(chunked("1;")), drip("x")]),
        lost("a body to the end of a connection that has none", vec![say(created("", "")), drip("x")]),
        lost("trailers without end, slowly", vec![say(chunked("0\r\n")), drip("X: y\r\n")]),
        lost("interim responses without end, slowly", vec![drip("HTTP/1.1 102 Processing\r\n\r\n")]),
        broken("a flood of a status line", vec![say("HTTP/1.1 201 "), flood("x")]),
        broken("a flood of headers", vec![head(), flood("X: y\r\n")]),
        broken("a flood of one header", vec![head(), say("X: "), flood("x")]),
        broken("a flood of empty lines", vec![flood("\r\n")]),
        broken("a flood of interim responses", vec![flood("HTTP/1.1 100 Continue\r\n\r\n")]),
        broken(
            "a flood of interim responses with headers",
            vec![flood("HTTP/1.1 103 Hints\r\nLink: </a>; rel=b\r\n\r\n")],
        ),
        broken(
            "a body of a petabyte",
            vec![say(created("Content-Length: 1000000000000000\r\n", "")), flood("x")],
        ),
        broken("a flood of tiny chunks", vec![say(chunked("")), flood("1\r\nx\r\n")]),
        broken("a chunk of 16 exabytes", vec![say(chunked("ffffffffffffffff\r\n")), flood("x")]),
        broken("a flood of a chunk's extension", vec![say(chunked("1;")), flood("x")]),
        broken(
            "a flood of chunk extensions",
            vec![say(chunked("")), Flood(format!("1;{}\r\nx\r\n", "y".repeat(4_000)).into_bytes())],
        ),
        broken("a flood of a body to the end", vec![say(created("", "")), flood("x")]),
        broken("a flood of trailers", vec![say(chunked("0\r\n")), flood("X: y\r\n")]),
        broken("an answer of 50 MB", vec![say(whole("", "x".repeat(50_000_000)))]),
    ]
}

fn false_lengths() -> Vec<Behaviour> {
    let lengths = |name, headers: &str| after_request(name, Kind::Broken, [Say(created(headers, JSON))]);
    let broken = |name, rest: &str| after_request(name, Kind::Broken, [Say(chunked(rest))]);
    let lost = |name, bytes: Vec<u8>| after_request(name, Kind::Lost, [Say(bytes)]);
    vec![
        lost("a body that is shorter than its length", created("Content-Length: 18\r\n", JSON)),
        after_request(
            "a body that is longer than its length",
            Kind::Right,
            [Say(created("Content-Length: 17\r\n", format!("{JSON}more")))],
        ),
        lengths("a length below zero", "Content-Length: -1\r\n"),
        lengths("a length with a plus sign", "Content-Length: +17\r\n"),
        lengths("a length that is no number", "Content-Length: long\r\n"),
        lengths("a length that is empty", "Content-Length:\r\n"),
        lengths("a length beyond 64 bits", "Content-Length: 18446744073709551617\r\n"),
        lengths("two lengths that differ", "Content-Length: 17\r\nContent-Length: 18\r\n"),
        lengths("chunked twice over", "Transfer-Encoding: chunked, chunked\r\n"),
        broken("a chunk size that is no number", "xyz\r\n"),
        broken("a chunk size below zero", "-1\r\n"),
        broken("a chunk size beyond 64 bits", "11111111111111111\r\n"),
        broken("a chunk that is longer than its size", "5\r\nhello world\r\n0\r\n\r\n"),
        broken("a trailer that is none", "0\r\nthis is no trailer\r\n\r\n"),
        lost("a chunk that is shorter than its size", chunked("64\r\nhello\r\n0\r\n\r\n")),
        lost("chunks without a last one", chunked("5\r\nhello\r\n")),
        after_request(
            "another protocol that nobody asked for",
            Kind::Wrong,
            [say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\0\0\0")],
        ),
    ]
}

fn not_http() -> Vec<Behaviour> {
    let is = Kind::Broken;
    let one = |name, bytes: &[u8]| after_request(name, is, [say(bytes)]);
    vec![
        Behaviour { name: "the banner of SSH", script: vec![say("SSH-2.0-OpenSSH_9.6\r\n"), Hang], is },
        Behaviour { name: "the greeting of SMTP", script: vec![say("220 mail.example ESMTP\r\n"), Hang], is },
        one("an alert of TLS", b"\x15\x03\x01\x00\x02\x02\x46"),
        one("a frame of HTTP/2", b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64"),
        one("a status line of HTTP/2", b"HTTP/2 201\r\n\r\n"),
        one("a page without a head", b"<html><body>201</body></html>"),
        one("a status below 100", b"HTTP/1.1 099 Odd\r\n\r\n"),
        one("a status of four digits", b"HTTP/1.1 2010 Odd\r\n\r\n"),
        one("a header without a colon", b"HTTP/1.1 201 Created\r\nno colon here\r\n\r\n"),
        one("a header with a space in its name", b"HTTP/1.1 201 Created\r\nContent Length: 0\r\n\r\n"),
        one("a header on two lines", b"HTTP/1.1 201 Created\r\nX: a\r\n b\r\n\r\n"),
        one("control bytes in a header", b"HTTP/1.1 201 Created\r\nX: \x1b[31m\x07\r\n\r\n"),
        after_request(
            "bytes at random",
            is,
            [say((0..4_096_u32)
                .map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[1])
                .collect::<Vec<_>>())],
        ),
        after_request("a flood of zeros", is, [Flood(vec![0; 16_384])]),
        after_request(
            "300 headers",
            is,
            [Say(right(&(0..300).map(|at| format!("X-{at}: {at}\r\n")).collect::<String>()))],
        ),
        after_request(
            "a header of 70 KiB",
            is,
            [Say(right(&format!("X-Long: {}\r\n", "x".repeat(70 << 10))))],
        ),
    ]
}

fn broken_connections() -> Vec<Behaviour> {
    let lost = |name, script: Vec<Act>| Behaviour { name, script, is: Kind::Lost };
    vec![
        lost("a connection that is closed at once", vec![]),
        lost("a connection that is reset at once", vec![Reset]),
        lost("a close after the request's head", vec![ReadHead]),
        lost("a reset after the request's head", vec![ReadHead, Reset]),
        lost("a close instead of an answer", vec![Read]),
        lost("a reset instead of an answer", vec![Read, Reset]),
        lost("a close amid the answer's head", vec![Read, say("HTTP/1.1 201 Created\r\nContent-")]),
        lost(
            "a reset amid the answer's head",
            vec![Read, say("HTTP/1.1 201 Created\r\nContent-"), Wait(TICK), Reset],
        ),
        lost(
            "a reset amid the answer's body",
            vec![Read, say(created("Content-Length: 100\r\n", "half")), Wait(TICK), Reset],
        ),
        lost("a reset amid a body to the end", vec![Read, say(created("", "half")), Wait(TICK), Reset]),
        lost("a close after an interim response", vec![Read, say("HTTP/1.1 100 Continue\r\n\r\n")]),
        Behaviour {
            name: "a reset after the answer",
            script: vec![Read, Say(right("")), Wait(TICK), Reset],
            is: Kind::Right,
        },
    ]
}

fn bad_news() -> Vec<Behaviour> {
    let wrong = |name, bytes: Vec<u8>| after_request(name, Kind::Wrong, [Say(bytes)]);
    let busy = |name, bytes: Vec<u8>| after_request(name, Kind::Busy, [Say(bytes)]);
    vec![
        Behaviour {
            name: "a refusal before the body is read",
            script: vec![ReadHead, Say(status("413 Too Large", "Connection: close\r\n", "")), Hang],
            is: Kind::Wrong,
        },
        Behaviour {
            name: "a refusal and a reset before the body is read",
            script: vec![ReadHead, Say(status("413 Too Large", "", "")), Wait(TICK), Reset],
            is: Kind::Wrong,
        },
        wrong("a redirect to itself", status("307 Temporary Redirect", "Location: /upload\r\n", "")),
        wrong(
            "a redirect to a place with a password",
            status("302 Found", "Location: http://me:secret@127.0.0.1:1/\r\n", ""),
        ),
        wrong("a status that nobody knows", status("799 What", "", "")),
        wrong("an error of the server", status("500 Internal Server Error", "", "<html>oops</html>")),
        busy("patience for a day", status("429 Too Many Requests", "Retry-After: 86400\r\n", "")),
        busy(
            "patience until a date far ahead",
            status("429 Too Many Requests", "Retry-After: Sun, 31 Dec 2299 23:59:59 GMT\r\n", ""),
        ),
        busy(
            "patience until a second of the epoch",
            status("429 Too Many Requests", "Retry-After: 4102444800\r\n", ""),
        ),
        busy(
            "patience for longer than time lasts",
            status("429 Too Many Requests", "Retry-After: 99999999999999999999\r\n", ""),
        ),
        busy("unavailable for a day", status("503 Service Unavailable", "Retry-After: 86400\r\n", "")),
        after_request(
            "no calls left for a day",
            Kind::Last,
            [Say(right(
                "X-RateLimit-Limit: 1\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Retry-After: 86400\r\n",
            ))],
        ),
    ]
}

fn nasty_contents() -> Vec<Behaviour> {
    let wrong = |name, bytes: Vec<u8>| after_request(name, Kind::Wrong, [Say(bytes)]);
    let json = |name, body: String| {
        after_request(
            name,
            Kind::Wrong,
            [Say(status("400 Bad Request", "Content-Type: application/json\r\n", &body))],
        )
    };
    vec![
        json("JSON 400,000 levels deep", "[".repeat(400_000)),
        json("JSON objects 100,000 levels deep", "{\"a\":".repeat(100_000)),
        json("JSON of 900 KB", format!("[{}0]", "123456,".repeat(128_000))),
        json("a JSON text of 900 KB", format!("\"{}\"", "x".repeat(900_000))),
        json(
            "a JSON object of 60,000 members",
            format!("{{{}\"z\":0}}", (0..60_000).map(|at| format!("\"k{at}\":0,")).collect::<String>()),
        ),
        json("a JSON number of 100,000 digits", "9".repeat(100_000)),
        json("JSON that is none", "{\"a\": NaN, \"a\": 1, }".to_owned()),
        after_request(
            "JSON of 3 MB",
            Kind::Broken,
            [Say(whole("Content-Type: application/json\r\n", format!("[{}0]", "123456,".repeat(430_000))))],
        ),
        wrong("control bytes and escapes", text("\u{1b}[2J\u{1b}]0;owned\u{7}\u{8}\u{0}\u{9b}31m\r\u{85}")),
        wrong(
            "control bytes that are not escaped",
            status("400 Bad Request", "", "\u{1b}[2J\u{1b}]0;owned\u{7}\u{0}\u{1b}[31m\r\nx\ry"),
        ),
        wrong(
            "workflow commands",
            text(
                "x\n::error file=a,line=1::owned\n##[error]owned\n::set-output name=a::b\r::stop-commands::x",
            ),
        ),
        wrong(
            "workflow commands that are not escaped",
            status("400 Bad Request", "", "\n::error file=a::owned\n##vso[task.logissue]owned\n"),
        ),
        wrong(
            "markup",
            text(
                "</script><script>alert(1)</script> ]]> <![CDATA[ &amp; | a | `b` ``` \n---\n# h [l](javascript:alert(1)) <img src=x onerror=y>",
            ),
        ),
        wrong("text that turns around", text("\u{202e}gnp.exe\u{2066}\u{200b}\u{feff}\u{e0001}")),
        wrong("bytes that are no UTF-8", {
            let mut bytes = status("400 Bad Request", "", "0123456789");
            let at = bytes.len() - 10;
            bytes[at..].copy_from_slice(b"\xff\xfe\xc0\x80\xed\xa0\x80\xf8\x88\x80");
            bytes
        }),
        wrong(
            "a reason with markup",
            b"HTTP/1.1 400 <b>::error::x</b>\r\nContent-Length: 0\r\n\r\n".to_vec(),
        ),
        wrong("200 cookies", status("400 Bad Request", &"Set-Cookie: a=b; HttpOnly\r\n".repeat(200), "")),
        wrong(
            "a line of 300 KB",
            status("400 Bad Request", "Content-Type: text/plain\r\n", &"x".repeat(300_000)),
        ),
    ]
}
