//! What no proper client does: breaking off, and holding back the end of several requests.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Bench, KEY, SEGMENT, content};

/// How often the server is asked for something else, so that it has seen what came before.
const TURNS: usize = 6;

/// Half of a file, and then nothing more.
pub(crate) async fn break_off(bench: &Bench, path: &str, range: Option<&str>) {
    let mut socket = connect(bench).await;
    let request = request(path, range, None, SEGMENT);
    socket.write_all(&request[..request.len() - SEGMENT / 2]).await.unwrap();
    turn(bench).await;
    // The server ends the connection once it has noticed that no more will come.
    socket.shutdown().await.unwrap();
    let _ = socket.read_to_end(&mut Vec::new()).await;
    turn(bench).await;
}

/// Two segments whose last bytes come together, the first one's first. Gives the statuses of the answers.
pub(crate) async fn side_by_side(bench: &Bench, path: &str, video: &str, ranges: [&str; 2]) -> [u16; 2] {
    let mut sockets = [connect(bench).await, connect(bench).await];
    let requests = ranges.map(|range| request(path, Some(range), Some(video), SEGMENT));
    for (socket, request) in sockets.iter_mut().zip(&requests) {
        socket.write_all(&request[..request.len() - 1]).await.unwrap();
    }
    turn(bench).await;
    let mut statuses = [0; 2];
    for ((socket, request), status) in sockets.iter_mut().zip(&requests).zip(&mut statuses) {
        socket.write_all(&request[request.len() - 1..]).await.unwrap();
        *status = status_of(socket).await;
    }
    statuses
}

/// A file whose last byte is held back.
pub(crate) struct Held {
    socket: TcpStream,
    last: [u8; 1],
}

impl Held {
    /// Sends everything but the last byte, and waits until the server has seen that it comes.
    pub(crate) async fn begin(bench: &Bench, path: &str) -> Self {
        let mut socket = connect(bench).await;
        let request = request(path, None, None, SEGMENT);
        let (last, rest) = request.split_last().unwrap();
        socket.write_all(rest).await.unwrap();
        turn(bench).await;
        Self { socket, last: [*last] }
    }

    /// Lets the last byte go, and gives the answer's status.
    pub(crate) async fn finish(mut self) -> u16 {
        self.socket.write_all(&self.last).await.unwrap();
        status_of(&mut self.socket).await
    }
}

/// Bytes as they are, and the status of what comes back, if anything does.
pub(crate) async fn raw(bench: &Bench, bytes: &[u8]) -> Option<u16> {
    let mut socket = connect(bench).await;
    // A server may have heard enough before all is said.
    socket.write_all(bytes).await.ok();
    socket.shutdown().await.ok();
    let mut answer = [0; 1024];
    let read = socket.read(&mut answer).await.ok()?;
    status_in(&answer[..read])
}

/// A large body, sent to its end before the answer is read, as simple clients do. `None` when there is no answer.
pub(crate) async fn send_before_reading(bench: &Bench, path: &str, length: usize) -> Option<u16> {
    let mut socket = connect(bench).await;
    socket.write_all(&request(path, None, None, length)).await.ok()?;
    let mut answer = [0; 1024];
    let read = socket.read(&mut answer).await.ok()?;
    status_in(&answer[..read])
}

/// A body in chunks, without a length.
pub(crate) async fn chunked(bench: &Bench, path: &str) -> u16 {
    let mut socket = connect(bench).await;
    let whole = request(path, None, None, SEGMENT);
    let at = whole.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let (head, body) = (String::from_utf8_lossy(&whole[..at]).into_owned(), &whole[at + 4..]);
    let head: Vec<_> = head.lines().filter(|line| !line.starts_with("content-length")).collect();
    let head = format!("{}\r\ntransfer-encoding: chunked\r\n\r\n", head.join("\r\n"));
    socket.write_all(head.as_bytes()).await.unwrap();
    for chunk in body.chunks(10_000) {
        socket.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).await.unwrap();
        socket.write_all(chunk).await.unwrap();
        socket.write_all(b"\r\n").await.unwrap();
    }
    socket.write_all(b"0\r\n\r\n").await.unwrap();
    status_of(&mut socket).await
}

async fn connect(bench: &Bench) -> TcpStream {
    TcpStream::connect(crate::http2::address(&bench.server)).await.unwrap()
}

async fn turn(bench: &Bench) {
    for _ in 0..TURNS {
        bench.get("/nothing").await;
    }
}

async fn status_of(socket: &mut TcpStream) -> u16 {
    let mut answer = [0; 1024];
    let read = socket.read(&mut answer).await.unwrap();
    status_in(&answer[..read]).unwrap_or_default()
}

fn status_in(answer: &[u8]) -> Option<u16> {
    let text = String::from_utf8_lossy(answer);
    text.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

fn request(path: &str, range: Option<&str>, video: Option<&str>, length: usize) -> Vec<u8> {
    use base64::Engine as _;
    let key = base64::engine::general_purpose::STANDARD.encode(format!("{KEY}:"));
    let mut body = Vec::new();
    if let Some(video) = video {
        let part = format!("--edge\r\ncontent-disposition: form-data; name=\"videoId\"\r\n\r\n{video}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    body.extend_from_slice(
        b"--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"film.mp4\"\r\n\r\n",
    );
    body.extend(content(length));
    body.extend_from_slice(b"\r\n--edge--\r\n");
    let range = range.map(|range| format!("content-range: {range}\r\n")).unwrap_or_default();
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nhost: a\r\nauthorization: Basic {key}\r\n{range}\
         content-type: multipart/form-data; boundary=edge\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend(body);
    request
}
