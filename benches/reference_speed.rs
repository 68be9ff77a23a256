//! How fast the reference server takes segments that nobody keeps, and what it keeps resident. A measurement, not a check
//! of the contract: `cargo bench --bench reference_speed`.
//!
//! Each server has one thread, and what counts is that thread's own processor time, so that whatever else runs on the
//! machine changes little. The yardstick is a server that reads the same sockets and looks at nothing.
#![cfg(target_os = "linux")]
#![expect(clippy::cast_precision_loss, reason = "nobody reads more than three digits of it")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a measurement fails aloud, and shows its figures"
)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use uptake_reference::{Config, Server, Storage};

fn main() {
    // What only asks which benches there are gets no measurement.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    memory_stays_small_with_many_large_uploads_at_once();
    segments_are_taken_almost_as_fast_as_they_can_be_read();
}

const SEGMENT: usize = 5 * 1024 * 1024;
const SEGMENTS: usize = 400;
const CONNECTIONS: usize = 4;
const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// The share of the yardstick that must be reached, where the absolute figure is not.
const SHARE: f64 = 0.6;
/// GiB a second of processor time.
const ENOUGH: f64 = 1.5;

fn segments_are_taken_almost_as_fast_as_they_can_be_read() {
    let drained = measure("a server that only drains", drain);
    let taken = measure("the reference server", reference);
    assert!(
        taken >= ENOUGH || taken >= SHARE * drained,
        "{taken:.2} GiB/s is less than {ENOUGH} and less than {SHARE} of {drained:.2}"
    );
}

/// Uploads at once, and how large each is.
const CROWD: usize = 64;
const FILE: usize = 200 * 1024 * 1024;
/// What the whole process, callers included, may keep resident with all of them under way.
const RESIDENT_KIB: u64 = 64 * 1024;

fn memory_stays_small_with_many_large_uploads_at_once() {
    let (ready, at) = mpsc::channel();
    let (stop, stopped) = oneshot::channel();
    let server = thread::spawn(move || reference(&ready, stopped));
    let (address, path) = at.recv().unwrap();
    let block = Arc::new(noise(256 * 1024));
    let callers: Vec<_> = (0..CROWD)
        .map(|_| {
            let (path, block) = (path.clone(), Arc::clone(&block));
            thread::Builder::new()
                .stack_size(128 * 1024)
                .spawn(move || send_large(address, &path, &block))
                .unwrap()
        })
        .collect();
    for caller in callers {
        caller.join().unwrap();
    }
    stop.send(()).unwrap();
    server.join().unwrap();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    eprintln!("{CROWD} uploads of {} MiB at once: {} MiB resident at most", FILE / 1024 / 1024, peak / 1024);
    assert!(peak < RESIDENT_KIB, "{peak} KiB");
}

fn send_large(address: SocketAddr, path: &str, block: &[u8]) {
    let before = head(path, FILE);
    let mut socket = TcpStream::connect(address).unwrap();
    socket.write_all(&before).unwrap();
    for _ in 0..FILE / block.len() {
        socket.write_all(block).unwrap();
    }
    socket.write_all(AFTER.as_bytes()).unwrap();
    let mut answer = vec![0; 4096];
    let length = socket.read(&mut answer).unwrap();
    assert!(answer[..length].starts_with(b"HTTP/1.1 201"), "{}", String::from_utf8_lossy(&answer[..length]));
}

/// A server on this thread: it tells its address, and stops when it is told to.
type Serve = fn(&mpsc::Sender<(SocketAddr, String)>, oneshot::Receiver<()>);

