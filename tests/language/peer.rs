//! A server of which a test writes every byte.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A request that has come in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// Whether the body ended before its declared length.
    pub(crate) is_cut: bool,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn method(&self) -> &str {
        self.line.split(' ').next().unwrap()
    }

    pub(crate) fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or("")
    }
}

/// All that a server was asked, in the order in which it came whole.
pub(crate) type Log = Arc<Mutex<Vec<Request>>>;

/// Serves: `answer` says which bytes follow each request.
pub(crate) async fn serve(answer: impl Fn(&Request) -> String + Send + Sync + 'static) -> (String, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let log = Log::default();
    let kept = Arc::clone(&log);
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((caller, _)) = listener.accept().await {
            let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
            tokio::spawn(async move {
                let mut caller = BufReader::new(caller);
                while let Some(request) = read(&mut caller).await {
                    let text = answer(&request);
                    kept.lock().unwrap().push(request);
                    if caller.get_mut().write_all(text.as_bytes()).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    (origin, log)
}

async fn read(caller: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut request = Request::default();
    loop {
        let mut line = String::new();
        if caller.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        match line.split_once(": ") {
            Some((name, value)) if !request.line.is_empty() => {
                request.headers.insert(name.to_ascii_lowercase(), value.to_owned());
            }
            _ => request.line = line.to_owned(),
        }
    }
    let length = request.header("content-length").parse().unwrap_or(0);
    let mut body = vec![0; length];
    let mut read = 0;
    while read < length {
        match caller.read(&mut body[read..]).await {
            Ok(0) | Err(_) => {
                request.is_cut = true;
                break;
            }
            Ok(count) => read += count,
        }
    }
    body.truncate(read);
    request.body = body;
    Some(request)
}

/// An answer with a JSON body.
pub(crate) fn json(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// An answer without a body.
pub(crate) fn empty(status: &str, headers: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\n\r\n")
}
