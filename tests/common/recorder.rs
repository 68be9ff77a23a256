//! A recorder: it stands before a server, passes every byte on, and keeps both sides of each talk.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// What one connection carried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Talk {
    pub(crate) sent: Vec<u8>,
    pub(crate) received: Vec<u8>,
}

impl Talk {
    /// The request's first line.
    pub(crate) fn line(&self) -> String {
        let head = self.sent.split(|byte| *byte == b'\r').next().unwrap_or_default();
        String::from_utf8_lossy(head).trim_end_matches(" HTTP/1.1").to_owned()
    }
}

type Talks = Arc<Mutex<Vec<Talk>>>;

/// A running recorder; it stops when it is dropped.
pub(crate) struct Recorder {
    address: SocketAddr,
    talks: Talks,
    stopped: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Starts a recorder before the server at `origin`.
    pub(crate) fn before(origin: &str) -> Self {
        let server: SocketAddr = origin.trim_start_matches("http://").parse().expect("an address and a port");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let (talks, stopped) = (Talks::default(), Arc::<AtomicBool>::default());
        let (kept, stop) = (Arc::clone(&talks), Arc::clone(&stopped));
        let listener = std::thread::spawn(move || {
            for caller in listener.incoming().map_while(Result::ok) {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let number = {
                    let mut talks = kept.lock().expect("no holder of this lock panics");
                    talks.push(Talk::default());
                    talks.len() - 1
                };
                pass_on(caller, server, number, &kept);
            }
        });
        Self { address, talks, stopped, listener: Some(listener) }
    }

    /// Where it is.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was said so far, in the order in which the connections were made.
    pub(crate) fn talks(&self) -> Vec<Talk> {
        self.talks.lock().expect("no holder of this lock panics").clone()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the listener.
        drop(TcpStream::connect(self.address));
        if let Some(listener) = self.listener.take() {
            drop(listener.join());
        }
    }
}

/// Passes on what both sides say, each in a thread of its own; a side that ends is ended towards the other too.
fn pass_on(caller: TcpStream, server: SocketAddr, number: usize, talks: &Talks) {
    let Ok(called) = TcpStream::connect(server) else { return };
    let both = (caller.try_clone(), called.try_clone());
    let (Ok(caller_again), Ok(called_again)) = both else { return };
    for stream in [&caller, &called] {
        drop(stream.set_nodelay(true));
    }
    let kept = Arc::clone(talks);
    std::thread::spawn(move || {
        copy(caller, called, |bytes| with(&kept, number, |talk| talk.sent.extend(bytes)))
    });
    let kept = Arc::clone(talks);
    std::thread::spawn(move || {
        copy(called_again, caller_again, |bytes| with(&kept, number, |talk| talk.received.extend(bytes)));
    });
}

fn with(talks: &Talks, number: usize, change: impl FnOnce(&mut Talk)) {
    change(&mut talks.lock().expect("no holder of this lock panics")[number]);
}

fn copy(mut from: TcpStream, mut to: TcpStream, mut keep: impl FnMut(&[u8])) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        keep(&buffer[..count]);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Write));
}
