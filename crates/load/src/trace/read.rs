//! Reads a recording; the end of its name says what it is.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use super::collector::Collector;
use super::columns::Columns;
use super::recording::Trace;
use super::source::Hashed;
use super::{access_log, csv_file, har};
use uptake_payload::Seed;

/// How a recording is read and replayed.
#[derive(Debug, Clone)]
pub(crate) struct TraceOptions {
    /// The columns of a CSV file or an access log.
    pub columns: Columns,
    /// What the paths of uploads begin with.
    pub path: Option<String>,
    /// How much faster than it was recorded.
    pub speed: f64,
    /// The seed of resampled arrivals.
    pub seed: Seed,
}

/// Reads a recording.
pub(crate) fn read(path: &Path, options: &TraceOptions) -> Result<Trace, String> {
    let shown = path.display();
    let file = File::open(path).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let wrong = |why: String| format!("cannot read {shown}: {why}");
    let mut file = Hashed::new(BufReader::with_capacity(256 << 10, file));
    let collected = collect(path, options, &mut file).map_err(wrong)?;
    if collected.is_empty() {
        let unread = collected.unread_sentence().map(|unread| format!(" ({unread})")).unwrap_or_default();
        return Err(format!(
            "{shown} has no upload{unread}: a POST, PUT or PATCH with content, or a row of a CSV file"
        ));
    }
    let sha256 = file.finish().map_err(|error| format!("cannot read {shown}: {error}"))?;
    Ok(Trace::new(collected, sha256, options.speed, options.seed))
}

fn collect(path: &Path, options: &TraceOptions, file: &mut impl Read) -> Result<Collector, String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let is = |extension: &str| path.extension().is_some_and(|known| known.eq_ignore_ascii_case(extension));
    let prefix = options.path.as_deref().unwrap_or("");
    if is("har") {
        if !options.columns.are_default() {
            return Err("an HTTP archive (HAR) has no columns: leave out --from-columns".to_owned());
        }
        let mut collector = Collector::new(name, "entry");
        har::read(BufReader::new(file), prefix, &mut collector)?;
        return Ok(collector);
    }
    let mut collector = Collector::new(name, "line");
    if is("csv") {
        if options.path.is_some() {
            return Err("a CSV file has no paths: leave out --from-path".to_owned());
        }
        csv_file::read(file, &options.columns, &mut collector)?;
    } else {
        access_log::read(BufReader::new(file), &options.columns, prefix, &mut collector)?;
    }
    Ok(collector)
}