fn measure(what: &str, serve: Serve) -> f64 {
    let (ready, at) = mpsc::channel();
    let (stop, stopped) = oneshot::channel();
    let (spent, total) = mpsc::channel();
    let server = thread::spawn(move || {
        serve(&ready, stopped);
        spent.send(processor_time()).unwrap();
    });
    let (address, path) = at.recv().unwrap();
    let began = Instant::now();
    let senders: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let path = path.clone();
            thread::spawn(move || send(address, &path, SEGMENTS / CONNECTIONS))
        })
        .collect();
    for sender in senders {
        sender.join().unwrap();
    }
    let wall = began.elapsed();
    stop.send(()).unwrap();
    server.join().unwrap();
    let processor = total.recv().unwrap();
    let gib = (SEGMENT * SEGMENTS) as f64 / GIB;
    let (by_processor, by_wall) = (gib / processor.as_secs_f64(), gib / wall.as_secs_f64());
    eprintln!("{what}: {by_processor:.2} GiB/s of its processor time, {by_wall:.2} GiB/s of wall time");
    by_processor
}

/// What this thread has spent so far.
fn processor_time() -> Duration {
    let schedule = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(schedule.split_whitespace().next().unwrap().parse().unwrap())
}

fn reference(ready: &mpsc::Sender<(SocketAddr, String)>, stop: oneshot::Receiver<()>) {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let config = Config { api_key: "KEY".into(), storage: Storage::Discard, ..Config::default() };
        let server = Server::start(config).await.unwrap();
        let address: SocketAddr = server.origin().strip_prefix("http://").unwrap().parse().unwrap();
        let token = tokio::task::spawn_blocking(move || create_token(address)).await.unwrap();
        ready.send((address, format!("/upload?token={token}"))).unwrap();
        stop.await.unwrap();
        server.shutdown().await;
    });
}

fn drain(ready: &mpsc::Sender<(SocketAddr, String)>, stop: oneshot::Receiver<()>) {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        ready.send((listener.local_addr().unwrap(), "/".into())).unwrap();
        let serve = async {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    let mut buffer = vec![0; 256 * 1024];
                    let (request_length, mut read) = (request("/").len(), 0);
                    loop {
                        match socket.read(&mut buffer).await {
                            Ok(0) | Err(_) => return,
                            Ok(length) => read += length,
                        }
                        if read >= request_length {
                            read -= request_length;
                            socket
                                .write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n")
                                .await
                                .unwrap();
                        }
                    }
                });
            }
        };
        tokio::select! {
            () = serve => {}
            _ = stop => {}
        }
    });
}

fn create_token(address: SocketAddr) -> String {
    let mut socket = TcpStream::connect(address).unwrap();
    // `S0VZOg==` is `KEY:`.
    socket
        .write_all(
            b"POST /upload-tokens HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: Basic S0VZOg==\r\n\
              content-length: 2\r\n\r\n{}",
        )
        .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    let (_, rest) = answer.split_once("\"token\":\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

const BEFORE: &str = "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.mp4\"\r\n\r\n";
const AFTER: &str = "\r\n--edge--\r\n";

/// A request up to the first byte of its file.
fn head(path: &str, file: usize) -> Vec<u8> {
    let length = BEFORE.len() + file + AFTER.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=edge\r\n\
         content-length: {length}\r\n\r\n{BEFORE}"
    )
    .into_bytes()
}

/// One segment as a whole request.
fn request(path: &str) -> Vec<u8> {
    let mut request = head(path, SEGMENT);
    request.extend(noise(SEGMENT));
    request.extend_from_slice(AFTER.as_bytes());
    request
}

/// Bytes of no pattern, as those of a video: a scanner must look at them.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(next).collect()
}

fn send(address: SocketAddr, path: &str, times: usize) {
    let request = request(path);
    let mut socket = TcpStream::connect(address).unwrap();
    let mut answer = vec![0; 16 * 1024];
    for _ in 0..times {
        socket.write_all(&request).unwrap();
        let length = socket.read(&mut answer).unwrap();
        assert!(
            answer[..length].starts_with(b"HTTP/1.1 201"),
            "{}",
            String::from_utf8_lossy(&answer[..length])
        );
    }
}
