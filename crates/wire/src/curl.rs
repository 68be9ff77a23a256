//! A request as a curl command that repeats it.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Method;

use super::http2::AUTHORITY;
use super::shell::word;
use super::summary::SHOWN;
use super::{BodySummary, FieldSummary, Secrets, Sent, Version, message};

/// The command that repeats a request, for a POSIX shell. Secrets stand in it as variables, so that it runs where those are
/// set. The commands that make the files it needs stand above it, and comments say what curl cannot do.
pub fn curl(sent: &Sent, secrets: &Secrets) -> String {
    // The words are masked already; this is for what several of them make together.
    secrets.mask(&command(sent, secrets))
}

/// The same, masked word by word only.
pub(super) fn command(sent: &Sent, secrets: &Secrets) -> String {
    let mut command = Command { comments: Vec::new(), files: Vec::new(), words: Vec::new(), secrets };
    match (&sent.method, &sent.body) {
        (None, BodySummary::Raw(bytes)) => command.raw(sent, bytes),
        (method, body) => {
            command.method(method.as_ref(), body);
            command.version(sent);
            command.headers(sent);
            command.body(body);
            command.words.push(word(sent.url.as_str(), secrets));
        }
    }
    if !sent.delivery.is_empty() {
        command.comments.push(format!("uptake sent it {}", sent.delivery));
    }
    command.to_string()
}

struct Command<'s> {
    comments: Vec<String>,
    /// The files that it needs, by name, each with the command that makes it.
    files: Vec<(String, String)>,
    words: Vec<String>,
    secrets: &'s Secrets,
}

impl Command<'_> {
    fn option(&mut self, name: &str, value: &str) {
        self.words.push(format!("{name} {}", word(value, self.secrets)));
    }

    fn method(&mut self, method: Option<&Method>, body: &BodySummary) {
        self.words.push("curl".to_owned());
        match method {
            Some(&Method::HEAD) => self.words.push("--head".to_owned()),
            Some(&Method::GET) | None if body.is_empty() => {}
            Some(method) => self.option("-X", method.as_str()),
            None => {}
        }
    }

    fn version(&mut self, sent: &Sent) {
        let word = match (sent.version, sent.url.scheme()) {
            (Version::Http1, _) => return,
            (Version::Http2, "https") => "--http2",
            (Version::Http2, _) => "--http2-prior-knowledge",
        };
        self.words.push(word.to_owned());
    }

    fn headers(&mut self, sent: &Sent) {
        let form = matches!(sent.body, BodySummary::Form { .. });
        for (name, value) in &sent.headers {
            let name = if name == AUTHORITY { "Host" } else { name };
            let is = |what: &str| name.eq_ignore_ascii_case(what);
            let own = (is("user-agent") && value == message::USER_AGENT)
                || (is("host") && *value == message::host(&sent.url))
                || (is("content-length") && *value == sent.body.len().to_string())
                || (is("content-type") && form);
            if own {
                continue;
            }
            match basic(value).filter(|_| is("authorization")) {
                Some(pair) => self.option("-u", &pair),
                // curl takes a header without a value for the wish to leave it out; a semicolon says otherwise.
                None if value.is_empty() => self.option("-H", &format!("{name};")),
                None => self.option("-H", &format!("{name}: {value}")),
            }
        }
        let typed = sent.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if !typed && !form && !sent.body.is_empty() {
            // curl would call it a form.
            self.option("-H", "Content-Type:");
        }
    }

    fn body(&mut self, body: &BodySummary) {
        match body {
            BodySummary::Empty => {}
            BodySummary::Form { fields, .. } => fields.iter().for_each(|field| self.field(field)),
            BodySummary::Bytes(bytes) | BodySummary::Raw(bytes) if BodySummary::text(bytes).is_some() => {
                self.option("--data-raw", BodySummary::text(bytes).unwrap_or_default());
            }
            other => {
                let file = self.file(other);
                self.option("--data-binary", &format!("@{file}"));
            }
        }
    }

    fn field(&mut self, field: &FieldSummary) {
        let FieldSummary { name, file_name, content_type, content } = field;
        if let (None, None, BodySummary::Bytes(bytes)) = (file_name, content_type, content)
            && let Some(text) = BodySummary::text(bytes)
        {
            return self.option("--form-string", &format!("{name}={text}"));
        }
        let file = self.file(content);
        // `<` makes a part without a file name of a file's content.
        let sign = if file_name.is_some() { '@' } else { '<' };
        let mut value = format!("{name}={sign}{file}");
        if let Some(file_name) = file_name {
            let _ = write!(value, ";filename={}", form_word(file_name));
        }
        if let Some(content_type) = content_type {
            let _ = write!(value, ";type={content_type}");
        }
        self.option("-F", &value);
    }

    /// The name of a file that holds the content; a command above makes it.
    fn file(&mut self, content: &BodySummary) -> String {
        match content {
            BodySummary::File { path, from, len, size } => {
                let path = path.display().to_string();
                if len == size {
                    return path;
                }
                let source = word(&path, self.secrets);
                let how = format!("tail -c +{} {source} | head -c {len}", from + 1);
                self.made(&format!("{from}-{len}"), how)
            }
            BodySummary::Bytes(bytes) | BodySummary::Raw(bytes) => {
                let name = size_name(bytes.len() as u64);
                if bytes.len() <= SHOWN {
                    let how = format!("printf %b {}", word(&escaped(bytes), self.secrets));
                    return self.made(&name, how);
                }
                let name = format!("{name}.bin");
                self.comments
                    .push(format!("{name} contains the body ({} bytes, too many to show)", bytes.len()));
                name
            }
            BodySummary::Seeded { seed, from, len } => {
                let from = if *from == 0 { String::new() } else { format!(" --from {from}") };
                let how = format!("uptake content --seed {} --size {len}{from}", seed.0);
                self.made(&size_name(*len), how)
            }
            other => {
                let how = format!("head -c {} /dev/zero", other.len());
                self.made(&size_name(other.len()), how)
            }
        }
    }

    /// The name of a file that this command makes.
    fn made(&mut self, stem: &str, how: String) -> String {
        if let Some((name, _)) = self.files.iter().find(|(_, known)| *known == how) {
            return name.clone();
        }
        let number = self.files.len() + 1;
        let name = if number == 1 { format!("{stem}.bin") } else { format!("{stem}-{number}.bin") };
        self.files.push((name.clone(), how));
        name
    }

    fn raw(&mut self, sent: &Sent, bytes: &Bytes) {
        let host = sent.url.host_str().unwrap_or_default();
        let port = sent.url.port_or_known_default().unwrap_or_default();
        let print = format!("printf %b {}", word(&escaped(bytes), self.secrets));
        let connect = if sent.url.scheme() == "https" {
            format!("openssl s_client -quiet -connect {host}:{port}")
        } else {
            format!("nc {host} {port}")
        };
        self.words.push(format!("{print} | {connect}"));
    }
}

