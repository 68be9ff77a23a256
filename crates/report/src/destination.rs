//! Which report, and where it goes: `junit=FILE`, `json=-`, `github`.

use std::{fmt, path::PathBuf, str::FromStr};

use super::{ReportError, github, json, junit, markdown};
use uptake_outcome::{FailOn, Run};

/// A form in which a run is written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// The whole run, versioned, for programs.
    Json,
    /// What CI systems read.
    Junit,
    /// What people read in the summary of a job.
    Markdown,
    /// Workflow commands, which GitHub shows as annotations.
    Github,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Json, Self::Junit, Self::Markdown, Self::Github];

    /// The word that names the format on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Github => "github",
        }
    }

    /// `run` in this format.
    pub fn render(self, run: &Run, fail_on: FailOn) -> String {
        match self {
            Self::Json => json(run),
            Self::Junit => junit(run),
            Self::Markdown => markdown(run, fail_on),
            Self::Github => github(run, fail_on),
        }
    }

    /// The formats as a sentence names them.
    pub(super) fn list() -> String {
        let words = Self::ALL.map(Self::word);
        let (last, others) = words.split_last().expect("there is at least one format");
        format!("{} or {last}", others.join(", "))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Format {
    type Err = ReportError;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.word() == given)
            .ok_or_else(|| ReportError::UnknownFormat { given: given.to_owned() })
    }
}

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

/// A report that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Destination {
    /// The report's format.
    pub format: Format,
    /// Where it goes.
    pub location: Location,
}

impl FromStr for Destination {
    type Err = ReportError;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        // Annotations are read from the output of the step, so that they need no place.
        if given == Format::Github.word() {
            return Ok(Self { format: Format::Github, location: Location::Stdout });
        }
        let (format, file) =
            given.split_once('=').ok_or_else(|| ReportError::NoFormat { given: given.to_owned() })?;
        let format: Format = format.parse()?;
        let location = match file {
            "" => return Err(ReportError::NoFile { given: given.to_owned(), format }),
            "-" => Location::Stdout,
            path => Location::File(PathBuf::from(path)),
        };
        Ok(Self { format, location })
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Destination, Format, Location};

    fn file(format: Format, path: &str) -> Destination {
        Destination { format, location: Location::File(PathBuf::from(path)) }
    }

    #[test]
    fn a_destination_is_a_format_and_a_place() {
        let read = |given: &str| given.parse::<Destination>().expect("well written");
        assert_eq!(read("json=out.json"), file(Format::Json, "out.json"));
        assert_eq!(read("junit=a=b/c.xml"), file(Format::Junit, "a=b/c.xml"), "only the first `=` divides");
        assert_eq!(read("junit=-").location, Location::Stdout);
        assert_eq!(read("github"), Destination { format: Format::Github, location: Location::Stdout });
        assert_eq!(read("github=notes.txt"), file(Format::Github, "notes.txt"));
    }
}
