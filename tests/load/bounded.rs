//! Responses that drip, flood, hang, lie or never end: each ends within the profile's `answer` timeout, with a class of error,
//! and in bounded memory.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use uptake_outcome::load::LoadRun;

use super::common::Folder;
use super::load;

/// What a server does once it has read a request.
type Behaviour = fn(&mut TcpStream) -> io::Result<()>;

/// Its name, the class of the error that it leads to (`""` for none), and the behaviour.
const BEHAVIOURS: [(&str, &str, Behaviour); 28] = [
    ("a response byte by byte", "timeout", |socket| {
        drip(socket, b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
    }),
    ("a head without end, slowly", "timeout", |socket| {
        socket.write_all(b"HTTP/1.1 201 Created\r\n")?;
        forever_slowly(socket, b"X-Padding: 0\r\n")
    }),
    ("a head without end, quickly", "too-large", |socket| {
        socket.write_all(b"HTTP/1.1 201 Created\r\n")?;
        forever(socket, b"X-Padding: 0123456789\r\n")
    }),
    ("a header field without end", "too-large", |socket| {
        socket.write_all(b"HTTP/1.1 201 Created\r\nX-Padding: ")?;
        forever(socket, b"0123456789")
    }),
    ("a slow body by length", "timeout", |socket| {
        socket.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n")?;
        forever_slowly(socket, b"x")
    }),
    ("an endless body by length", "too-large", |socket| {
        socket.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 18446744073709551615\r\n\r\n")?;
        forever(socket, &[b'x'; 1024])
    }),
    ("a slow chunked body", "timeout", |socket| {
        socket.write_all(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        forever_slowly(socket, b"1\r\nx\r\n")
    }),
    ("an endless chunked body", "too-large", |socket| {
        socket.write_all(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        forever(socket, b"10\r\n0123456789abcdef\r\n")
    }),
    ("tiny chunks without end", "too-large", |socket| {
        socket.write_all(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        forever(socket, b"1\r\nx\r\n")
    }),
    ("an endless chunk extension", "too-large", |socket| {
        socket.write_all(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n1;")?;
        forever(socket, b"extension")
    }),
    ("a chunk that is longer than its size", "protocol", |socket| {
        socket.write_all(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n")
    }),
    ("a slow body to the end of the connection", "timeout", |socket| {
        socket.write_all(b"HTTP/1.1 201 Created\r\n\r\n")?;
        forever_slowly(socket, b"x")
    }),
    ("an endless body to the end of the connection", "too-large", |socket| {
        socket.write_all(b"HTTP/1.1 201 Created\r\n\r\n")?;
        forever(socket, &[b'x'; 1024])
    }),
    ("endless trailers", "too-large", |socket| {
        socket.write_all(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")?;
        forever(socket, b"X-Trailer: 0123456789\r\n")
    }),
    ("slow trailers", "timeout", |socket| {
        socket.write_all(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")?;
        forever_slowly(socket, b"X-Trailer: 0\r\n")
    }),
    ("a flood of interim responses", "too-large", |socket| {
        forever(socket, b"HTTP/1.1 102 Processing\r\n\r\n")
    }),
    ("slow interim responses", "timeout", |socket| {
        forever_slowly(socket, b"HTTP/1.1 102 Processing\r\n\r\n")
    }),
    ("silence", "timeout", |_| {
        hang();
        Ok(())
    }),
    ("half a head, and silence", "timeout", |socket| {
        socket.write_all(b"HTTP/1.1 201 Crea")?;
        hang();
        Ok(())
    }),
    ("half a head, and the end", "closed", |socket| socket.write_all(b"HTTP/1.1 201 Crea")),
    ("half a body, and the end", "closed", |socket| {
        socket.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nhalf")
    }),
    ("the end at once", "closed", |_| Ok(())),
    ("another protocol", "protocol", |socket| forever(socket, b"SSH-2.0-OpenSSH_9.6\r\n")),
    ("another protocol without a line end", "protocol", |socket| forever(socket, b"\x00\x01\x02\x03")),
    ("a status of nothing", "protocol", |socket| socket.write_all(b"HTTP/1.1 000 Nothing\r\n\r\n")),
    ("a length that is not a number", "protocol", |socket| {
        socket.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: +5\r\n\r\nfirst")
    }),
    ("two lengths that differ", "protocol", |socket| {
        socket.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nfirst")
    }),
    ("an ordinary response", "", |socket| {
        socket
            .write_all(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}")
    }),
];

/// Longer than any test waits.
const LONG: Duration = Duration::from_secs(60);
/// The answer timeout of the profile.
const ANSWER: Duration = Duration::from_secs(2);
/// How long a run may take: the timeout, and what a busy machine needs to start a process.
const MOST: Duration = Duration::from_secs(15);

fn hang() {
    std::thread::park_timeout(LONG);
}

fn drip(socket: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    for byte in bytes {
        socket.write_all(&[*byte])?;
        std::thread::park_timeout(ANSWER / 4);
    }
    Ok(())
}

fn forever_slowly(socket: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    loop {
        socket.write_all(bytes)?;
        std::thread::park_timeout(ANSWER / 4);
    }
}

fn forever(socket: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    let many = bytes.repeat(16_384 / bytes.len() + 1);
    loop {
        socket.write_all(&many)?;
    }
}

/// Reads the head and the body of a request.
fn read_request(socket: &mut TcpStream) -> io::Result<()> {
    let mut received = Vec::new();
    let mut buffer = [0; 4_096];
    loop {
        let count = socket.read(&mut buffer)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        received.extend_from_slice(&buffer[..count]);
        if received.ends_with(b"--\r\n") {
            return Ok(());
        }
    }
}

fn start(behaviour: Behaviour) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.expect("a caller");
            std::thread::spawn(move || {
                socket.set_nodelay(true).expect("a socket");
                if read_request(&mut socket).is_ok() {
                    // That the caller is gone is what is wanted.
                    let _ = behaviour(&mut socket);
                }
            });
        }
    });
    url
}

fn run(behaviour: Behaviour, arguments: &[&str]) -> (LoadRun, Duration) {
    let folder = Folder::new();
    let timeouts = format!("timeouts: {{ answer: {}s }}", ANSWER.as_secs());
    let profile = format!("target: a test server\nbase-url: {}\n{timeouts}\n", start(behaviour));
    let profile = folder.write("target.yaml", &profile);
    let own = ["--target", &profile, "--upload-token", "a-token", "--size", "1KiB"];
    let began = Instant::now();
    let (ended, run) = load(&folder, &[&own, arguments].concat());
    (run.unwrap_or_else(|| panic!("no report: {}", ended.stderr)), began.elapsed())
}

#[test]
fn every_response_ends_in_time_and_in_bounds() {
    std::thread::scope(|scope| {
        // A few at a time: each is a process.
        for group in BEHAVIOURS.chunks(7) {
            let runs: Vec<_> = group
                .iter()
                .map(|(name, class, behaviour)| {
                    let run = scope.spawn(|| run(*behaviour, &["--uploads", "1", "--uploaders", "1"]));
                    (name, class, run)
                })
                .collect();
            for (name, class, run) in runs {
                let (run, took) = run.join().expect("no panic");
                let classes: Vec<&str> = run.errors.iter().map(|error| error.class.as_str()).collect();
                let expected: &[&str] = if class.is_empty() { &[] } else { &[class] };
                assert_eq!(classes, expected, "{name}");
                assert!(took < MOST, "{name} took {took:?}");
                assert!(run.generator.resident_bytes < 64 << 20, "{name}: {}", run.generator.resident_bytes);
            }
        }
    });
}

#[test]
fn linger_ends_an_upload_whose_response_never_ends_even_where_a_number_of_uploads_was_asked_for() {
    let slowly: Behaviour = |socket| forever_slowly(socket, b"HTTP/1.1 102 Processing\r\n\r\n");
    let (run, took) = run(slowly, &["--uploads", "1", "--uploaders", "1", "--linger", "500ms"]);
    assert_eq!(run.errors[0].class, "unfinished");
    assert!(run.took_seconds < ANSWER.as_secs_f64(), "{} s, {took:?}", run.took_seconds);
}
