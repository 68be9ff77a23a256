//! The proxy that a request goes through: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case, as curl reads
//! them. This machine's own addresses are always reached directly: a proxy cannot reach them.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper_util::client::proxy::matcher::Matcher;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use url::{Host, Url};

/// The proxies that the environment names.
#[derive(Clone, Default)]
pub struct Proxies(Choice);

#[derive(Clone, Default)]
enum Choice {
    /// Every host is reached directly.
    #[default]
    None,
    /// The matcher says which proxy a URL has.
    Matched(Arc<Matcher>),
    /// Every connection goes to this interceptor.
    Intercepted(SocketAddr),
}

/// One proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The value of `Proxy-Authorization`, where its address names a user.
    pub authorization: Option<String>,
}

/// How much of a proxy's answer to CONNECT is read.
const MOST_HEAD: usize = 16 << 10;

impl Proxies {
    /// Those that the environment of this process names.
    pub fn from_environment() -> Proxies {
        Proxies(Choice::Matched(Arc::new(Matcher::from_env())))
    }

    /// Those at these addresses, but for the hosts that `no` lists.
    pub fn at(http: &str, https: &str, no: &str) -> Proxies {
        let matcher = Matcher::builder().http(http.to_owned()).https(https.to_owned()).no(no.to_owned());
        Proxies(Choice::Matched(Arc::new(matcher.build())))
    }

    /// Leads every connection, those to this machine too, to an interceptor on loopback. It is asked for a tunnel to each host,
    /// and told the scheme by `Forwarded: proto=…` ([RFC 7239](https://www.rfc-editor.org/rfc/rfc7239)). What goes through the
    /// tunnel is plain HTTP: an interceptor reads it, and speaks TLS to the host itself.
    pub fn intercepted_by(address: SocketAddr) -> Proxies {
        Proxies(Choice::Intercepted(address))
    }

    /// The interceptor that every connection goes to, where there is one.
    pub(super) fn interceptor(&self) -> Option<Proxy> {
        let Choice::Intercepted(address) = self.0 else { return None };
        Some(Proxy { host: address.ip().to_string(), port: address.port(), authorization: None })
    }

    /// The proxy for this URL, or why it cannot be used.
    pub fn of(&self, url: &Url) -> Result<Option<Proxy>, String> {
        let Choice::Matched(matcher) = &self.0 else { return Ok(None) };
        if is_local(url) {
            return Ok(None);
        }
        let Ok(uri) = url.as_str().parse::<http::Uri>() else { return Ok(None) };
        let Some(found) = matcher.intercept(&uri) else { return Ok(None) };
        let scheme = found.uri().scheme_str().unwrap_or("http");
        if scheme != "http" || found.raw_auth().is_some() {
            return Err(format!(
                "the environment sets a proxy with {scheme}://, but uptake supports only http:// proxies; set another one, or set NO_PROXY={}",
                url.host_str().unwrap_or_default()
            ));
        }
        let authorization = found.basic_auth().and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Some(Proxy {
            host: found.uri().host().unwrap_or_default().to_owned(),
            port: found.uri().port_u16().unwrap_or(80),
            authorization,
        }))
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Choice::None => "Proxies(none)",
            Choice::Matched(_) => "Proxies(from the environment)",
            Choice::Intercepted(_) => "Proxies(an interceptor)",
        })
    }
}

/// The address, without the user in it.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}:{}", self.host, self.port)
    }
}

impl Proxy {
    /// The user and the password, as they stand in the environment: a secret.
    pub fn credential(&self) -> Option<String> {
        let encoded = self.authorization.as_ref()?.strip_prefix("Basic ")?;
        String::from_utf8(STANDARD.decode(encoded).ok()?).ok()
    }

