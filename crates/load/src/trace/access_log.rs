//! Access logs: the Common and the Combined Log Format, and what servers add to them.

use std::io::{BufRead, Read as _};

use super::collector::{Collector, Entry};
use super::columns::Columns;
use super::time;

/// The longest line that is read.
const MAX_LINE: u64 = 64 << 10;

/// Where the fields of a line are, from 0.
struct Fields {
    time: usize,
    request: usize,
    bytes: Option<usize>,
}

/// Reads a log line by line. `path` is what the path of a request begins with.
pub(super) fn read(
    mut log: impl BufRead,
    columns: &Columns,
    path: &str,
    collector: &mut Collector,
) -> Result<(), String> {
    let fields = Fields::of(columns)?;
    collector.has_sizes = fields.bytes.is_some();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let count = log.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
        if count.map_err(|error| error.to_string())? == 0 {
            break;
        }
        let is_cut = line.len() as u64 == MAX_LINE && !line.ends_with(b"\n");
        if is_cut {
            skip_line(&mut log).map_err(|error| error.to_string())?;
        }
        let text = String::from_utf8_lossy(&line);
        let entry =
            if is_cut { Err("it is longer than 64 KiB".to_owned()) } else { fields.entry(&text, path) };
        if !text.trim().is_empty() {
            collector.take(number, entry)?;
        }
    }
    Ok(())
}

/// Reads to the end of a line, and keeps nothing.
fn skip_line(log: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = log.fill_buf()?;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let count = end.map_or(buffer.len(), |end| end + 1);
        log.consume(count);
        if end.is_some() || count == 0 {
            return Ok(());
        }
    }
}

impl Fields {
    fn of(columns: &Columns) -> Result<Self, String> {
        let number = |column: &Option<String>| match column {
            None => Ok(None),
            Some(text) => match text.parse::<usize>() {
                Ok(number) if number > 0 => Ok(Some(number - 1)),
                _ => Err(format!(
                    "the columns of an access log are numbered from 1, so `{text}` is not valid: write time=4,request=5,bytes=10"
                )),
            },
        };
        Ok(Self {
            time: number(&columns.time)?.unwrap_or(3),
            request: number(&columns.request)?.unwrap_or(4),
            bytes: number(&columns.bytes)?,
        })
    }

    /// The upload of a line; `None` if its request is none.
    fn entry(&self, line: &str, path: &str) -> Result<Option<Entry>, String> {
        let fields = split(line.trim_end());
        let field = |index: usize| fields.get(index).ok_or_else(|| format!("it has no field {}", index + 1));
        let mut request = field(self.request)?.split(' ');
        let (method, url) = (request.next().unwrap_or(""), request.next());
        let url = url.ok_or_else(|| format!("field {} is not a request", self.request + 1))?;
        if !is_upload(method) || !url.starts_with(path) {
            return Ok(None);
        }
        let text = field(self.time)?;
        let at = time::common_log(text).or_else(|| time::any(text));
        let at = at.ok_or_else(|| format!("field {} is not a time", self.time + 1))?;
        let Some(column) = self.bytes else { return Ok(Some(Entry { at, bytes: 0 })) };
        let bytes = match *field(column)? {
            "-" => 0,
            text => text.parse().map_err(|_| format!("field {} is not a number of bytes", column + 1))?,
        };
        Ok((bytes > 0).then_some(Entry { at, bytes }))
    }
}

/// Whether a request with this method sends content.
pub(super) fn is_upload(method: &str) -> bool {
    ["POST", "PUT", "PATCH"].contains(&method)
}

/// Fields are separated by spaces; quotes and brackets hold some together.
fn split(line: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let close = match first {
            '"' => Some('"'),
            '[' => Some(']'),
            _ => None,
        };
        let body = if close.is_some() { &rest[1..] } else { rest };
        let mut is_escaped = false;
        let end = body.find(|character: char| {
            let is_end = close.map_or(character == ' ', |close| character == close && !is_escaped);
            is_escaped = character == '\\' && !is_escaped;
            is_end
        });
        let end = end.unwrap_or(body.len());
        fields.push(&body[..end]);
        rest = body.get(end + usize::from(close.is_some())..).unwrap_or("").trim_start();
    }
    fields
}
