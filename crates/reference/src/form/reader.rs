//! Reads the form of an upload as it arrives: the file goes to the store, `videoId` is kept, all else is ignored.
//!
//! A faulty form is no error of the reader: the fault is reported beside what was read until then, because credentials
//! are judged first and may depend on the form.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use tokio::time::Instant;

use super::disposition::{PartHead, PartRole};
use super::parser::{Event, Parser};
use crate::policy::decisions::Policy;
use crate::problem::{Problem, kind};
use crate::settings::Settings;
use crate::store::{Piece, Sink, Store};

/// A field that is no file may be this long.
const MAX_FIELD: usize = 64 * 1024;
/// Everything around the file together may be this long: boundaries, headers, fields.
const MAX_AROUND: u64 = 1024 * 1024;
/// A body may take so many times the idle timeout altogether: a client that sends a byte now and then is given up, too.
const TOTAL_TIMEOUTS: u32 = 60;

/// What was in the form.
#[derive(Debug, Default)]
pub(crate) struct Form {
    pub(crate) file: Option<ArrivedFile>,
    pub(crate) video_id: Option<String>,
    /// What is wrong with it.
    pub(crate) fault: Option<Problem>,
    /// Whether its client broke off.
    pub(crate) broken_off: bool,
}

/// The file, arrived completely.
#[derive(Debug)]
pub(crate) struct ArrivedFile {
    pub(crate) name: String,
    pub(crate) length: u64,
    pub(crate) piece: Piece,
}

/// What is known of a form before it is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FormLimits {
    /// How large the file may be.
    pub(crate) max_file: u64,
    /// Whether the request has a `Content-Range`.
    pub(crate) has_range: bool,
}

/// Reads one form.
pub(crate) struct FormReader<'a> {
    store: &'a Store,
    limits: FormLimits,
    deadline: Deadline,
    policy: &'a Policy,
    form: Form,
    part: Part,
    file_bytes: u64,
    all_bytes: u64,
}

/// What is being read.
enum Part {
    /// Nothing, or what nobody asked for.
    Other,
    VideoId(Vec<u8>),
    File {
        name: String,
        length: u64,
        sink: Sink,
    },
}

impl<'a> FormReader<'a> {
    pub(crate) fn new(store: &'a Store, limits: FormLimits, settings: &'a Settings) -> Self {
        Self {
            store,
            limits,
            deadline: Deadline::new(settings.timeout),
            policy: &settings.policy,
            form: Form::default(),
            part: Part::Other,
            file_bytes: 0,
            all_bytes: 0,
        }
    }

    /// Reads the body to the form's end, or to its first fault.
    pub(crate) async fn read(mut self, boundary: Option<String>, body: Body) -> Form {
        let outcome = match boundary {
            Some(boundary) => self.read_parts(&mut Parser::new(&boundary), body).await,
            None => Err(Problem::new(kind::NO_FILE, "The body is not a multipart form.").of("file")),
        };
        self.form.fault = outcome.err();
        self.form.broken_off = self.form.fault.as_ref().is_some_and(|fault| fault.kind == kind::BROKEN_OFF);
        if self.form.broken_off && self.policy.broken_off_counts(self.limits.has_range, false) {
            self.end().await.ok();
            self.form.fault = self.form.fault.filter(|_| self.form.file.is_none());
        }
        self.form
    }

    async fn read_parts(&mut self, parser: &mut Parser, mut body: Body) -> Result<(), Problem> {
        loop {
            match parser.next().map_err(|error| Problem::new(kind::INVALID_PAYLOAD, error.to_string()))? {
                Event::Begin(head) => self.begin(&head).await?,
                Event::Data(bytes) => self.data(&bytes).await?,
                Event::End => self.end().await?,
                Event::Done => break,
                Event::NeedsMore => {
                    let bytes = self.deadline.next_bytes(&mut body).await?.ok_or_else(|| {
                        Problem::new(kind::INVALID_PAYLOAD, "The form ends before its last boundary.")
                    })?;
                    if self.all_bytes - self.file_bytes > MAX_AROUND {
                        return Err(Problem::new(
                            kind::INVALID_PAYLOAD,
                            "The form has too much data besides the file.",
                        ));
                    }
                    self.all_bytes += bytes.len() as u64;
                    parser.feed(bytes);
                }
            }
        }
        self.finish_body(body).await?;
        self.check_file()
    }

