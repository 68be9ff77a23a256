//! A caller on one connection at a time; what fails is told as such, for the server may be dead.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use serde_json::Value;

use super::process::KEY;

pub(crate) struct Caller {
    address: String,
    control: String,
    stream: Option<TcpStream>,
}

/// What was answered; nothing, when the server died before it answered.
pub(crate) type Answered = io::Result<(u16, Value)>;

impl Caller {
    pub(crate) fn new(address: &str, control: &str) -> Self {
        Self { address: address.to_owned(), control: control.to_owned(), stream: None }
    }

    /// A call with the key.
    pub(crate) fn call(&mut self, method: &str, path: &str, body: &str) -> Answered {
        use base64::Engine as _;
        let key = base64::engine::general_purpose::STANDARD.encode(format!("{KEY}:"));
        let head = format!("{method} {path} HTTP/1.1\r\nhost: a\r\nauthorization: Basic {key}\r\n");
        let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
        self.send(request.as_bytes(), &mut || {})
    }

    /// What the control surface knows of a video.
    pub(crate) fn known(&self, video: &str) -> Answered {
        let mut other = Self::new(&self.control, "");
        other.call("GET", &format!("/uploads/{video}"), "")
    }

    /// A request as it is; `half_way` is told when half of it has left.
    pub(crate) fn send(&mut self, request: &[u8], half_way: &mut dyn FnMut()) -> Answered {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => TcpStream::connect(&self.address)?,
        };
        // The second half must not wait for the first one to be acknowledged.
        stream.set_nodelay(true)?;
        let (half, rest) = request.split_at(request.len() / 2);
        stream.write_all(half)?;
        half_way();
        stream.write_all(rest)?;
        let answer = read(&mut stream)?;
        self.stream = Some(stream);
        Ok(answer)
    }

    /// Half of a request, and then nothing more; it returns when the server has seen that.
    pub(crate) fn break_off(&mut self, request: &[u8]) -> io::Result<()> {
        let mut stream = TcpStream::connect(&self.address)?;
        let half = &request[..request.len() / 2];
        let answered = stream.write_all(half).and_then(|()| stream.shutdown(Shutdown::Write));
        // Nothing is an answer, too.
        if let Ok((status, body)) = answered.and_then(|()| read(&mut stream)) {
            assert!(status >= 400, "half a segment returned {status} {body}");
        }
        Ok(())
    }
}

fn read(stream: &mut TcpStream) -> Answered {
    let mut answer = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        if let Some(at) = answer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&answer[..at]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if answer.len() >= at + 4 + length {
                let status = head["http/1.1 ".len()..][..3].parse().unwrap();
                let body = serde_json::from_slice(&answer[at + 4..]).unwrap_or_default();
                return Ok((status, body));
            }
        }
        match stream.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => answer.extend_from_slice(&buffer[..read]),
        }
    }
}
