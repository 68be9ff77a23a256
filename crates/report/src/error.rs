//! What can go wrong with a report: an invalid destination, or one that cannot be written.

use std::{io, path::PathBuf};

use thiserror::Error;

/// A report that cannot be written.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The destination has no format.
    #[error("`{given}` has no format: write FORMAT=FILE, where FORMAT is {known}")]
    NoFormat {
        /// What was given.
        given: String,
        /// The formats.
        known: String,
    },
    /// There is no such format for this kind of result.
    #[error("unknown report format `{given}`: use {known}")]
    UnknownFormat {
        /// What was given.
        given: String,
        /// The formats.
        known: String,
    },
    /// The destination has no file.
    #[error("`{given}` has no file: write {format}=FILE, or {format}=- for standard output")]
    NoFile {
        /// What was given.
        given: String,
        /// The format.
        format: &'static str,
    },
    /// Two reports would be written to one place, and the second would overwrite the first.
    #[error("two reports cannot both be written to {place}")]
    Twice {
        /// The place that was named twice.
        place: String,
    },
    /// The destination is a directory.
    #[error("cannot write the {format} report to {}: it is a directory", path.display())]
    Folder {
        /// The report's format.
        format: &'static str,
        /// The path, as it was given.
        path: PathBuf,
    },
    /// The destination cannot be opened.
    #[error("cannot write the {format} report to {}: {source}", path.display())]
    Open {
        /// The report's format.
        format: &'static str,
        /// The path, as it was given.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The destination could be opened, but the report is not complete.
    #[error("the {format} report was not written to {}: {source}", path.display())]
    Write {
        /// The report's format.
        format: &'static str,
        /// The path, as it was given.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

#[cfg(test)]
mod tests {
    use crate::{CheckFormat, Destination, LoadFormat};

    #[test]
    fn a_misspelt_destination_is_explained() {
        let check =
            |given: &str| given.parse::<Destination<CheckFormat>>().expect_err("misspelt").to_string();
        let load = |given: &str| given.parse::<Destination<LoadFormat>>().expect_err("misspelt").to_string();
        insta::assert_snapshot!(
            [check("result.xml"), check("xml=result.xml"), check("junit="), check("junit"), check("=x"), load("junit=x")].join("\n"),
            @r"
        `result.xml` has no format: write FORMAT=FILE, where FORMAT is json, junit, markdown, github, html, ctrf or har
        unknown report format `xml`: use json, junit, markdown, github, html, ctrf or har
        `junit=` has no file: write junit=FILE, or junit=- for standard output
        `junit` has no file: write junit=FILE, or junit=- for standard output
        unknown report format ``: use json, junit, markdown, github, html, ctrf or har
        unknown report format `junit`: use json, hlog, csv or html
        "
        );
    }
}