    /// A form has one file, and it is not empty.
    fn check_file(&mut self) -> Result<(), Problem> {
        let Some(file) = &self.form.file else {
            if self.policy.form_fault(kind::NO_FILE, true) {
                return Err(Problem::new(kind::NO_FILE, "No part of the form has a file name.").of("file"));
            }
            self.form.file = Some(ArrivedFile::empty());
            return Ok(());
        };
        if self.policy.form_fault(kind::EMPTY_FILE, file.length == 0) {
            return Err(Problem::new(kind::EMPTY_FILE, "The file has no bytes.").of("file"));
        }
        Ok(())
    }

    /// A segment has arrived when its body has ended, not when its form has.
    async fn finish_body(&mut self, mut body: Body) -> Result<(), Problem> {
        let mut behind = 0;
        while let Some(bytes) = self.deadline.next_bytes(&mut body).await? {
            behind += bytes.len() as u64;
            if behind > MAX_AROUND {
                return Err(Problem::new(kind::INVALID_PAYLOAD, "There is too much data after the form."));
            }
        }
        Ok(())
    }

    async fn begin(&mut self, head: &PartHead) -> Result<(), Problem> {
        let file_seen = self.form.file.is_some();
        self.part = match self.policy.part_role(head, file_seen, head.role()) {
            PartRole::Other => Part::Other,
            PartRole::VideoId => Part::VideoId(Vec::new()),
            PartRole::File(_) if self.policy.form_fault(kind::MULTIPLE_FILES, file_seen) => {
                return Err(Problem::new(kind::MULTIPLE_FILES, "One form carries one file.").of("file"));
            }
            PartRole::File(name) => {
                let sink = self.store.sink().await.map_err(|error| not_kept(&error))?;
                Part::File { name: base_name(&name), length: 0, sink }
            }
        };
        Ok(())
    }

    async fn data(&mut self, bytes: &Bytes) -> Result<(), Problem> {
        match &mut self.part {
            Part::Other => {}
            Part::VideoId(value) => {
                if value.len() + bytes.len() > MAX_FIELD {
                    return Err(Problem::new(kind::INVALID_ATTRIBUTE, "The id is too long.").of("videoId"));
                }
                value.extend_from_slice(bytes);
            }
            Part::File { length, sink, .. } => {
                *length += bytes.len() as u64;
                self.file_bytes += bytes.len() as u64;
                if *length > self.limits.max_file {
                    let detail = format!("A file of one request has at most {} bytes.", self.limits.max_file);
                    return Err(Problem::new(kind::FILE_TOO_LARGE, detail).of("file"));
                }
                sink.write(bytes).await.map_err(|error| not_kept(&error))?;
            }
        }
        Ok(())
    }

    async fn end(&mut self) -> Result<(), Problem> {
        match std::mem::replace(&mut self.part, Part::Other) {
            Part::Other => {}
            Part::VideoId(value) => {
                self.form.video_id = Some(String::from_utf8_lossy(&value).trim().to_owned());
            }
            Part::File { name, length, sink } => {
                let piece = sink.finish().await.map_err(|error| not_kept(&error))?;
                self.form.file = Some(ArrivedFile { name, length, piece });
            }
        }
        Ok(())
    }
}

impl ArrivedFile {
    fn empty() -> Self {
        Self { name: String::new(), length: 0, piece: Piece::Nothing }
    }
}

/// How slow a client may be.
struct Deadline {
    idle: Duration,
    end: Instant,
}

impl Deadline {
    fn new(idle: Duration) -> Self {
        Self { idle, end: Instant::now() + idle * TOTAL_TIMEOUTS }
    }

    /// The next bytes of a body; `None` at its end.
    async fn next_bytes(&self, body: &mut Body) -> Result<Option<Bytes>, Problem> {
        loop {
            let until = self.end.min(Instant::now() + self.idle);
            let frame = tokio::time::timeout_at(until, body.frame())
                .await
                .map_err(|_| Problem::new(kind::REQUEST_TIMEOUT, "The body did not arrive in time."))?;
            match frame {
                None => return Ok(None),
                Some(Err(_)) => {
                    return Err(Problem::new(kind::BROKEN_OFF, "The body ended before its length."));
                }
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        return Ok(Some(bytes));
                    }
                }
            }
        }
    }
}

/// What is left of a file name without folders and control characters; it becomes a title and never a path.
fn base_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    name.chars().filter(|letter| !letter.is_control()).take(255).collect()
}

fn not_kept(error: &std::io::Error) -> Problem {
    Problem::new(kind::INTERNAL, format!("The segment could not be stored: {}.", error.kind()))
}
