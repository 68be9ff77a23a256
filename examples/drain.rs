//! A server that drains bodies and answers 201, on one thread: `cargo run --release --example drain -- 127.0.0.1:8800`.
//!
//! It keeps nothing and checks nothing, so that what is measured against it is whoever sends.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a tool of the benches fails aloud, and says where it listens"
)]

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const ANSWER: &[u8] =
    b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{\"videoId\":\"vi0\"}";
const BUFFER: usize = 256 * 1024;

fn main() {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let listener = TcpListener::bind(address).await.unwrap();
        println!("listening on http://{}", listener.local_addr().unwrap());
        loop {
            let Ok((socket, _)) = listener.accept().await else { continue };
            tokio::spawn(serve(socket));
        }
    });
}

async fn serve(mut socket: TcpStream) {
    socket.set_nodelay(true).unwrap();
    let mut buffer = vec![0; BUFFER];
    let mut filled = 0;
    loop {
        let Some((head, mut left)) = parsed(&buffer[..filled]) else {
            match socket.read(&mut buffer[filled..]).await {
                Ok(0) | Err(_) => return,
                Ok(count) => filled += count,
            }
            continue;
        };
        // What came with the head, and then the rest.
        let had = left.min(filled - head);
        left -= had;
        buffer.copy_within(head + had..filled, 0);
        filled -= head + had;
        while left > 0 {
            let most = left.min(BUFFER);
            match socket.read(&mut buffer[..most]).await {
                Ok(0) | Err(_) => return,
                Ok(count) => left -= count,
            }
        }
        if socket.write_all(ANSWER).await.is_err() {
            return;
        }
    }
}

/// How long the head is, and the body behind it; none where the head is not whole yet.
fn parsed(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = request.parse(bytes).unwrap() else { return None };
    let length = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = length.map_or(0, |header| std::str::from_utf8(header.value).unwrap().parse().unwrap());
    Some((head, length))
}
