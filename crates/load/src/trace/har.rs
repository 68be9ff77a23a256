//! HTTP archives (HAR 1.2), as browsers and proxies write them.

use std::io::Read;

use serde::Deserialize;

use super::access_log::is_upload;
use super::collector::{Collector, Entry};
use super::time;

/// The most of an archive that is read.
const MAX_SIZE: u64 = 1 << 30;

#[derive(Deserialize)]
struct Archive {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<ArchiveEntry>,
}

/// All other members, bodies above all, are skipped.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ArchiveEntry {
    started_date_time: String,
    request: Request,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    url: String,
    body_size: i64,
}

/// Reads an archive. `path` is what the path of a request begins with.
pub(super) fn read(file: impl Read, path: &str, collector: &mut Collector) -> Result<(), String> {
    let archive: Archive = serde_json::from_reader(file.take(MAX_SIZE)).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        if error.is_io() {
            error.to_string()
        } else if error.is_eof() {
            format!("it ends at line {line} in the middle of the archive, or is larger than 1 GiB")
        } else {
            format!("it is not an HTTP archive (HAR): see line {line}, column {column}")
        }
    })?;
    collector.has_sizes = true;
    for (number, entry) in (1..).zip(archive.log.entries) {
        collector.take(number, upload(&entry, path))?;
    }
    Ok(())
}

fn upload(entry: &ArchiveEntry, path: &str) -> Result<Option<Entry>, String> {
    let request = &entry.request;
    let is_wanted = url::Url::parse(&request.url).is_ok_and(|url| url.path().starts_with(path));
    if !is_upload(&request.method) || !is_wanted {
        return Ok(None);
    }
    let at = time::rfc3339(&entry.started_date_time).ok_or("its startedDateTime is not a time")?;
    let bytes = u64::try_from(request.body_size).map_err(|_| "its bodySize is unknown")?;
    Ok((bytes > 0).then_some(Entry { at, bytes }))
}
