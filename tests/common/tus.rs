//! A small server of tus 1.0.0 with all its extensions, written from the protocol's text and from nothing of the harness. It
//! keeps uploads in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

use super::little::{Asked, Little, Reply};

/// The longest upload.
const MAX_SIZE: usize = 4 << 20;
const EXTENSIONS: &str =
    "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination,concatenation";

#[derive(Default)]
struct Upload {
    data: Vec<u8>,
    /// None where it is deferred.
    length: Option<usize>,
    metadata: Option<String>,
    concat: Option<String>,
}

/// What the server keeps.
#[derive(Default)]
struct Uploads {
    made: usize,
    all: BTreeMap<String, Upload>,
}

/// Starts the server; its uploads are made by `POST /files`.
pub(crate) fn tus_server() -> Little {
    let uploads = Mutex::<Uploads>::default();
    Little::start(move |asked| {
        let mut uploads = uploads.lock().unwrap_or_else(PoisonError::into_inner);
        let method = asked.header("x-http-method-override").unwrap_or(&asked.method).to_owned();
        if method == "OPTIONS" {
            return tus(204)
                .header("Tus-Version", "1.0.0")
                .header("Tus-Extension", EXTENSIONS)
                .header("Tus-Max-Size", MAX_SIZE)
                .header("Tus-Checksum-Algorithm", "sha1");
        }
        if asked.target == "/" {
            return tus(404);
        }
        if asked.header("tus-resumable") != Some("1.0.0") {
            return tus(412).header("Tus-Version", "1.0.0");
        }
        match method.as_str() {
            "POST" if asked.target == "/files" => uploads.create(asked),
            "HEAD" => uploads.head(asked),
            "PATCH" => uploads.patch(asked),
            "DELETE" if uploads.all.remove(&asked.target).is_some() => tus(204),
            "DELETE" => tus(404),
            _ => tus(405),
        }
    })
}

fn tus(status: u16) -> Reply {
    Reply::status(status).header("Tus-Resumable", "1.0.0")
}

fn expires() -> String {
    httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3600))
}

fn number(asked: &Asked, name: &str) -> Option<Result<usize, ()>> {
    asked.header(name).map(|text| {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            Err(())
        } else {
            text.parse().map_err(drop)
        }
    })
}

/// Keys are not empty, occur once, and are followed by at most one value in base64.
fn is_metadata(text: &str) -> bool {
    let mut keys: Vec<&str> = Vec::new();
    text.split(',').map(str::trim).all(|pair| {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let is_new = !keys.contains(&key);
        keys.push(key);
        is_new && !key.is_empty() && STANDARD.decode(value).is_ok()
    })
}

impl Uploads {
    fn create(&mut self, asked: &Asked) -> Reply {
        let length = number(asked, "upload-length");
        let concat = asked.header("upload-concat").map(str::to_owned);
        let metadata = asked.header("upload-metadata").map(str::to_owned);
        if metadata.as_deref().is_some_and(|text| !is_metadata(text)) {
            return tus(400);
        }
        let mut upload = Upload { metadata, concat, ..Upload::default() };
        if let Some(list) = upload.concat.as_deref().and_then(|text| text.strip_prefix("final;")) {
            if length.is_some() {
                return tus(400);
            }
            for url in list.split(' ') {
                let path = url.find("/files/").map_or(url, |at| &url[at..]);
                match self.all.get(path) {
                    Some(part) if part.length == Some(part.data.len()) => upload.data.extend(&part.data),
                    Some(_) => return tus(409),
                    None => return tus(404),
                }
            }
            upload.length = Some(upload.data.len());
        } else {
            match (length, asked.header("upload-defer-length")) {
                (Some(Ok(length)), None) if length > MAX_SIZE => return tus(413),
                (Some(Ok(length)), None) => upload.length = Some(length),
                (None, Some("1")) => {}
                _ => return tus(400),
            }
        }
        let has_data = asked.header("content-type") == Some("application/offset+octet-stream");
        if has_data && upload.length.is_some_and(|length| asked.body.len() > length) {
            return tus(413);
        }
        if has_data {
            upload.data.extend(&asked.body);
        }
        self.made += 1;
        let path = format!("/files/{}", self.made);
        let mut reply = tus(201).header("Location", &path);
        if has_data {
            reply = reply.header("Upload-Offset", upload.data.len());
        }
        if upload.length != Some(upload.data.len()) {
            reply = reply.header("Upload-Expires", expires());
        }
        self.all.insert(path, upload);
        reply
    }

    fn head(&self, asked: &Asked) -> Reply {
        let Some(upload) = self.all.get(&asked.target) else { return tus(404) };
        let reply = tus(200).header("Cache-Control", "no-store").header("Upload-Offset", upload.data.len());
        let reply = match upload.length {
            Some(length) => reply.header("Upload-Length", length),
            None => reply.header("Upload-Defer-Length", "1"),
        };
        let told = [("Upload-Metadata", &upload.metadata), ("Upload-Concat", &upload.concat)];
        told.into_iter().fold(reply, |reply, (name, value)| match value {
            Some(value) => reply.header(name, value),
            None => reply,
        })
    }

    fn patch(&mut self, asked: &Asked) -> Reply {
        let Some(upload) = self.all.get_mut(&asked.target) else { return tus(404) };
        if upload.concat.as_deref().is_some_and(|concat| concat.starts_with("final")) {
            return tus(403);
        }
        if asked.header("content-type") != Some("application/offset+octet-stream") {
            return tus(415);
        }
        match number(asked, "upload-offset") {
            Some(Ok(offset)) if offset == upload.data.len() => {}
            Some(Ok(_)) => return tus(409),
            _ => return tus(400),
        }
        let length = match (number(asked, "upload-length"), upload.length) {
            (None, known) => known,
            (Some(Ok(length)), None) if length >= upload.data.len() && length <= MAX_SIZE => Some(length),
            (Some(Ok(length)), Some(known)) if length == known => Some(known),
            (Some(_), _) => return tus(400),
        };
        if upload.data.len() + asked.body.len() > length.unwrap_or(MAX_SIZE) {
            return tus(413);
        }
        if let Some(checksum) = asked.header("upload-checksum") {
            let wanted = STANDARD.encode(Sha1::digest(&asked.body));
            match checksum.split_once(' ') {
                Some(("sha1", given)) if given == wanted && asked.whole => {}
                Some(("sha1", _)) => return tus(460),
                _ => return tus(400),
            }
        }
        upload.length = length;
        upload.data.extend(&asked.body);
        let reply = tus(204).header("Upload-Offset", upload.data.len());
        if upload.length == Some(upload.data.len()) {
            reply
        } else {
            reply.header("Upload-Expires", expires())
        }
    }
}
