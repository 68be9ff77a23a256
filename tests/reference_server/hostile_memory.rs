//! All that harm at once, against the server as a process: what it keeps resident stays small.
#![cfg(target_os = "linux")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::frames::{CONTINUATION, END_HEADERS, END_STREAM, Frames, HEADERS, RESET, frame, head, header};
use crate::support::connections;

/// What it may keep resident.
const RESIDENT_KIB: u64 = 128 * 1024;
/// Callers of each kind, at once.
const CROWD: usize = 64;
const IDLE: usize = 4000;
const KIB: usize = 1024;

struct Process {
    child: Child,
    address: String,
}

impl Process {
    fn start() -> Self {
        Self::within("")
    }

    /// Starts it where a shell has set a limit.
    fn within(limit: &str) -> Self {
        let serve = "exec \"$0\" serve --listen 127.0.0.1:0 --api-key KEY --discard";
        let mut child = Command::new("sh")
            .args(["-c", &format!("{limit} {serve}"), env!("CARGO_BIN_EXE_uptake")])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on http://").unwrap().to_owned();
        Self { child, address }
    }

    fn resident_at_most(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse().unwrap()
    }

    async fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already, if it could not bear it.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What one caller of each kind sends by HTTP/2.
fn floods() -> Vec<Vec<u8>> {
    let stream = |number: u32| number * 2 + 1;
    let mut long = header("a", 3 * KIB);
    long[0] = 0x40;
    let bomb = |number: u32| {
        let first = if number == 0 { long.clone() } else { Vec::new() };
        let unpacked = [head("GET", "/"), first, vec![0xbe; 10_000]].concat();
        frame(HEADERS, END_HEADERS | END_STREAM, stream(number), &unpacked)
    };
    let cancelled = |number: u32| {
        let call = frame(HEADERS, END_HEADERS | END_STREAM, stream(number), &head("GET", "/"));
        [call, frame(RESET, 0, stream(number), &8_u32.to_be_bytes())].concat()
    };
    let unended =
        |number: u32| frame(HEADERS, END_HEADERS, stream(number), &head("POST", "/upload?token=to"));
    let endless = frame(CONTINUATION, 0, 1, &header("a", 10).repeat(1000)).repeat(300);
    vec![
        (0..100).flat_map(bomb).collect(),
        (0..5000).flat_map(cancelled).collect(),
        (0..5000).flat_map(unended).collect(),
        [frame(HEADERS, END_STREAM, 1, &head("GET", "/")), endless].concat(),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_stays_small_whatever_many_callers_do() {
    let process = Process::start();
    let address = &process.address;
    let idle = join_all((0..connections(IDLE)).map(|_| TcpStream::connect(address))).await;
    assert!(idle.iter().all(Result::is_ok));
    for flood in floods() {
        join_all((0..CROWD).map(async |_| Frames::to(address, &[]).await.say(&flood).await)).await;
    }
    // Heads and bodies that stop just before they are refused, all held at once.
    let create = "POST /upload-tokens HTTP/1.1\r\nhost: a\r\nauthorization: Basic S0VZOg==\r\nconnection: close\r\n\r\n";
    let answer = process.ask(create).await;
    let (_, token) = answer.split_once("\"token\":\"").unwrap();
    let token = &token[..26];
    let upload = format!("POST /upload?token={token} HTTP/1.1\r\nhost: a\r\n");
    let form =
        "content-type: multipart/form-data; boundary=edge\r\ncontent-length: 200000000\r\n\r\n--edge\r\n";
    let disposition = "content-disposition: form-data; name=\"videoId\"";
    let held = [
        format!("{upload}a: {}", "a".repeat(200 * KIB)),
        format!("{upload}{form}{disposition}\r\n\r\n{}", "v".repeat(60 * KIB)),
        format!("{upload}{form}{disposition}; x=\"{}", "x".repeat(15 * KIB)),
        format!("{upload}{form}{disposition}; filename=\"a\"\r\n\r\n{}", "\r\n--edg".repeat(100_000)),
        format!(
            "POST /auth/api-key HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n{}",
            "[".repeat(900 * KIB)
        ),
    ];
    let mut callers = Vec::new();
    for said in &held {
        for _ in 0..CROWD / 4 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(said.as_bytes()).await.unwrap();
            callers.push(stream);
        }
    }
    let answer = process.ask("GET /nothing HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    let peak = process.resident_at_most();
    assert!(peak < RESIDENT_KIB, "{} MiB resident", peak / 1024);
    drop((idle, callers));
}

#[tokio::test]
async fn idle_callers_make_room_where_there_is_none_left() {
    let process = Process::within("ulimit -n 100;");
    let idle = join_all((0..300).map(|_| TcpStream::connect(&process.address))).await;
    assert!(idle.iter().all(Result::is_ok));
    let answer = process.ask("GET /nothing HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    drop(idle);
}
