//! Reads a request to its end without passing it on.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::connect::{MAX_HEAD, RequestLine, end_of_head};

/// How the end of a request is known.
#[derive(Debug, PartialEq, Eq)]
enum Rest {
    /// So many bytes after the head.
    Length(u64),
    /// A chunk of length zero.
    Chunked,
}

/// Takes a whole request from `stream`, as far as it comes, and asks for its body where the client waits for that.
pub(super) async fn swallow(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<RequestLine> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = end_of_head(&bytes) {
            break end;
        }
        if bytes.len() > MAX_HEAD || stream.read_buf(&mut bytes).await? == 0 {
            return Ok(RequestLine::of(&bytes));
        }
    };
    let line = RequestLine::of(&bytes);
    let (rest, waits) = framing(&String::from_utf8_lossy(&bytes[..end]));
    if waits {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    let mut body = bytes.split_off(end);
    let mut received = body.len() as u64;
    loop {
        let is_whole = match rest {
            Rest::Length(length) => received >= length,
            Rest::Chunked => body.ends_with(b"0\r\n\r\n"),
        };
        if is_whole {
            return Ok(line);
        }
        // Only the end of a chunked body is looked at.
        let kept = body.len().saturating_sub(5);
        body.drain(..kept);
        match stream.read_buf(&mut body).await? {
            0 => return Ok(line),
            count => received += count as u64,
        }
    }
}

/// What the head says of the end of the request, and whether the client waits before it sends the body.
fn framing(head: &str) -> (Rest, bool) {
    let mut rest = Rest::Length(0);
    let mut waits = false;
    for (name, value) in head.split("\r\n").filter_map(|line| line.split_once(':')) {
        match (name.trim().to_ascii_lowercase().as_str(), value.trim()) {
            ("transfer-encoding", value) if value.ends_with("chunked") => rest = Rest::Chunked,
            ("content-length", value) if rest != Rest::Chunked => {
                rest = Rest::Length(value.parse().unwrap_or(0));
            }
            ("expect", value) => waits = value.eq_ignore_ascii_case("100-continue"),
            _ => {}
        }
    }
    (rest, waits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_is_taken_to_its_end_and_no_further() {
        for request in [
            "DELETE /a HTTP/1.1\r\nHost: x\r\n\r\n",
            "DELETE /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
            "DELETE /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        ] {
            let (mut near, mut far) = tokio::io::duplex(7);
            let writing = tokio::spawn(async move {
                near.write_all(request.as_bytes()).await.expect("it is read");
                near
            });
            let line = swallow(&mut far).await.expect("no error");
            assert_eq!((line.method.as_str(), line.target.as_str()), ("DELETE", "/a"), "{request}");
            drop(writing.await.expect("it does not panic"));
        }
    }

    #[tokio::test]
    async fn a_client_that_waits_is_told_to_go_on() {
        let (mut near, mut far) = tokio::io::duplex(1024);
        let taking = tokio::spawn(async move { swallow(&mut far).await.map(|line| line.method) });
        near.write_all(b"PUT /a HTTP/1.1\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")
            .await
            .expect("it is read");
        let mut told = [0; 25];
        near.read_exact(&mut told).await.expect("it is told");
        assert!(told.starts_with(b"HTTP/1.1 100 Continue"));
        near.write_all(b"x").await.expect("it is read");
        assert_eq!(taking.await.expect("it does not panic").expect("no error"), "PUT");
    }
}
