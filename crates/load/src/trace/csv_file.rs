//! CSV files, whose first line names the columns.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use csv::{ByteRecord, ReaderBuilder};

use super::collector::{Collector, Entry};
use super::columns::Columns;
use super::time;

/// The most that is read for one record: a quote that is never closed must not make us hold the file.
const MAX_RECORD: u64 = 1 << 20;

/// Reads a file record by record.
pub(super) fn read(file: impl Read, columns: &Columns, collector: &mut Collector) -> Result<(), String> {
    if columns.request.is_some() {
        return Err("the column `request` belongs to access logs: a CSV file has time and bytes".to_owned());
    }
    let budget = Rc::new(Cell::new(MAX_RECORD));
    let file = Budgeted { file, left: Rc::clone(&budget) };
    let mut reader = ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(file);
    let names: Vec<String> = {
        let header = reader.byte_headers().map_err(|error| why(&error))?;
        header.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
    };
    let find = |name: &str| names.iter().position(|known| known == name);
    let require = |name: &str| {
        let known = names.join(", ");
        find(name).ok_or_else(|| {
            format!("it has no column `{name}` (it has: {known}): name its columns by --from-columns time=NAME,bytes=NAME")
        })
    };
    let at = require(columns.time.as_deref().unwrap_or("time"))?;
    let bytes = match &columns.bytes {
        Some(name) => Some(require(name)?),
        None => find("bytes"),
    };
    collector.has_sizes = bytes.is_some();
    let mut record = ByteRecord::new();
    loop {
        budget.set(MAX_RECORD);
        if !reader.read_byte_record(&mut record).map_err(|error| why(&error))? {
            return Ok(());
        }
        let line = record.position().map_or(0, csv::Position::line);
        collector.take(line, entry(&record, at, bytes))?;
    }
}

fn entry(record: &ByteRecord, at: usize, bytes: Option<usize>) -> Result<Option<Entry>, String> {
    let text = |index: usize| record.get(index).and_then(|field| std::str::from_utf8(field).ok());
    let time = text(at).and_then(time::any).ok_or("its time cannot be read")?;
    let Some(bytes) = bytes else { return Ok(Some(Entry { at: time, bytes: 0 })) };
    let bytes = text(bytes).and_then(|text| text.parse().ok()).ok_or("its number of bytes cannot be read")?;
    Ok((bytes > 0).then_some(Entry { at: time, bytes }))
}

fn why(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Io(error) => error.to_string(),
        _ => "it is not CSV".to_owned(),
    }
}

/// A file of which so much may be read until the budget is set again.
struct Budgeted<R> {
    file: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Budgeted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.get() == 0 {
            return Err(io::Error::other("a record is longer than 1 MiB: is a quote not closed?"));
        }
        let count = self.file.read(buffer)?;
        self.left.set(self.left.get().saturating_sub(count as u64));
        Ok(count)
    }
}
