//! Recorded traffic: when uploads arrived and how large they were, read from a HAR file, an access log or a CSV file.
//!
//! Nothing else of a recording is kept: no address, URL, header or name. Nothing here sends anything.

mod access_log;
mod collector;
mod columns;
mod csv_file;
mod cursor;
mod har;
mod read;
mod recording;
mod source;
mod time;

pub(crate) use columns::Columns;
pub(crate) use cursor::TraceCursor;
pub(crate) use read::{TraceOptions, read};
pub(crate) use recording::Trace;

#[cfg(test)]
mod tests;
