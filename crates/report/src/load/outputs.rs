//! The files that load reports go to: opened before the run, filled after it.

use std::fmt;
use std::io;
use std::str::FromStr;

use thiserror::Error;

use super::{csv, hlog, load_json};
use crate::destination::Location;
use crate::outputs::Sink;
use uptake_outcome::load::LoadRun;

/// A form in which a load run is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadFormat {
    /// The whole run, versioned, for programs.
    Json,
    /// The histograms, for `HdrHistogram`'s own tools.
    Hlog,
    /// The series.
    Csv,
}

/// A report that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadDestination {
    /// Its format.
    pub format: LoadFormat,
    /// Where it goes.
    pub location: Location,
}

/// A report that cannot be had.
#[derive(Debug, Error)]
pub enum LoadReportError {
    /// Two reports would be written to one place.
    #[error("two reports cannot both be written to {0}")]
    Twice(Location),
    /// The destination cannot be opened.
    #[error("the {format} report cannot be written to {place}: {source}")]
    Open {
        /// The report's format.
        format: LoadFormat,
        /// Where it was to go.
        place: Location,
        /// What the system says.
        source: io::Error,
    },
    /// The destination could be opened, but the report is not there whole.
    #[error("the {format} report was not written to {place}: {source}")]
    Write {
        /// The report's format.
        format: LoadFormat,
        /// Where it was to go.
        place: Location,
        /// What the system says.
        source: io::Error,
    },
}

impl LoadFormat {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Json, Self::Hlog, Self::Csv];

    /// The word that names it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Hlog => "hlog",
            Self::Csv => "csv",
        }
    }

    /// `run` in this format.
    pub fn render(self, run: &LoadRun) -> String {
        match self {
            Self::Json => load_json(run),
            Self::Hlog => hlog(run),
            Self::Csv => csv(run),
        }
    }
}

impl fmt::Display for LoadFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for LoadDestination {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        let (format, file) = given
            .split_once('=')
            .ok_or_else(|| format!("`{given}` names no format: write json=FILE, hlog=FILE or csv=FILE"))?;
        let format = LoadFormat::ALL
            .into_iter()
            .find(|known| known.word() == format)
            .ok_or_else(|| format!("there is no report format `{format}`: it is json, hlog or csv"))?;
        let location = match file {
            "" => {
                return Err(format!(
                    "`{given}` names no file: write {format}=FILE, or {format}=- for standard output"
                ));
            }
            "-" => Location::Stdout,
            path => Location::File(path.into()),
        };
        Ok(Self { format, location })
    }
}

/// Reports that are going to be written.
#[derive(Debug)]
pub struct LoadOutputs(Vec<(LoadDestination, Sink)>);

impl LoadOutputs {
    /// Opens every destination, and changes none of them yet.
    pub fn open(destinations: Vec<LoadDestination>) -> Result<Self, LoadReportError> {
        let mut outputs: Vec<(LoadDestination, Sink)> = Vec::new();
        for destination in destinations {
            if outputs.iter().any(|(earlier, _)| earlier.location == destination.location) {
                return Err(LoadReportError::Twice(destination.location));
            }
            let sink = match &destination.location {
                Location::Stdout => Sink::Stdout,
                Location::File(path) => Sink::open(path).map_err(|source| LoadReportError::Open {
                    format: destination.format,
                    place: destination.location.clone(),
                    source,
                })?,
            };
            outputs.push((destination, sink));
        }
        Ok(Self(outputs))
    }

    /// Whether a report goes to standard output, where nothing else may be printed then.
    pub fn take_stdout(&self) -> bool {
        self.0.iter().any(|(destination, _)| destination.location == Location::Stdout)
    }

    /// Whether one of the reports shows the run interval by interval.
    pub fn want_intervals(&self) -> bool {
        self.0.iter().any(|(destination, _)| destination.format == LoadFormat::Hlog)
    }

    /// Writes `run` to every destination. One that fails does not keep the others from being written; the first failure is
    /// told.
    pub fn write(self, run: &LoadRun) -> Result<(), LoadReportError> {
        let mut result = Ok(());
        for (LoadDestination { format, location }, sink) in self.0 {
            let written = sink.fill(format.render(run).as_bytes());
            result = result.and(written.map_err(|source| LoadReportError::Write {
                format,
                place: location,
                source,
            }));
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::sample;

    #[test]
    fn a_misspelt_destination_is_explained() {
        for (given, why) in
            [("x.json", "names no format"), ("xml=x", "it is json, hlog or csv"), ("csv=", "names no file")]
        {
            let error = given.parse::<LoadDestination>().expect_err("misspelt");
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn each_format_goes_to_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let given: Vec<LoadDestination> = LoadFormat::ALL
            .iter()
            .map(|format| {
                format!("{format}={}", path(format.word()).display()).parse().expect("well written")
            })
            .collect();
        let run = sample::run();
        LoadOutputs::open(given).and_then(|outputs| outputs.write(&run)).expect("written");
        for format in LoadFormat::ALL {
            assert_eq!(std::fs::read_to_string(path(format.word())).expect("there"), format.render(&run));
        }
    }

    #[test]
    fn a_bad_path_fails_before_the_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let given = format!("json={}/not/there.json", folder.path().display()).parse().expect("well written");
        assert!(
            LoadOutputs::open(vec![given]).expect_err("no folder").to_string().contains("there is no folder")
        );
    }
}
