//! A server of one's own for each test, and the calls that the tests are written in.

use std::fmt::Display;

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use uptake_reference::{ClockKind, Config, Limits, Server};

pub(crate) const KEY: &str = "a-key-of-the-tests";
pub(crate) const KIB: usize = 1024;
/// The smallest segment of the tests' servers.
pub(crate) const SEGMENT: usize = 64 * KIB;

thread_local! {
    /// One a test: a client is slow to make, and its connections belong to the test's runtime.
    static CLIENT: Client = {
        drop(rustls::crypto::ring::default_provider().install_default());
        Client::builder().no_proxy().build().unwrap()
    };
}

/// A running server and a client.
pub(crate) struct Bench {
    pub(crate) server: Server,
    pub(crate) client: Client,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// `status slug`, which is what most tests are about.
    pub(crate) fn verdict(&self) -> String {
        if self.status < 400 {
            return self.status.to_string();
        }
        let body = self.json();
        assert_eq!(body["status"], self.status, "the body must agree with the status: {body}");
        let slug = body["type"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        format!("{} {slug}", self.status)
    }
}

/// A form with one file, and whatever stands around it.
#[derive(Clone)]
pub(crate) struct Upload {
    pub(crate) token: String,
    pub(crate) range: Option<String>,
    pub(crate) video_id: Option<String>,
    pub(crate) length: usize,
    pub(crate) name: String,
}

pub(crate) fn config() -> Config {
    Config {
        control: Some(([127, 0, 0, 1], 0).into()),
        api_key: KEY.into(),
        clock: ClockKind::Virtual,
        limits: Limits {
            min_segment: SEGMENT as u64,
            max_segment: 256 * KIB as u64,
            max_request: 320 * KIB as u64,
            ..Limits::default()
        },
        ..Config::default()
    }
}

impl Bench {
    pub(crate) async fn start() -> Self {
        Self::with(config()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        Self { server: Server::start(config).await.unwrap(), client: CLIENT.with(Client::clone) }
    }

    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.server.origin()))
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).basic_auth(KEY, Some(""))
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        Answer::of(request.send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.call(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.call(Method::DELETE, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.call(Method::POST, path).body(body.to_string())).await
    }

    pub(crate) async fn token(&self, ttl: i64) -> String {
        let answer = self.post("/upload-tokens", &json!({ "ttl": ttl })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn advance(&self, seconds: i64) {
        let address = format!("{}/clock/advance", self.server.control().unwrap());
        let answer =
            self.send(self.client.post(address).body(json!({ "seconds": seconds }).to_string())).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    pub(crate) async fn upload(&self, upload: &Upload) -> Answer {
        let path = format!("/upload?token={}", upload.token);
        self.send(upload.dress(self.bare(Method::POST, &path))).await
    }

    /// Sends a segment that must be accepted, and gives its video's id.
    pub(crate) async fn accepted(&self, upload: &Upload) -> String {
        let answer = self.upload(upload).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["videoId"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn ingest(&self, video: &str) -> Value {
        self.get(&format!("/videos/{video}/status")).await.json()["ingest"].clone()
    }
}

pub(crate) fn upload(token: &str) -> Upload {
    Upload { token: token.into(), range: None, video_id: None, length: 10 * KIB, name: "film.mp4".into() }
}

impl Upload {
    /// A byte range with a body to match.
    pub(crate) fn bytes(mut self, from: usize, to: usize, total: impl Display) -> Self {
        self.range = Some(format!("bytes {from}-{to}/{total}"));
        self.length = (to + 1).saturating_sub(from);
        self
    }

    /// A part of the smallest length.
    pub(crate) fn part(mut self, number: usize, count: impl Display) -> Self {
        self.range = Some(format!("part {number}/{count}"));
        self.length = SEGMENT;
        self
    }

    pub(crate) fn length(mut self, length: usize) -> Self {
        self.length = length;
        self
    }

    pub(crate) fn into_video(mut self, video_id: &str) -> Self {
        self.video_id = Some(video_id.into());
        self
    }

    pub(crate) fn range(mut self, range: &str) -> Self {
        self.range = Some(range.into());
        self
    }

    pub(crate) fn dress(&self, mut request: RequestBuilder) -> RequestBuilder {
        if let Some(range) = &self.range {
            request = request.header("Content-Range", HeaderValue::from_str(range).unwrap());
        }
        let mut parts = Vec::new();
        if let Some(video) = &self.video_id {
            parts.push(Part::field("videoId", video));
        }
        parts.push(Part::file("file", &self.name, content(self.length)));
        form(request, &parts)
    }
}

/// One part of a form.
pub(crate) struct Part {
    head: String,
    body: Vec<u8>,
}

impl Part {
    pub(crate) fn field(name: &str, value: &str) -> Self {
        Self { head: format!("name=\"{name}\""), body: value.into() }
    }

    pub(crate) fn file(field: &str, name: &str, body: Vec<u8>) -> Self {
        let head = format!("name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream");
        Self { head, body }
    }
}

pub(crate) fn form(request: RequestBuilder, parts: &[Part]) -> RequestBuilder {
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(b"--edge-of-a-part\r\nContent-Disposition: form-data; ");
        body.extend_from_slice(part.head.as_bytes());
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(&part.body);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--edge-of-a-part--\r\n");
    request.header("Content-Type", "multipart/form-data; boundary=edge-of-a-part").body(body)
}

/// Bytes of every value, so that a scanner has something to trip over.
pub(crate) fn content(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at.wrapping_mul(31) ^ (at >> 8)).to_le_bytes()[0]).collect()
}

/// As many connections as were wanted, or as the machine allows with both ends in one process.
pub(crate) fn connections(wanted: usize) -> usize {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
        let allowed = getrlimit(Resource::Nofile).current.and_then(|files| usize::try_from(files).ok());
        wanted.min(allowed.unwrap_or(usize::MAX).saturating_sub(200) / 2)
    }
    #[cfg(not(unix))]
    wanted.min(200)
}
