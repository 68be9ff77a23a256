//! The request for a tunnel with which a connection to the interceptor begins, and the head of the request in the tunnel.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use uptake_wire::response::RequestKind;
use url::Url;

/// The most bytes of a head that are looked at.
pub(super) const MAX_HEAD: usize = 64 << 10;

/// Method and target of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RequestLine {
    pub(super) method: String,
    pub(super) target: String,
}

impl RequestLine {
    /// The first line of `bytes`, as far as it is there; a malformed one has an empty method or target.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let line = bytes.split(|byte| *byte == b'\r' || *byte == b'\n').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let mut words = line.split(' ').map(str::to_owned);
        Self { method: words.next().unwrap_or_default(), target: words.next().unwrap_or_default() }
    }

    /// How the answer to this request is framed.
    pub(super) fn kind(&self) -> RequestKind {
        if self.method == "HEAD" { RequestKind::Head } else { RequestKind::Other }
    }
}

/// Reads the request for a tunnel; gives the base URL of the host that it names.
pub(super) async fn read_connect(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Url> {
    let mut head = Vec::new();
    // Nothing follows before the tunnel is there.
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > MAX_HEAD || stream.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
    base_url(&String::from_utf8_lossy(&head)).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn base_url(head: &str) -> Option<Url> {
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ');
    words.next().filter(|method| *method == "CONNECT")?;
    let authority = words.next()?;
    let scheme = lines.find_map(|line| line.strip_prefix("Forwarded: proto="))?;
    Url::parse(&format!("{scheme}://{authority}")).ok()
}

/// Where the head of the message in `bytes` ends, behind its empty line.
pub(super) fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tunnel_leads_to_the_host_and_scheme_that_it_was_asked_for() {
        let head = "CONNECT [::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\nForwarded: proto=https\r\n\r\n";
        assert_eq!(base_url(head).map(|url| url.to_string()).as_deref(), Some("https://[::1]:8443/"));
        assert_eq!(base_url("GET / HTTP/1.1\r\nForwarded: proto=http\r\n\r\n"), None);
    }

    #[test]
    fn a_request_line_is_read_as_far_as_it_goes() {
        let line = RequestLine::of(b"HEAD /files/1 HTTP/1.1\r\nHost: a\r\n");
        assert_eq!(
            (line.method.as_str(), line.target.as_str(), line.kind()),
            ("HEAD", "/files/1", RequestKind::Head)
        );
        assert_eq!(RequestLine::of(b"\0\0").target, "");
    }
}
