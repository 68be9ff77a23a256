//! Reads the form of an upload as it arrives: the file goes to the store, `videoId` is kept, all else is passed over.
//!
//! A form that is at fault is not an error of the reader: the fault is told beside what was read until then, for
//! credentials come first and may depend on the form.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use tokio::time::Instant;

use super::defect::{Defect, Defects};
use super::multipart::{Event, PartHead, Scanner};
use super::problem::{Problem, kind};
use super::store::{Piece, Sink, Store};
use super::terms::Terms;

/// A field that is no file may be this long.
const MAX_FIELD: usize = 64 * 1024;
/// Everything around the file together may be this long: boundaries, headers, fields.
const MAX_AROUND: u64 = 1024 * 1024;
/// A body may take so many times as long as its caller may be silent: a caller that sends a byte now and then is given up,
/// too.
const PATIENCES: u32 = 60;

/// What was in the form.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) file: Option<ArrivedFile>,
    pub(super) video_id: Option<String>,
    /// What is wrong with it.
    pub(super) fault: Option<Problem>,
    /// Whether its caller broke off.
    pub(super) broken_off: bool,
}

/// The file, arrived completely.
#[derive(Debug)]
pub(super) struct ArrivedFile {
    pub(super) name: String,
    pub(super) length: u64,
    pub(super) piece: Piece,
}

/// Reads one form.
pub(super) struct FormReader<'a> {
    store: &'a Store,
    max_file: u64,
    pace: Pace,
    defects: Defects,
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
    pub(super) fn new(store: &'a Store, max_file: u64, terms: &Terms) -> Self {
        Self {
            store,
            max_file,
            pace: Pace::new(terms.patience),
            defects: terms.defects,
            form: Form::default(),
            part: Part::Other,
            file_bytes: 0,
            all_bytes: 0,
        }
    }

    /// Reads the body to the form's end, or to its first fault.
    pub(super) async fn read(mut self, boundary: Option<String>, body: Body) -> Form {
        let outcome = match boundary {
            Some(boundary) => self.read_parts(&mut Scanner::new(&boundary), body).await,
            None => Err(Problem::new(kind::NO_FILE, "The body is no multipart form.").of("file")),
        };
        self.form.fault = outcome.err();
        self.form.broken_off = self.form.fault.as_ref().is_some_and(|fault| fault.kind == kind::BROKEN_OFF);
        let counts = [Defect::BrokenOffUploadFinishes, Defect::BrokenOffRangeCounts];
        if self.form.broken_off && counts.iter().any(|defect| self.defects.has(*defect)) {
            // What had arrived is kept beside the fault, for whoever overlooks it.
            self.end().await.ok();
        }
        self.form
    }

    async fn read_parts(&mut self, scanner: &mut Scanner, mut body: Body) -> Result<(), Problem> {
        loop {
            match scanner.next().map_err(|error| Problem::new(kind::INVALID_PAYLOAD, error.to_string()))? {
                Event::Begin(head) => self.begin(head).await?,
                Event::Data(bytes) => self.data(&bytes).await?,
                Event::End => self.end().await?,
                Event::Done => break,
                Event::Hungry => {
                    let bytes = self.pace.next_bytes(&mut body).await?.ok_or_else(|| {
                        Problem::new(kind::INVALID_PAYLOAD, "The form ends before its last boundary.")
                    })?;
                    if self.all_bytes - self.file_bytes > MAX_AROUND {
                        return Err(Problem::new(
                            kind::INVALID_PAYLOAD,
                            "There is too much around the file.",
                        ));
                    }
                    self.all_bytes += bytes.len() as u64;
                    scanner.feed(bytes);
                }
            }
        }
        self.finish_body(body).await?;
        match &self.form.file {
            None if self.defects.has(Defect::MissingFileAccepted) => {
                self.form.file = Some(ArrivedFile { name: String::new(), length: 0, piece: Piece::Nothing });
                Ok(())
            }
            None => Err(Problem::new(kind::NO_FILE, "No part of the form has a file name.").of("file")),
            Some(file) if file.length == 0 && !self.defects.has(Defect::EmptyFileAccepted) => {
                Err(Problem::new(kind::EMPTY_FILE, "The file has no bytes.").of("file"))
            }
            Some(_) => Ok(()),
        }
    }

    /// A segment has arrived when its body has ended, not when its form has.
    async fn finish_body(&mut self, mut body: Body) -> Result<(), Problem> {
        let mut behind = 0;
        while let Some(bytes) = self.pace.next_bytes(&mut body).await? {
            behind += bytes.len() as u64;
            if behind > MAX_AROUND {
                return Err(Problem::new(kind::INVALID_PAYLOAD, "There is too much behind the form."));
            }
        }
        Ok(())
    }

    async fn begin(&mut self, head: PartHead) -> Result<(), Problem> {
        self.part = match head.file_name {
            // Browsers send a field in which no file was chosen with an empty name.
            Some(_) if head.field != "file" && self.defects.has(Defect::FileByFieldName) => Part::Other,
            Some(name) if !name.is_empty() => {
                if self.form.file.is_some() && self.defects.has(Defect::SecondFileIgnored) {
                    self.part = Part::Other;
                    return Ok(());
                }
                if self.form.file.is_some() {
                    return Err(Problem::new(kind::MULTIPLE_FILES, "One form carries one file.").of("file"));
                }
                let sink = self.store.sink().await.map_err(|error| not_kept(&error))?;
                Part::File { name: base_name(&name), length: 0, sink }
            }
            None if self.form.file.is_some() && self.defects.has(Defect::VideoIdBehindFileIgnored) => {
                Part::Other
            }
            None if head.field == "videoId" => Part::VideoId(Vec::new()),
            _ => Part::Other,
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
                if *length > self.max_file {
                    let detail = format!("A file of one request has at most {} bytes.", self.max_file);
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

/// How slow a caller may be.
struct Pace {
    patience: Duration,
    end: Instant,
}

impl Pace {
    fn new(patience: Duration) -> Self {
        Self { patience, end: Instant::now() + patience * PATIENCES }
    }

    /// The next bytes of a body; `None` at its end.
    async fn next_bytes(&self, body: &mut Body) -> Result<Option<Bytes>, Problem> {
        loop {
            let until = self.end.min(Instant::now() + self.patience);
            let frame = tokio::time::timeout_at(until, body.frame()).await.map_err(|_| {
                Problem::new(kind::REQUEST_TIMEOUT, "The body, or more of it, did not arrive in time.")
            })?;
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
    Problem::new(kind::INTERNAL, format!("The segment could not be kept: {}.", error.kind()))
}
