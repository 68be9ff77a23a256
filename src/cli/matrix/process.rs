//! A server that a plan starts: waits until it accepts connections, and ends it with everything that it started.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use url::Url;

use super::plan::{PORT, Start};
use crate::cli::process_group::ProcessGroup;

/// How often a server that starts is tried.
const TRY_EVERY: Duration = Duration::from_millis(50);
/// How much of what a server prints is kept, to say why it did not start.
const KEPT: usize = 2000;
/// How long the rest of what a server printed is read, once it has ended.
const READ_WITHIN: Duration = Duration::from_secs(1);
/// How long a server may take to end.
const END_WITHIN: Duration = Duration::from_secs(5);

/// A server that runs. Dropping it kills it.
pub(super) struct Process {
    child: Child,
    group: Option<ProcessGroup>,
    port: u16,
}

/// The last of what a server printed.
type Tail = Arc<Mutex<VecDeque<u8>>>;

impl Process {
    /// Starts a server on a free port and waits until `url` accepts connections. The error says why it does not, in one sentence.
    pub(super) async fn start(start: &Start, url: &str) -> Result<Self, String> {
        let port = free_port().map_err(|error| format!("no free port on 127.0.0.1: {error}"))?;
        let words: Vec<String> = start.command.iter().map(|word| with_port(word, port)).collect();
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .envs(start.environment.iter().map(|(name, value)| (name, with_port(value, port))))
            .current_dir(&start.directory)
            // A server may end when its standard input does.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // A group of its own: Ctrl-C does not reach it before the run has cleaned up, and it ends with all of its children.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(|error| format!("cannot run {}: {error}", words[0]))?;
        let tail = Tail::default();
        let readers = [keep(child.stdout.take(), &tail), keep(child.stderr.take(), &tail)];
        let group = child.id().map(ProcessGroup::new);
        let mut process = Self { child, group, port };
        match process.ready(&with_port(url, port), start.within).await {
            Ok(()) => Ok(process),
            Err(why) => {
                process.end().await;
                // What it printed last may not have been read yet.
                for reader in readers.into_iter().flatten() {
                    let _ = tokio::time::timeout(READ_WITHIN, reader).await;
                }
                Err(format!("{why}{}", printed(&tail)))
            }
        }
    }

    /// A text of the plan with this server's port.
    pub(super) fn placed(&self, text: &str) -> String {
        with_port(text, self.port)
    }

    async fn ready(&mut self, url: &str, within: Duration) -> Result<(), String> {
        let url = Url::parse(url).map_err(|_| format!("{url} is not a URL"))?;
        let host = url.host_str().ok_or("its URL has no host")?.trim_matches(['[', ']']).to_owned();
        let port = url.port_or_known_default().ok_or("its URL has no port")?;
        let deadline = Instant::now() + within;
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("it ended before it accepted connections ({status})"));
            }
            let connected = TcpStream::connect((host.as_str(), port));
            if let Ok(Ok(_)) = tokio::time::timeout_at(deadline, connected).await {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(format!("it accepted no connection at {url} within {} s", within.as_secs()));
            }
            tokio::time::sleep(TRY_EVERY).await;
        }
    }

    /// Ends the server: politely, and after a while by force.
    pub(super) async fn end(mut self) {
        drop(self.child.stdin.take());
        if let Some(group) = &self.group {
            group.terminate();
        }
        if tokio::time::timeout(END_WITHIN, self.child.wait()).await.is_err() {
            let _ = self.child.start_kill();
            let _ = self.child.wait().await;
        }
    }
}

fn with_port(text: &str, port: u16) -> String {
    text.replace(PORT, &port.to_string())
}

/// A port that is free now. Another process may take it before the server does; the server then says so.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Reads a stream to its end, so that the server never blocks, and keeps the last of it.
fn keep(stream: Option<impl AsyncRead + Unpin + Send + 'static>, tail: &Tail) -> Option<JoinHandle<()>> {
    let mut stream = stream?;
    let tail = Arc::clone(tail);
    Some(tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = stream.read(&mut buffer).await {
            let mut kept = tail.lock().unwrap_or_else(PoisonError::into_inner);
            kept.extend(&buffer[..read]);
            let excess = kept.len().saturating_sub(KEPT);
            kept.drain(..excess);
        }
    }))
}

fn printed(tail: &Tail) -> String {
    let kept = tail.lock().unwrap_or_else(PoisonError::into_inner);
    let bytes: Vec<u8> = kept.iter().copied().collect();
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim();
    if text.is_empty() { String::new() } else { format!("; it printed: {text}") }
}