impl std::fmt::Display for Command<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for comment in &self.comments {
            writeln!(f, "# {}", comment.replace('\n', " "))?;
        }
        for (name, how) in &self.files {
            writeln!(f, "{how} > {name}")?;
        }
        f.write_str(&self.words.join(" "))
    }
}

/// Name and password of a basic credential.
pub(super) fn basic(value: &str) -> Option<String> {
    let (scheme, credential) = value.split_once(' ')?;
    let bytes = STANDARD.decode(credential.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    String::from_utf8(bytes).ok().filter(|pair| pair.contains(':') && !pair.contains(char::is_control))
}

/// A word within the value of `-F`, where commas and semicolons part what stands outside of quotes.
fn form_word(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-._/".contains(c);
    if !text.is_empty() && text.chars().all(safe) {
        text.to_owned()
    } else {
        format!("\"{}\"", text.replace('\\', r"\\").replace('"', r#"\""#))
    }
}

/// The bytes as `printf %b` takes them.
fn escaped(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'\\' => out.push_str(r"\\"),
            b'\r' => out.push_str(r"\r"),
            b'\n' => out.push_str(r"\n"),
            b'\t' => out.push_str(r"\t"),
            b' '..=b'~' => out.push(char::from(*byte)),
            other => {
                let _ = write!(out, r"\0{other:03o}");
            }
        }
    }
    out
}

fn size_name(len: u64) -> String {
    const MIB: u64 = 1 << 20;
    if len >= MIB && len.is_multiple_of(MIB) { format!("{}MiB", len / MIB) } else { format!("{len}B") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use http::Method;
    use url::Url;

    use super::curl;
    use crate::connection::Route;
    use crate::message::Head;
    use crate::{Body, FilePart, Form, Length, RawBytes, Request, Secrets, Sent, Stall, Then, Version};
    use uptake_payload::{Content, Seed};

    const KEY: &str = "kE9-secret-key";
    const TOKEN: &str = "to4kEnSecret";

    fn secrets() -> Secrets {
        let secrets = Secrets::new();
        secrets.taint("api key", KEY);
        secrets.taint("token", TOKEN);
        secrets
    }

    fn request(method: Method, headers: &[(&str, &str)], body: Body) -> Request {
        let url = Url::parse(&format!("http://127.0.0.1:1/upload?token={TOKEN}")).unwrap();
        let mut request = Request::new(method, url);
        request.headers =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        request.body = body;
        request
    }

    fn told(request: &Request) -> String {
        curl(&Sent::of(request, Version::Http1, Head::of(request, &[], &Route::Direct).headers), &secrets())
    }

    #[test]
    fn a_request_is_repeated_with_its_secrets_as_variables() {
        let basic = format!("Basic {}", STANDARD.encode(format!("{KEY}:")));
        let headers =
            [("Authorization", basic.as_str()), ("Content-Type", "application/json"), ("X-Empty", "")];
        let body = Body::from(r#"{"ttl": 60, "name": "it's"}"#.to_owned());
        assert_eq!(
            told(&request(Method::POST, &headers, body)),
            r#"curl -X POST -u "$API_KEY:" -H 'Content-Type: application/json' -H 'X-Empty;' --data-raw '{"ttl": 60, "name": "it'\''s"}' "http://127.0.0.1:1/upload?token=$TOKEN""#
        );
        let bearer = format!("Bearer {TOKEN}");
        assert_eq!(
            told(&request(Method::GET, &[("Authorization", &bearer)], Body::empty())),
            r#"curl -H "Authorization: Bearer $TOKEN" "http://127.0.0.1:1/upload?token=$TOKEN""#
        );
        assert_eq!(
            told(&request(Method::HEAD, &[], Body::empty())),
            r#"curl --head "http://127.0.0.1:1/upload?token=$TOKEN""#
        );
    }

    #[test]
    fn a_form_is_repeated_with_files_that_a_comment_makes() {
        let (content_type, body) = Form::new("b")
            .text("videoId", "vi1")
            .file(FilePart {
                field: "file".to_owned(),
                file_name: Some("a b.mp4".to_owned()),
                content_type: Some("video/mp4".to_owned()),
                slice: Content::seeded(Seed(1), 12 << 20).whole(),
            })
            .finish();
        let headers = [("Content-Type", content_type.as_str()), ("Content-Range", "part 1/1")];
        assert_eq!(
            told(&request(Method::POST, &headers, body)),
            "uptake content --seed 1 --size 12582912 > 12MiB.bin\n\
             curl -X POST -H 'Content-Range: part 1/1' --form-string videoId=vi1 \
             -F 'file=@12MiB.bin;filename=\"a b.mp4\";type=video/mp4' \"http://127.0.0.1:1/upload?token=$TOKEN\""
        );
    }

    #[test]
    fn what_curl_cannot_do_is_told() {
        let mut odd = request(Method::PATCH, &[], Body::content(Content::seeded(Seed(1), 100).whole()));
        odd.delivery.length = Length::Claimed(120);
        odd.delivery.stall = Some(Stall { after: 50, pause: Duration::from_secs(2) });
        odd.delivery.break_off = Some(70);
        assert_eq!(
            told(&odd),
            "# uptake sent it with Content-Length 120, stalled after 50 bytes for 2 s, broken off after 70 bytes\n\
             uptake content --seed 1 --size 100 > 100B.bin\n\
             curl -X PATCH -H 'Content-Length: 120' -H Content-Type: --data-binary @100B.bin \
             \"http://127.0.0.1:1/upload?token=$TOKEN\""
        );
    }

    #[test]
    fn raw_bytes_are_repeated_by_netcat() {
        let raw = RawBytes {
            earlier: Vec::new(),
            bytes: format!("GET /?t={TOKEN} HTTP/1.1\r\n\0").into_bytes(),
            then: Then::HalfClose,
        };
        let sent = Sent::raw(&Url::parse("http://127.0.0.1:1/").unwrap(), &raw);
        assert_eq!(
            curl(&sent, &secrets()),
            "# uptake sent it and closed its side of the connection\n\
             printf %b \"GET /?t=$TOKEN HTTP/1.1\\\\r\\\\n\\\\0000\" | nc 127.0.0.1 1"
        );
    }
}