    /// Asks the proxy for a tunnel to `authority` (`HOST:PORT`). What is written to the stream from then on reaches the
    /// target as it is.
    pub async fn tunnel<S>(&self, stream: &mut S, authority: &str) -> Result<(), String>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        self.tunnel_with(stream, authority, "").await
    }

    /// The same with further header lines, each with its line end.
    pub(super) async fn tunnel_with<S>(
        &self,
        stream: &mut S,
        authority: &str,
        lines: &str,
    ) -> Result<(), String>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let credential = match &self.authorization {
            Some(value) => format!("Proxy-Authorization: {value}\r\n"),
            None => String::new(),
        };
        let request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{credential}{lines}\r\n");
        let lost = |_| format!("the proxy {self} closed the connection");
        stream.write_all(request.as_bytes()).await.map_err(lost)?;
        stream.flush().await.map_err(lost)?;
        let mut head = Vec::new();
        // Nobody speaks before the tunnel's user does: what comes is the proxy's answer and nothing behind it.
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() > MOST_HEAD {
                return Err(format!("the proxy {self} does not end its response to CONNECT"));
            }
            match stream.read_buf(&mut head).await {
                Ok(0) | Err(_) => return Err(format!("the proxy {self} closed the connection")),
                Ok(_) => {}
            }
        }
        match status(&head) {
            Some(200..=299) => Ok(()),
            Some(407) => Err(format!("the proxy {self} requires a user and a password (407)")),
            Some(status) => Err(format!("the proxy {self} refused a tunnel to {authority} ({status})")),
            None => Err(format!("the server at {self} is not an HTTP proxy")),
        }
    }
}

/// The status in a response's head.
fn status(head: &[u8]) -> Option<u16> {
    let line = head.split(|byte| *byte == b'\r').next()?;
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    words.next().filter(|version| version.starts_with("HTTP/1."))?;
    words.next()?.parse().ok()
}

/// Whether a URL leads to this machine itself.
fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unspecified(),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{Proxies, Proxy, status};

    fn of(proxies: &Proxies, url: &str) -> Result<Option<String>, String> {
        let found = proxies.of(&Url::parse(url).expect("a URL"))?;
        Ok(found.map(|proxy| proxy.to_string()))
    }

    #[test]
    fn each_scheme_has_its_proxy_and_some_hosts_have_none() {
        let proxies =
            Proxies::at("http://plain.test:3128", "http://secure.test:3129", "direct.test,10.0.0.0/8");
        for (url, wanted) in [
            ("http://a.test/x", Some("http://plain.test:3128")),
            ("https://a.test/x", Some("http://secure.test:3129")),
            ("http://direct.test/", None),
            ("https://sub.direct.test/", None),
            ("http://10.1.2.3/", None),
            ("http://localhost:8080/", None),
            ("http://127.0.0.1:8080/", None),
            ("http://[::1]:8080/", None),
        ] {
            assert_eq!(of(&proxies, url), Ok(wanted.map(str::to_owned)), "{url}");
        }
        assert_eq!(of(&Proxies::default(), "http://a.test/"), Ok(None));
    }

    #[test]
    fn the_password_is_kept_apart_from_the_address() {
        let proxies = Proxies::at("http://user:pass@proxy.test:1", "", "");
        let proxy = proxies.of(&Url::parse("http://a.test/").expect("a URL")).expect("usable").expect("one");
        assert_eq!(proxy.to_string(), "http://proxy.test:1");
        assert_eq!(proxy.credential().as_deref(), Some("user:pass"));
    }

    #[test]
    fn a_proxy_of_another_protocol_is_refused() {
        let proxies = Proxies::at("socks5://proxy.test:1080", "", "");
        let why = of(&proxies, "http://a.test/").expect_err("not spoken");
        assert!(why.contains("socks5://") && why.contains("NO_PROXY=a.test"), "{why}");
    }

    #[tokio::test]
    async fn a_tunnel_says_why_there_is_none() {
        let proxy = Proxy { host: "proxy.test".to_owned(), port: 1, authorization: None };
        for (answer, wanted) in [
            ("HTTP/1.1 200 OK\r\n\r\n", None),
            ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", Some("user and a password")),
            ("HTTP/1.1 403 Forbidden\r\n\r\n", Some("refused a tunnel to a.test:443 (403)")),
            ("SSH-2.0\r\n\r\n", Some("is not an HTTP proxy")),
            ("HTTP/1.1 200", Some("closed the connection")),
        ] {
            let mut stream = tokio_test_stream(answer);
            let made = proxy.tunnel(&mut stream, "a.test:443").await;
            match wanted {
                None => assert_eq!(made, Ok(())),
                Some(wanted) => assert!(made.clone().is_err_and(|why| why.contains(wanted)), "{made:?}"),
            }
        }
        assert_eq!(status(b"HTTP/1.1 200 OK\r\n\r\n"), Some(200));
    }

    /// A stream that says this and then ends, and takes whatever is written.
    fn tokio_test_stream(answer: &'static str) -> impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin {
        tokio::io::join(answer.as_bytes(), tokio::io::sink())
    }
}
