//! What can go wrong with a report: its destination was named wrongly, or could not be written.

use std::{io, path::PathBuf};

use thiserror::Error;

use super::Format;

/// A report that cannot be had.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The destination has no format.
    #[error("`{given}` names no format: write FORMAT=FILE, where FORMAT is {}", Format::list())]
    NoFormat {
        /// What was given.
        given: String,
    },
    /// The format is none that uptake writes.
    #[error("there is no report format `{given}`: it is {}", Format::list())]
    UnknownFormat {
        /// What was given.
        given: String,
    },
    /// The destination has no file.
    #[error("`{given}` names no file: write {format}=FILE, or {format}=- for standard output")]
    NoFile {
        /// What was given.
        given: String,
        /// The format that was understood.
        format: Format,
    },
    /// Two reports would be written to one place, and the second would destroy the first.
    #[error("two reports cannot both be written to {place}")]
    Twice {
        /// The place that was named twice.
        place: String,
    },
    /// The destination is a folder.
    #[error("the {format} report cannot be written to {}: it is a folder", path.display())]
    Folder {
        /// The report's format.
        format: Format,
        /// The path, as it was given.
        path: PathBuf,
    },
    /// The destination cannot be opened.
    #[error("the {format} report cannot be written to {}: {source}", path.display())]
    Open {
        /// The report's format.
        format: Format,
        /// The path, as it was given.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The destination could be opened, but the report is not there whole.
    #[error("the {format} report was not written to {}: {source}", path.display())]
    Write {
        /// The report's format.
        format: Format,
        /// The path, as it was given.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

#[cfg(test)]
mod tests {
    use super::super::Destination;

    #[test]
    fn a_misspelt_destination_is_explained() {
        let explained = |given: &str| given.parse::<Destination>().expect_err("misspelt").to_string();
        insta::assert_snapshot!(
            [explained("result.xml"), explained("xml=result.xml"), explained("junit="), explained("=x")].join("\n"),
            @r"
        `result.xml` names no format: write FORMAT=FILE, where FORMAT is json, junit, markdown or github
        there is no report format `xml`: it is json, junit, markdown or github
        `junit=` names no file: write junit=FILE, or junit=- for standard output
        there is no report format ``: it is json, junit, markdown or github
        "
        );
    }
}
