//! Several servers side by side: JSON, and a badge for each server. The page is in `html`, the summary in `terminal`.

mod badge;

pub use badge::{Badge, badge};

use super::stored::{pretty, read, schema_of};
use uptake_outcome::{SERVERS_FORMAT, Servers};

/// The comparison as JSON, indented, with a line end.
pub fn servers_json(servers: &Servers) -> String {
    pretty(servers)
}

/// The JSON Schema of a comparison.
pub fn servers_schema() -> String {
    schema_of::<Servers>()
}

/// Reads a comparison; what is wrong with it is told in words.
pub fn read_servers(text: &str) -> Result<Servers, String> {
    read(text, "matrix", (|servers: &Servers| servers.format, SERVERS_FORMAT))
}
