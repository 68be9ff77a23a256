//! One conversation an area with a server, told line by line: what was done, and what the server made of it. A faithful
//! server always tells the same; a defect must tell something else.
//!
//! Nothing here asserts: a conversation goes on whatever it is answered.

use std::fmt::{Display, Write as _};

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use uptake_reference::{Config, Defects};

use crate::support::{Answer, Bench, Upload, config};

/// A conversation, and what was told of it so far.
pub(crate) struct Talk {
    pub(crate) bench: Bench,
    told: String,
}

impl Talk {
    pub(crate) async fn with(defects: Defects) -> Self {
        Self::on(Config { defects, ..config() }).await
    }

    pub(crate) async fn on(config: Config) -> Self {
        Self { bench: Bench::with(config).await, told: String::new() }
    }

    pub(crate) fn end(self) -> String {
        self.told
    }

    /// Notes a fact.
    pub(crate) fn note(&mut self, what: &str, fact: impl Display) {
        writeln!(self.told, "{what}: {fact}").expect("a text takes any text");
    }

    /// Sends a request and notes its answer.
    pub(crate) async fn ask(&mut self, what: &str, request: RequestBuilder) -> Answer {
        let answer = self.bench.send(request).await;
        self.note(what, told(&answer));
        answer
    }

    pub(crate) async fn get(&mut self, what: &str, path: &str) -> Answer {
        let request = self.bench.call(Method::GET, path);
        self.ask(what, request).await
    }

    pub(crate) async fn post(&mut self, what: &str, path: &str, body: &Value) -> Answer {
        let request = self.bench.call(Method::POST, path).body(body.to_string());
        self.ask(what, request).await
    }

    pub(crate) async fn delete(&mut self, what: &str, path: &str) -> Answer {
        let request = self.bench.call(Method::DELETE, path);
        self.ask(what, request).await
    }

    /// Sends a segment, notes its answer, and gives the video's id (none as an empty text).
    pub(crate) async fn put(&mut self, what: &str, upload: &Upload) -> String {
        let answer = self.bench.upload(upload).await;
        self.note(what, told(&answer));
        text(&answer, "videoId")
    }

    /// A token, without a note.
    pub(crate) async fn token(&self, ttl: i64) -> String {
        text(&self.bench.post("/upload-tokens", &json!({ "ttl": ttl })).await, "token")
    }

    /// Notes how far a video is.
    pub(crate) async fn status(&mut self, what: &str, video: &str) {
        let answer = self.bench.get(&format!("/videos/{video}/status")).await;
        let ingest = parsed(&answer)["ingest"].clone();
        self.note(what, format!("{} {ingest}", answer.status));
    }

    /// Notes what the control surface knows of a video's bytes.
    pub(crate) async fn bytes(&mut self, what: &str, video: &str) {
        let address = format!("{}/uploads/{video}", self.bench.server.control().unwrap_or_default());
        let answer = self.bench.send(self.bench.client.get(address)).await;
        self.note(what, answer.text);
    }
}

/// What there is to say of an answer that does not depend on chance.
pub(crate) fn told(answer: &Answer) -> String {
    let body = parsed(answer);
    let mut told = answer.status.to_string();
    if let Some(slug) = body["type"].as_str().and_then(|kind| kind.rsplit('/').next()) {
        told = format!("{told} {slug}");
    }
    for member in ["name", "status"] {
        if answer.status >= 400 && !body[member].is_null() && body[member] != answer.status {
            told = format!("{told} {member}={}", body[member]);
        }
    }
    if answer.status >= 400 && body["title"].is_null() {
        told.push_str(" without a title");
    }
    told
}

/// The body as JSON; null when it is none.
pub(crate) fn parsed(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text).unwrap_or_default()
}

/// A member of an answer that is a text; empty when it is none.
pub(crate) fn text(answer: &Answer, member: &str) -> String {
    parsed(answer)[member].as_str().unwrap_or_default().to_owned()
}
