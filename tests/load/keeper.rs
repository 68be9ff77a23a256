//! A target that keeps the digests of uploads, shows them, and may store a byte wrongly.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use sha2::{Digest as _, Sha256};

/// The digests by video, and the number of the upload of which a byte is flipped.
#[derive(Default)]
pub(crate) struct Keeper {
    sums: Mutex<BTreeMap<String, String>>,
    flipped: Option<usize>,
}

impl Keeper {
    /// Starts one, and returns its URL.
    pub(crate) fn start(flipped: Option<usize>) -> (Arc<Self>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let keeper = Arc::new(Self { flipped, ..Self::default() });
        let shared = Arc::clone(&keeper);
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let keeper = Arc::clone(&shared);
                std::thread::spawn(move || {
                    // It ends with the connection.
                    let _ = keeper.converse(socket.expect("a caller"));
                });
            }
        });
        (keeper, url)
    }

    /// All digests.
    pub(crate) fn sums(&self) -> Vec<String> {
        self.sums.lock().expect("nobody panics").values().cloned().collect()
    }

    fn converse(&self, socket: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(socket);
        loop {
            let (mut head, mut length) = (String::new(), 0);
            while !head.ends_with("\r\n\r\n") {
                let mut line = String::new();
                if reader.read_line(&mut line)? == 0 {
                    return Ok(());
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().expect("a length");
                }
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body)?;
            let (status, answer) = self.answer(&head, &body);
            let response = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{answer}", answer.len());
            reader.get_mut().write_all(response.as_bytes())?;
        }
    }

    fn answer(&self, head: &str, body: &[u8]) -> (&'static str, String) {
        let path = head.split(' ').nth(1).unwrap_or_default();
        let mut sums = self.sums.lock().expect("nobody panics");
        if let Some(video) = path.strip_prefix("/stored/") {
            return match sums.get(video) {
                Some(sum) => ("200 OK", format!(r#"{{"complete":true,"sha256":"{sum}"}}"#)),
                None => ("404 Not Found", String::new()),
            };
        }
        let position = |what: &[u8]| body.windows(what.len()).position(|window| window == what);
        let (from, to) = (position(b"\r\n\r\n").expect("a part") + 4, body.len());
        let end = body[..to].windows(4).rposition(|window| window == b"\r\n--").expect("an end");
        let mut file = body[from..end].to_vec();
        let number = sums.len() + 1;
        if self.flipped == Some(number) {
            let middle = file.len() / 2;
            file[middle] ^= 1;
        }
        let video = format!("vi{number}");
        sums.insert(video.clone(), format!("{:x}", Sha256::digest(&file)));
        ("201 Created", format!(r#"{{"videoId":"{video}"}}"#))
    }
}
