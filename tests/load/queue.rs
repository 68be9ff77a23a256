//! A target of known capacity: requests wait in one queue for a few servers, whose service times are exponential (M/M/c).

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// A request that waits, and where its end is told.
type Waiting = Sender<()>;

/// Starts a target with so many servers and this mean service time, and returns its URL.
pub(crate) fn start(servers: u64, service: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let (enter, queue) = channel::<Waiting>();
    let queue = Arc::new(Mutex::new(queue));
    for seed in 0..servers {
        let queue = Arc::clone(&queue);
        std::thread::spawn(move || serve(&queue, service, StdRng::seed_from_u64(seed)));
    }
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let enter = enter.clone();
            std::thread::spawn(move || {
                // It ends with the connection.
                let _ = answer(socket.expect("a caller"), &enter);
            });
        }
    });
    url
}

fn serve(queue: &Mutex<Receiver<Waiting>>, service: Duration, mut random: StdRng) {
    loop {
        let next = queue.lock().expect("no server panics").recv();
        let Ok(waiting) = next else { return };
        let unit: f64 = random.random();
        std::thread::sleep(service.mul_f64(-(1.0 - unit).ln()));
        // A caller that is gone waits for nothing.
        let _ = waiting.send(());
    }
}

fn answer(socket: TcpStream, enter: &Sender<Waiting>) -> std::io::Result<()> {
    socket.set_nodelay(true)?;
    let mut reader = BufReader::new(socket);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink())?;
        let (done, served) = channel();
        enter.send(done).expect("the servers live on");
        if served.recv().is_ok() {
            reader.get_mut().write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")?;
        }
    }
}
