//! Which report, and where it goes: `junit=FILE`, `json=-`, `github`.

use std::{fmt, path::PathBuf, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Format, ReportError};

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Location {
    /// Standard output, written `-`.
    Stdout,
    /// A file.
    File(PathBuf),
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => f.write_str("standard output"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// A report to write. Its text form is the one of the command line.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String", bound(serialize = "F: Format", deserialize = "F: Format"))]
pub struct Destination<F> {
    /// The report's format.
    pub format: F,
    /// Where it goes.
    pub location: Location,
}

impl<F: Format> FromStr for Destination<F> {
    type Err = ReportError;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        let (word, file) = match given.split_once('=') {
            Some((word, file)) => (word, Some(file)),
            None => (given, None),
        };
        let format = F::ALL.iter().copied().find(|format| format.word() == word).ok_or_else(|| {
            let (given, known) = (given.to_owned(), F::list());
            if file.is_some() {
                ReportError::UnknownFormat { given: word.to_owned(), known }
            } else {
                ReportError::NoFormat { given, known }
            }
        })?;
        let location = match file {
            None if format.is_for_stdout() => Location::Stdout,
            None | Some("") => {
                return Err(ReportError::NoFile { given: given.to_owned(), format: format.word() });
            }
            Some("-") => Location::Stdout,
            Some(path) => Location::File(PathBuf::from(path)),
        };
        Ok(Self { format, location })
    }
}

impl<F: Format> TryFrom<String> for Destination<F> {
    type Error = ReportError;

    fn try_from(given: String) -> Result<Self, ReportError> {
        given.parse()
    }
}

impl<F: Format> From<Destination<F>> for String {
    fn from(Destination { format, location }: Destination<F>) -> Self {
        match location {
            Location::Stdout => format!("{}=-", format.word()),
            Location::File(path) => format!("{}={}", format.word(), path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Destination, Location};
    use crate::{CheckFormat, LoadFormat};

    fn file(format: CheckFormat, path: &str) -> Destination<CheckFormat> {
        Destination { format, location: Location::File(PathBuf::from(path)) }
    }

    #[test]
    fn a_destination_is_a_format_and_a_place() {
        let read = |given: &str| given.parse::<Destination<CheckFormat>>().expect("well written");
        assert_eq!(read("json=out.json"), file(CheckFormat::Json, "out.json"));
        assert_eq!(
            read("junit=a=b/c.xml"),
            file(CheckFormat::Junit, "a=b/c.xml"),
            "only the first `=` divides"
        );
        assert_eq!(read("junit=-").location, Location::Stdout);
        assert_eq!(read("github"), Destination { format: CheckFormat::Github, location: Location::Stdout });
        assert_eq!(read("github=notes.txt"), file(CheckFormat::Github, "notes.txt"));
    }

    #[test]
    fn its_text_form_is_read_back() {
        for given in ["json=out.json", "junit=-", "github=notes.txt"] {
            let destination: Destination<CheckFormat> = given.parse().expect("well written");
            assert_eq!(String::from(destination), given);
        }
    }

    #[test]
    fn each_kind_of_result_has_its_own_formats() {
        assert!("hlog=a".parse::<Destination<LoadFormat>>().is_ok());
        assert!("hlog=a".parse::<Destination<CheckFormat>>().is_err());
    }
}
