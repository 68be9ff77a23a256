//! A tiny server, written by hand: it keeps what it was asked, and answers what the test says, to the byte.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    /// The body without its framing, as far as it came.
    pub(crate) body: Vec<u8>,
    /// Whether head and body came to their end.
    pub(crate) whole: bool,
    /// Every byte that came.
    pub(crate) bytes: Vec<u8>,
    /// How much of the body was there after each arrival.
    pub(crate) arrivals: Vec<usize>,
}

impl Asked {
    /// The first header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Method and path, as tests compare them.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }
}

/// An answer, or none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    before: Vec<u8>,
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    raw: Option<Vec<u8>>,
    hangs: bool,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// These bytes and nothing else; then the connection is closed.
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { raw: Some(bytes.into()), ..Self::default() }
    }

    /// Nothing, until the caller goes away.
    pub(crate) fn silence() -> Self {
        Self { hangs: true, ..Self::raw("") }
    }

    pub(crate) fn header(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn json(self, json: &serde_json::Value) -> Self {
        self.header("Content-Type", "application/json").body(json.to_string())
    }

    /// Sends an interim response first.
    pub(crate) fn after(mut self, interim: &Self) -> Self {
        self.before.extend(interim.head(None));
        self
    }

    fn head(&self, length: Option<usize>) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} As Told\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(length) = length {
            head.push_str(&format!("Content-Length: {length}\r\n"));
        }
        (head + "\r\n").into_bytes()
    }

    fn bytes(&self, method: &str) -> Vec<u8> {
        if let Some(raw) = &self.raw {
            return raw.clone();
        }
        let has_body = !matches!(self.status, 204 | 304);
        let mut bytes = self.before.clone();
        bytes.extend(self.head(has_body.then_some(self.body.len())));
        if has_body && method != "HEAD" {
            bytes.extend(&self.body);
        }
        bytes
    }
}

/// What is known of the requests so far; whoever waits is told of every byte.
#[derive(Default)]
struct Book {
    asked: Mutex<Vec<Asked>>,
    news: Condvar,
}

impl Book {
    fn change(&self, change: impl FnOnce(&mut Vec<Asked>)) {
        change(&mut self.asked.lock().expect("no holder of this lock panics"));
        self.news.notify_all();
    }
}

/// A running server; it stops when it is dropped.
pub(crate) struct Little {
    address: SocketAddr,
    book: Arc<Book>,
    stopped: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Little {
    /// Starts a server that answers each request as `answer` says, once the request came to its end or broke off.
    pub(crate) fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::watching(move |asked, _| answer(asked))
    }

    /// The same, where an answer may wait for other requests.
    pub(crate) fn watching(answer: impl Fn(&Asked, &Others) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let (book, stopped) = (Arc::<Book>::default(), Arc::<AtomicBool>::default());
        let (answer, kept, stop) = (Arc::new(answer), Arc::clone(&book), Arc::clone(&stopped));
        let listener = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                // In the order in which they were accepted.
                let mut number = 0;
                kept.change(|asked| {
                    number = asked.len();
                    asked.push(Asked::default());
                });
                let (answer, book) = (Arc::clone(&answer), Arc::clone(&kept));
                std::thread::spawn(move || Talk { stream, book, number }.hold(&*answer));
            }
        });
        Self { address, book, stopped, listener: Some(listener) }
    }

    /// Where it is.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far, in the order in which their connections were made.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.book.asked.lock().expect("no holder of this lock panics").clone()
    }

    /// The requests so far as lines, without the greeting that `check` begins with.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().iter().map(Asked::line).filter(|line| line != "GET /").collect()
    }

    /// The one request for this line.
    #[track_caller]
    pub(crate) fn one(&self, line: &str) -> Asked {
        let mut found: Vec<_> = self.asked().into_iter().filter(|asked| asked.line() == line).collect();
        assert_eq!(found.len(), 1, "requests for {line} among {:?}", self.lines());
        found.remove(0)
    }

    /// Waits until what was asked satisfies `enough`.
    #[track_caller]
    pub(crate) fn wait_for(&self, enough: impl Fn(&[Asked]) -> bool) {
        wait_for(&self.book, enough);
    }
}

/// Lets an answer see what else is being asked.
pub(crate) struct Others(Arc<Book>);

impl Others {
    /// Looks at what was asked so far, and is still being asked.
    pub(crate) fn look(&self, look: impl FnOnce(&[Asked])) {
        look(&self.0.asked.lock().expect("no holder of this lock panics"));
    }

    /// Waits until what was asked, and is still being asked, satisfies `enough`.
    #[track_caller]
    pub(crate) fn wait_for(&self, enough: impl Fn(&[Asked]) -> bool) {
        wait_for(&self.0, enough);
    }
}

#[track_caller]
fn wait_for(book: &Book, enough: impl Fn(&[Asked]) -> bool) {
    let asked = book.asked.lock().expect("no holder of this lock panics");
    let (asked, late) = book
        .news
        .wait_timeout_while(asked, PATIENCE, |asked| !enough(asked))
        .expect("no holder of this lock panics");
    assert!(
        !late.timed_out(),
        "what was waited for did not come; asked so far: {:?}",
        asked.iter().map(Asked::line).collect::<Vec<_>>()
    );
}

impl Drop for Little {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the listener.
        drop(TcpStream::connect(self.address));
        if let Some(listener) = self.listener.take() {
            drop(listener.join());
        }
    }
}

/// One connection.
struct Talk {
    stream: TcpStream,
    book: Arc<Book>,
    number: usize,
}

impl Talk {
    fn hold(mut self, answer: &dyn Fn(&Asked, &Others) -> Reply) {
        let asked = self.read();
        let reply = answer(&asked, &Others(Arc::clone(&self.book)));
        // A caller that has gone away hears nothing.
        drop(self.stream.write_all(&reply.bytes(&asked.method)));
        if reply.hangs {
            drop(std::io::copy(&mut self.stream, &mut std::io::sink()));
        }
        drop(self.stream.shutdown(Shutdown::Write));
        drop(std::io::copy(&mut self.stream, &mut std::io::sink()));
    }

    fn read(&mut self) -> Asked {
        let mut asked = Asked::default();
        let mut continued = false;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let end = match self.stream.read(&mut buffer) {
                Ok(0) | Err(_) => true,
                Ok(count) => {
                    asked.bytes.extend(&buffer[..count]);
                    false
                }
            };
            asked.parse();
            asked.arrivals.push(asked.body.len());
            let number = self.number;
            self.book.change(|all| all[number].clone_from(&asked));
            if asked.whole || end {
                return asked;
            }
            if !continued && asked.header("expect") == Some("100-continue") {
                continued = true;
                drop(self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n"));
            }
        }
    }
}

impl Asked {
    /// Reads what has come so far.
    fn parse(&mut self) {
        let Some(end) = find(&self.bytes, b"\r\n\r\n") else { return };
        let head = String::from_utf8_lossy(&self.bytes[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        self.method = words.next().unwrap_or_default().to_owned();
        self.target = words.next().unwrap_or_default().to_owned();
        let pairs = lines.filter_map(|line| line.split_once(':'));
        self.headers = pairs.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
        let rest = &self.bytes[end + 4..];
        let chunked = self.header("transfer-encoding") == Some("chunked");
        let length = self.header("content-length").and_then(|length| length.parse::<usize>().ok());
        (self.body, self.whole) = match length {
            _ if chunked => unchunk(rest),
            Some(length) => (rest[..rest.len().min(length)].to_vec(), rest.len() >= length),
            None => (Vec::new(), true),
        };
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// The body as far as it came, and whether that is all of it.
fn unchunk(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(end) = find(rest, b"\r\n") {
        let size = String::from_utf8_lossy(&rest[..end]).into_owned();
        let size = usize::from_str_radix(size.trim(), 16).expect("a chunk begins with its size");
        rest = &rest[end + 2..];
        if size == 0 {
            return (body, rest.starts_with(b"\r\n"));
        }
        body.extend(&rest[..rest.len().min(size)]);
        rest = rest.get(size + 2..).unwrap_or_default();
    }
    (body, false)
}
